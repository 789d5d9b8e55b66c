-- name: declare_fingerprint
select set_config('catalog_embeddings.fingerprint', %s, true);

-- name: follow_the_package
set local enable_hashjoin = off;
set local enable_mergejoin = off;
set local enable_seqscan = off;

-- name: share_rows
select pg_advisory_xact_lock_shared(hashtextextended('catalog_embeddings.rows.' || %s, 0));

-- name: claim_rows
select pg_advisory_xact_lock(hashtextextended('catalog_embeddings.rows.' || %s, 0));

-- name: record_package
insert into pipeline.load_packages (package_id, run_id, shard, fence, contents, loaded)
values (%(package_id)s, %(run_id)s, %(shard)s, %(fence)s, %(contents)s, 0)
on conflict (package_id) do nothing
returning package_id;

-- name: planned_rows
-- The rows that a package brings, without those that stand already or are newer. replaces: where the row it ousts lies.
select
    package.place,
    planned.org_id,
    planned.item_id,
    planned.namespace,
    planned.record_hash,
    planned.content_hash,
    planned.source_updated_at,
    now() as generated_at,
    planned.replaces
from unnest(%(content_hashes)b::bytea[]) with ordinality as package (content_hash, place)
inner join lateral ( -- noqa: ST05
    -- Fenced: the package leads, whatever the planner believes of tables that were filled a moment ago.
    select
        plan.org_id,
        plan.item_id,
        plan.namespace,
        plan.record_hash,
        plan.content_hash,
        plan.source_updated_at,
        held.ctid::text as replaces
    from pipeline.run_plan as plan
    left join public.item_embeddings as held
        on
            held.version = %(version)s
            and held.modality = %(modality)s
            and plan.org_id = held.org_id
            and plan.namespace = held.namespace
            and plan.item_id = held.item_id
    where
        plan.run_id = %(run_id)s
        and plan.content_hash = package.content_hash
        and exists (
            select 1
            from analytics.catalog_features_raw as items
            where
                plan.org_id = items.org_id
                and plan.namespace = items.namespace
                and plan.item_id = items.item_id
        )
        and (
            held.item_id is null
            or (
                (held.record_hash <> plan.record_hash or held.content_hash <> plan.content_hash)
                and (
                    held.source_updated_at is null
                    or plan.source_updated_at is null
                    or held.source_updated_at <= plan.source_updated_at
                )
            )
        )
    offset 0 -- noqa: AM09
) as planned on true
order by package.place;

-- name: make_room
-- By where they lie: a join with the table may read all of it for each row, where its statistics are stale.
delete from public.item_embeddings
where version = %(version)s and ctid = any(%(replaces)s::tid[]);

-- name: replayed_rows
select
    package.place,
    replayed.org_id,
    replayed.item_id,
    replayed.namespace,
    replayed.record_hash,
    replayed.content_hash,
    replayed.source_updated_at,
    replayed.generated_at,
    null as replaces
from unnest(%(content_hashes)b::bytea[]) with ordinality as package (content_hash, place)
inner join replayed_rows as replayed
    on package.content_hash = replayed.content_hash and replayed.part = any(%(parts)s)
order by package.place;

-- name: copy_rows
-- Into the partition itself: a table with row-level security takes no copy.
copy public.{partition} ( -- noqa: PRS
    version,
    modality,
    dims,
    vector,
    org_id,
    item_id,
    namespace,
    record_hash,
    content_hash,
    source_updated_at,
    generated_at
)
from stdin with (format "binary");

-- name: count_package
update pipeline.load_packages
set loaded = %(loaded)s
where package_id = %(package_id)s;

-- name: mistrust_part
-- An empty record_hash is that of no record: the row is read as before, and the next run makes it anew.
update public.item_embeddings
set record_hash = ''
where
    version = %(version)s
    and content_hash in (
        select paid.content_hash
        from pipeline.paid_contents as paid
        where paid.part_key = %(part_key)s
    );

-- name: mistrust_items
update public.item_embeddings as held
set record_hash = ''
from
    unnest(%(org_ids)s::uuid[], %(namespaces)s::text[], %(item_ids)s::text[]) as mistrusted (
        org_id, namespace, item_id
    )
where
    held.version = %(version)s
    and held.org_id = mistrusted.org_id
    and held.namespace = mistrusted.namespace
    and held.item_id = mistrusted.item_id;

-- name: delete_planned
delete from public.item_embeddings as held
using pipeline.run_plan as plan
where
    plan.run_id = %(run_id)s
    and plan.change = 'deleted'
    and held.version = %(version)s
    and held.org_id = plan.org_id
    and held.namespace = plan.namespace
    and held.item_id = plan.item_id
    and not exists (
        select 1
        from analytics.catalog_features_raw as items
        where
            plan.org_id = items.org_id
            and plan.namespace = items.namespace
            and plan.item_id = items.item_id
    );
