-- name: declare_fingerprint
select set_config('catalog_embeddings.fingerprint', %s, true);

-- name: follow_the_package
set local enable_hashjoin = off;
set local enable_mergejoin = off;
set local enable_seqscan = off;
set local work_mem = '64MB';

-- name: halfvec_oid
select 'halfvec'::regtype::oid::int8;

-- name: record_package
insert into pipeline.load_packages (package_id, run_id, shard, fence, contents, loaded)
values (%(package_id)s, %(run_id)s, %(shard)s, %(fence)s, %(contents)s, 0)
on conflict (package_id) do nothing
returning package_id;

-- name: upsert_package
insert into public.item_embeddings as held (
    org_id, item_id, namespace, version, modality, dims, vector, record_hash, content_hash, source_updated_at
)
select
    planned.org_id,
    planned.item_id,
    planned.namespace,
    %(version)s,
    %(modality)s,
    %(dims)s,
    package.vector,
    planned.record_hash,
    planned.content_hash,
    planned.source_updated_at
from unnest(%(content_hashes)b::bytea[], %(vectors)b::halfvec[]) as package (content_hash, vector)
inner join lateral ( -- noqa: ST05
    -- Fenced: the package leads, whatever the planner believes of tables that were filled a moment ago.
    select
        plan.org_id,
        plan.item_id,
        plan.namespace,
        plan.record_hash,
        plan.content_hash,
        plan.source_updated_at
    from pipeline.run_plan as plan
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
    offset 0 -- noqa: AM09
) as planned on true
on conflict (org_id, item_id, namespace, modality, version) do update set
    dims = excluded.dims,
    vector = excluded.vector,
    record_hash = excluded.record_hash,
    content_hash = excluded.content_hash,
    source_updated_at = excluded.source_updated_at,
    generated_at = now()
-- noqa: disable=LT02
where
    (held.record_hash <> excluded.record_hash or held.content_hash <> excluded.content_hash)
    and (
        held.source_updated_at is null
        or excluded.source_updated_at is null
        or held.source_updated_at <= excluded.source_updated_at
    );
-- noqa: enable=LT02

-- name: insert_replayed
insert into public.item_embeddings (
    org_id,
    item_id,
    namespace,
    version,
    modality,
    dims,
    vector,
    record_hash,
    content_hash,
    source_updated_at,
    generated_at
)
select
    replayed.org_id,
    replayed.item_id,
    replayed.namespace,
    %(version)s,
    %(modality)s,
    %(dims)s,
    package.vector,
    replayed.record_hash,
    replayed.content_hash,
    replayed.source_updated_at,
    replayed.generated_at
from unnest(%(content_hashes)b::bytea[], %(vectors)b::halfvec[]) as package (content_hash, vector)
inner join replayed_rows as replayed
    on package.content_hash = replayed.content_hash and replayed.part = any(%(parts)s);

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
