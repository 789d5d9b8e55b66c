{{ config(indexes=[{'columns': ['version', 'org_id', 'namespace', 'item_id'], 'unique': true}]) }}

select
    version,
    org_id,
    namespace,
    item_id
from {{ ref('int_catalog_item_changes') }}
where change = 'deleted'
