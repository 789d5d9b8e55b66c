with items as (

    select
        record_fields,
        count(*) as items
    from {{ ref('catalog_record_hashes') }}
    group by record_fields

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
        coalesce(items.items, 0) as items,
        coalesce(changes.new, 0) as new,
        coalesce(changes.changed, 0) as changed,
        coalesce(changes.refused, 0) as refused,
        coalesce(changes.deleted, 0) as deleted
    from {{ ref('stg_embedding_versions') }} as versions
    left join items using (record_fields)
    left join changes using (version)

)

select
    version,
    items,
    new,
    changed,
    items - new - changed - refused as unchanged,
    refused,
    deleted
from counts
