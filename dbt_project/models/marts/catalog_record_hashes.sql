{{ config(unlogged=true, post_hook='analyze {{ this }}') }}

with record_field_sets as (

    select distinct record_fields from {{ ref('stg_embedding_versions') }}

),

items as (

    select
        org_id,
        namespace,
        item_id,
        title,
        description,
        brand,
        category,
        attributes::text as attributes,
        array_to_string(tags, chr(10)) as tags,
        locale,
        image_url,
        updated_at
    from {{ ref('catalog_items') }}
    -- Keeps the planner from cleaning a field again in each place the hash names it. A plain 0 would keep it
    -- from hashing in parallel too: it is an int4 to be cast, and not yet the constant that limits nothing.
    offset bigint '0' -- noqa: AM09

)

select
    record_field_sets.record_fields,
    items.org_id,
    items.namespace,
    items.item_id,
    {{ record_hash('record_field_sets.record_fields', 'items') }} as record_hash,
    items.updated_at as source_updated_at
from items
cross join record_field_sets
