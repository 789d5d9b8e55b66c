{{ config(indexes=[{'columns': ['version', 'org_id', 'namespace', 'item_id'], 'unique': true}]) }}

select
    version,
    org_id,
    namespace,
    item_id,
    change,
    record_hash,
    source_updated_at
from {{ ref('int_catalog_item_changes') }}
where change in ('new', 'changed')
