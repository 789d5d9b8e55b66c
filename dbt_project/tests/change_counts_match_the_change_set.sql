-- Versions whose counts are not those of the published tables, or count more items than there are.
with changed as (

    select
        version,
        count(*) as changed_items
    from {{ ref('changed_catalog_items') }}
    group by version

),

deleted as (

    select
        version,
        count(*) as deleted_items
    from {{ ref('deleted_catalog_items') }}
    group by version

)

select
    counts.version,
    counts.new,
    counts.changed,
    counts.unchanged,
    counts.deleted
from {{ ref('catalog_change_counts') }} as counts
full join changed using (version)
full join deleted using (version)
where
    counts.new + counts.changed is distinct from coalesce(changed.changed_items, 0)
    or counts.deleted is distinct from coalesce(deleted.deleted_items, 0)
    or counts.unchanged < 0
