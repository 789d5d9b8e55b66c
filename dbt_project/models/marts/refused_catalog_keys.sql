{{ config(materialized='view') }}

with judged as (

    select
        org_id,
        namespace,
        item_id,
        {{ key_refusal() }} as reason
    from {{ source('analytics', 'catalog_features_raw') }}

)

select
    org_id,
    namespace,
    item_id,
    reason
from judged
where reason is not null
