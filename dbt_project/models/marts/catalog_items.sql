{{ config(materialized='view') }}

select
    org_id,
    namespace,
    item_id,
    title,
    description,
    brand,
    category,
    attributes,
    tags,
    locale,
    image_url,
    metadata_version,
    updated_at
from {{ ref('stg_catalog_features') }}
where {{ key_refusal() }} is null
