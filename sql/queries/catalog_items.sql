-- name: all_items
select
    org_id,
    namespace,
    item_id,
    'changed' as change,
    ''::bytea as record_hash,
    updated_at as source_updated_at,
    title,
    description,
    brand,
    category,
    attributes::text as attributes,
    tags,
    locale,
    image_url
from catalog.catalog_items;

-- name: is_there
select to_regclass('catalog.catalog_items');

-- name: drawn_items
select
    org_id,
    namespace,
    item_id,
    'changed' as change,
    ''::bytea as record_hash,
    updated_at as source_updated_at,
    title,
    description,
    brand,
    category,
    attributes::text as attributes,
    tags,
    locale,
    image_url
from catalog.catalog_items
order by md5(concat_ws('/', org_id, namespace, item_id))
limit %s;

-- name: find_item
-- The record as the dbt model catalog_record_hashes gives it to the same function; a test holds their hashes equal.
with items as materialized (
    select
        org_id,
        namespace,
        item_id,
        title,
        description,
        brand,
        category,
        attributes::text as attributes,
        tags,
        array_to_string(tags, chr(10)) as tags_text,
        locale,
        image_url,
        updated_at
    from catalog.catalog_items
    where
        item_id = %(item_id)s
        and (%(namespace)s::text is null or namespace = %(namespace)s)
        and (%(org_id)s::uuid is null or org_id = %(org_id)s)
)

select
    items.org_id,
    items.namespace,
    items.item_id,
    case when held.item_id is null then 'new' else 'changed' end as change,
    public.record_hash(
        %(record_fields)s::text[],
        items.title,
        items.description,
        items.brand,
        items.category,
        items.attributes,
        items.tags_text,
        items.locale,
        items.image_url
    ) as record_hash,
    items.updated_at as source_updated_at,
    items.title,
    items.description,
    items.brand,
    items.category,
    items.attributes,
    items.tags,
    items.locale,
    items.image_url,
    held.record_hash as held_record_hash
from items
left join public.item_embeddings as held
    on
        held.version = %(version)s
        and held.modality = %(modality)s
        and items.org_id = held.org_id
        and items.namespace = held.namespace
        and items.item_id = held.item_id;
