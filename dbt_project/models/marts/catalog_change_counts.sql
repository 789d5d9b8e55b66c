with versions as (

    select * from {{ ref('stg_embedding_versions') }}

),

-- once for all the versions of the same fields
whole as (

    select
        record_fields,
        count(*) as items
    from {{ ref('catalog_record_hashes') }}
    group by record_fields

),

sliced as (

    select
        versions.version,
        count(*) as items
    from versions
    inner join {{ ref('catalog_record_hashes') }} as records using (record_fields)
    where
        versions.slice_buckets is not null
        and {{ slice_bucket('records.org_id', 'records.item_id', 'versions.slice_salt') }} < versions.slice_buckets
    group by versions.version

),

changes as (

    select
        version,
        count(*) filter (where change = 'new') as new,
        count(*) filter (where change = 'changed') as changed,
        count(*) filter (where change = 'refused') as refused,
        count(*) filter (where change = 'deleted') as deleted
    from {{ ref('int_catalog_item_changes') }}
    group by version

),

counts as (

    select
        versions.version,
        versions.slice_buckets,
        versions.slice_salt,
        case
            when versions.slice_buckets is null then coalesce(whole.items, 0)
            else coalesce(sliced.items, 0)
        end as items,
        coalesce(changes.new, 0) as new,
        coalesce(changes.changed, 0) as changed,
        coalesce(changes.refused, 0) as refused,
        coalesce(changes.deleted, 0) as deleted
    from versions
    left join whole using (record_fields)
    left join sliced using (version)
    left join changes using (version)

)

select
    version,
    slice_buckets,
    slice_salt,
    items,
    new,
    changed,
    items - new - changed - refused as unchanged,
    refused,
    deleted
from counts
