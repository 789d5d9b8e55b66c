-- name: change_counts
select items, new, changed, unchanged, deleted, refused, slice_buckets, slice_salt
from catalog.catalog_change_counts
where version = %s;

-- name: changed_items
select
    changes.org_id,
    changes.namespace,
    changes.item_id,
    changes.change,
    changes.record_hash,
    changes.source_updated_at,
    items.title,
    items.description,
    items.brand,
    items.category,
    items.attributes::text as attributes,
    items.tags,
    items.locale,
    items.image_url
from catalog.changed_catalog_items as changes
inner join catalog.catalog_items as items
    on
        changes.org_id = items.org_id
        and changes.namespace = items.namespace
        and changes.item_id = items.item_id
where
    changes.version = %(version)s
    and (
        %(slice_buckets)s::int is null
        or public.slice_bucket(changes.org_id, changes.item_id, %(slice_salt)s) < %(slice_buckets)s::int
    )
-- The order of the keys that the plan and the vectors are stored by, and the same whenever the plan is made.
order by changes.org_id, changes.namespace, changes.item_id;

-- name: plan_deleted
insert into pipeline.run_plan (run_id, org_id, namespace, item_id, change)
select %(run_id)s, org_id, namespace, item_id, 'deleted'
from catalog.deleted_catalog_items
where version = %(version)s;

-- name: copy_items
copy pipeline.run_plan (
    run_id, org_id, namespace, item_id, change, record_hash, content_hash, source_updated_at
)
from stdin with (format "binary");

-- name: put_item
with line as (
    insert into pipeline.run_plan (
        run_id, org_id, namespace, item_id, change, record_hash, content_hash, source_updated_at
    )
    values (
        %(run_id)s, %(org_id)s, %(namespace)s, %(item_id)s,
        %(change)s, %(record_hash)s, %(content_hash)s, %(source_updated_at)s
    )
    on conflict (run_id, org_id, namespace, item_id) do update set
        change = excluded.change,
        record_hash = excluded.record_hash,
        content_hash = excluded.content_hash,
        source_updated_at = excluded.source_updated_at
),

text as (
    insert into pipeline.run_texts (run_id, content_hash, shard, reusable, outcome)
    values (%(run_id)s, %(content_hash)s, %(shard)s, true, 'loaded')
    on conflict (run_id, content_hash) do update
        set outcome = 'loaded'
        where run_texts.outcome is distinct from 'loaded'
    returning content_hash
),

shard as (
    insert into pipeline.run_shards (run_id, shard, texts, state)
    values (%(run_id)s, %(shard)s, 1, 'loaded')
    on conflict (run_id, shard) do update set texts = run_shards.texts + 1
)

select exists(select from text);

-- name: add_texts
with incoming as (
    select
        incoming.content_hash,
        paid.content_hash is not null as reusable
    from unnest(%(content_hashes)b::bytea[]) as incoming (content_hash)
    left join pipeline.paid_contents as paid on incoming.content_hash = paid.content_hash
)

insert into pipeline.run_texts (run_id, content_hash, shard, reusable)
select %(run_id)s, content_hash, %(shard)s, reusable
from incoming
on conflict do nothing
returning content_hash, reusable;

-- name: add_shard
insert into pipeline.run_shards (run_id, shard, texts)
values (%(run_id)s, %(shard)s, %(texts)s);

-- name: analyze
analyze pipeline.run_plan, pipeline.run_texts;

-- name: pending_shards
select shard
from pipeline.run_shards
where run_id = %s and state = 'planned'
order by shard;

-- name: paid_texts
select run_texts.content_hash, paid.part_key
from pipeline.run_texts
inner join pipeline.paid_contents as paid on run_texts.content_hash = paid.content_hash
where run_texts.run_id = %(run_id)s and run_texts.shard = %(shard)s and run_texts.outcome is null
order by paid.part_key;

-- name: unpaid_among
select run_texts.content_hash
from pipeline.run_texts
left join pipeline.paid_contents as paid on run_texts.content_hash = paid.content_hash
where
    run_texts.run_id = %(run_id)s
    and run_texts.content_hash = any(%(content_hashes)b::bytea[])
    and run_texts.outcome is null
    and paid.content_hash is null;

-- name: settle_texts
update pipeline.run_texts
set outcome = %(outcome)s
where run_id = %(run_id)s and content_hash = any(%(content_hashes)b::bytea[]);

-- name: progress
update pipeline.run_shards
set
    embedded = embedded + %(embedded)s,
    reused = reused + %(reused)s,
    loaded = loaded + %(loaded)s,
    requests = requests + %(requests)s,
    retries = retries + %(retries)s,
    tokens = tokens + %(tokens)s
where run_id = %(run_id)s and shard = %(shard)s;

-- name: shard_loaded
update pipeline.run_shards
set state = 'loaded'
where run_id = %(run_id)s and shard = %(shard)s;

-- name: shard_counts
select texts, embedded, reused, loaded, requests, retries, tokens
from pipeline.run_shards
where run_id = %(run_id)s and shard = %(shard)s;

-- name: outcomes
with dead as (
    select distinct org_id, namespace, item_id, record_hash
    from pipeline.dead_letters
    where version = %(version)s and resolved_at is null
),

ended as (
    select
        plan.change <> 'deleted' and (plan.content_hash is null or not texts.reusable) as attempted,
        held.item_id is not null and paid.content_hash is null as unpaid,
        case
            -- Its part was found damaged since: it cannot be sealed.
            when held.item_id is not null and paid.content_hash is null then 'unresolved'
            when plan.change = 'deleted' and held.item_id is null then 'deleted'
            -- It came back before it was deleted.
            when plan.change = 'deleted' and items.item_id is not null then 'loaded'
            when plan.change = 'deleted' then 'unresolved'
            when held.content_hash = plan.content_hash then 'loaded'
            when dead.item_id is not null then 'dead'
            -- The feed went back in time: the vector of the newer row stays.
            when held.source_updated_at > plan.source_updated_at then 'loaded'
            when items.item_id is null then 'deleted'
            else 'unresolved'
        end as outcome
    from pipeline.run_plan as plan
    left join public.item_embeddings as held
        on
            held.version = %(version)s
            and held.modality = 'text'
            and plan.org_id = held.org_id
            and plan.namespace = held.namespace
            and plan.item_id = held.item_id
    left join pipeline.paid_contents as paid on held.content_hash = paid.content_hash
    left join dead
        on
            plan.org_id = dead.org_id
            and plan.namespace = dead.namespace
            and plan.item_id = dead.item_id
            and plan.record_hash = dead.record_hash
    left join analytics.catalog_features_raw as items
        on
            plan.org_id = items.org_id
            and plan.namespace = items.namespace
            and plan.item_id = items.item_id
    left join pipeline.run_texts as texts
        on
            plan.run_id = texts.run_id
            and plan.content_hash = texts.content_hash
    where plan.run_id = %(run_id)s
)

select
    count(*) as planned,
    count(*) filter (where outcome = 'loaded') as loaded,
    count(*) filter (where outcome = 'dead') as dead,
    count(*) filter (where outcome = 'deleted') as deleted,
    count(*) filter (where attempted) as attempted,
    count(*) filter (where unpaid) as unpaid
from ended;
