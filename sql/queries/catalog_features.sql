-- An import gathers the lines of a file in a table of its transaction; good lines have no reason. The catalog
-- is locked against other writers before it is compared, so that what was found holds until it is acted on.

-- name: create_staging
create temporary table incoming_items (
    line bigint not null,
    org_id uuid not null,
    item_id text not null,
    namespace text not null,
    title text,
    description text,
    brand text,
    category text,
    attributes jsonb,
    tags text[],
    image_url text,
    locale text,
    metadata_version text,
    updated_at timestamptz,
    reason text,
    detail text
);

-- name: copy_staging
copy incoming_items from stdin;

-- name: drop_staging
drop table incoming_items;

-- name: analyze_staging
analyze incoming_items;

-- name: lock
lock table analytics.catalog_features_raw in share row exclusive mode;

-- name: drop_duplicates
-- Of an item's lines the last good one stays, or else the last bad one.
with ranked as (
    select
        ctid as place,
        row_number() over (
            partition by org_id, namespace, item_id
            order by reason is null desc, line desc
        ) as rank
    from incoming_items
),

dropped as (
    delete from incoming_items
    using ranked
    where incoming_items.ctid = ranked.place and ranked.rank > 1
    returning incoming_items.reason
)

select count(*) from dropped
where reason is null;

-- name: merge
-- A feed's placeholder such as infinity is no time that a line could be older than; neither is one yet to come.
with compared as (
    select
        incoming.*,
        stored.item_id is null as is_new,
        (stored.updated_at is distinct from incoming.updated_at) as moved,
        case
            when stored.updated_at between '1990-01-01T00:00:00Z' and now() + interval '1 day' then stored.updated_at
        end as stored_at,
        (
            row(
                incoming.title, incoming.description, incoming.brand, incoming.category, incoming.attributes,
                incoming.tags, incoming.image_url, incoming.locale, incoming.metadata_version
            ) is distinct from row(
                stored.title, stored.description, stored.brand, stored.category, stored.attributes,
                stored.tags, stored.image_url, stored.locale, stored.metadata_version
            )
        ) as differs
    from incoming_items as incoming
    left join analytics.catalog_features_raw as stored
        on
            incoming.org_id = stored.org_id
            and incoming.namespace = stored.namespace
            and incoming.item_id = stored.item_id
    where incoming.reason is null
),

judged as (
    select
        *,
        case
            when is_new then 'inserted'
            when differs and updated_at < stored_at then 'stale'
            when differs or (moved and updated_at > coalesce(stored_at, '-infinity')) then 'updated'
            else 'unchanged'
        end as change
    from compared
),

written as (
    insert into analytics.catalog_features_raw (
        org_id, item_id, namespace, title, description, brand, category, attributes, tags, image_url,
        locale, metadata_version, updated_at
    )
    select
        org_id,
        item_id,
        namespace,
        title,
        description,
        brand,
        category,
        attributes,
        tags,
        image_url,
        locale,
        metadata_version,
        coalesce(updated_at, now()) as updated_at
    from judged
    where change in ('inserted', 'updated')
    on conflict (org_id, namespace, item_id) do update set
        title = excluded.title,
        description = excluded.description,
        brand = excluded.brand,
        category = excluded.category,
        attributes = excluded.attributes,
        tags = excluded.tags,
        image_url = excluded.image_url,
        locale = excluded.locale,
        metadata_version = excluded.metadata_version,
        updated_at = excluded.updated_at
)

select
    count(*) filter (where change = 'inserted') as inserted,
    count(*) filter (where change = 'updated') as updated,
    count(*) filter (where change = 'unchanged') as unchanged,
    count(*) filter (where change = 'stale') as stale
from judged;

-- name: delete_missing
-- A good line of an org and namespace makes the file a snapshot of it. A bad line keeps its item.
with covered as (
    select distinct org_id, namespace
    from incoming_items
    where reason is null
)

delete from analytics.catalog_features_raw as stored
using covered
where
    covered.org_id = stored.org_id
    and covered.namespace = stored.namespace
    and not exists (
        select 1
        from incoming_items as incoming
        where
            incoming.org_id = stored.org_id
            and incoming.namespace = stored.namespace
            and incoming.item_id = stored.item_id
    );

-- name: add_dead_letters
insert into pipeline.dead_letters (version, org_id, namespace, item_id, stage, reason, detail)
select '*' as version, org_id, namespace, item_id, 'import' as stage, reason, detail
from incoming_items
where reason is not null
on conflict (version, org_id, namespace, item_id, stage) do update set
    reason = excluded.reason,
    detail = excluded.detail,
    attempts = dead_letters.attempts + 1,
    last_seen_at = now(),
    resolved_at = null;

-- name: resolve_dead_letters
-- An item is dead no more when it has a good line now, or when a snapshot has no line of it at all.
update pipeline.dead_letters as dead
set resolved_at = now()
where
    dead.version = '*'
    and dead.stage = 'import'
    and dead.resolved_at is null
    and exists (
        select 1
        from incoming_items as incoming
        where
            incoming.org_id = dead.org_id
            and incoming.namespace = dead.namespace
            and incoming.reason is null
            and (incoming.item_id = dead.item_id or %(snapshot)s)
    )
    and not exists (
        select 1
        from incoming_items as incoming
        where
            incoming.org_id = dead.org_id
            and incoming.namespace = dead.namespace
            and incoming.item_id = dead.item_id
            and incoming.reason is not null
    );

-- name: refuse_keys
-- What the feed wrote under a key that no table of ours can hold is a dead letter under a key that each can.
with refused as (
    select distinct
        coalesce(org_id, '00000000-0000-0000-0000-000000000000') as org_id,
        left(coalesce(namespace, ''), 100)
        || case when length(namespace) > 100 then '… md5 ' || md5(namespace) else '' end as namespace,
        left(coalesce(item_id, ''), 100)
        || case when length(item_id) > 100 then '… md5 ' || md5(item_id) else '' end as item_id,
        reason
    from catalog.refused_catalog_keys
),

resolved as (
    update pipeline.dead_letters as dead
    set resolved_at = now()
    where
        dead.version = '*'
        and dead.stage = 'import'
        and dead.resolved_at is null
        and dead.reason in (
            'org_id_missing', 'namespace_missing', 'item_id_missing', 'namespace_too_long', 'item_id_too_long'
        )
        and not exists (
            select 1
            from refused
            where
                refused.org_id = dead.org_id
                and refused.namespace = dead.namespace
                and refused.item_id = dead.item_id
        )
)

insert into pipeline.dead_letters as dead (version, org_id, namespace, item_id, stage, reason)
select '*' as version, org_id, namespace, item_id, 'import' as stage, reason
from refused
on conflict (version, org_id, namespace, item_id, stage) do update set
    reason = excluded.reason,
    detail = excluded.detail,
    attempts = dead.attempts + 1,
    last_seen_at = now(),
    resolved_at = null
-- noqa: disable=LT02
where dead.resolved_at is not null or dead.reason <> excluded.reason;
-- noqa: enable=LT02
