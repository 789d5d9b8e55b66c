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
-- The record hash is spelled as dbt_project/macros/record_hash.sql spells it; tests hold the two against each other.
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
    sha256(
        convert_to(
            concat(
                case
                    when 'title' = any(%(record_fields)s)
                        then concat('title:', coalesce(octet_length(items.title), -1), ':', items.title)
                end,
                case
                    when 'description' = any(%(record_fields)s)
                        then concat(
                            'description:', coalesce(octet_length(items.description), -1), ':', items.description
                        )
                end,
                case
                    when 'brand' = any(%(record_fields)s)
                        then concat('brand:', coalesce(octet_length(items.brand), -1), ':', items.brand)
                end,
                case
                    when 'category' = any(%(record_fields)s)
                        then concat('category:', coalesce(octet_length(items.category), -1), ':', items.category)
                end,
                case
                    when 'attributes' = any(%(record_fields)s)
                        then concat('attributes:', coalesce(octet_length(items.attributes), -1), ':', items.attributes)
                end,
                case
                    when 'tags' = any(%(record_fields)s)
                        then concat('tags:', coalesce(octet_length(items.tags_text), -1), ':', items.tags_text)
                end,
                case
                    when 'locale' = any(%(record_fields)s)
                        then concat('locale:', coalesce(octet_length(items.locale), -1), ':', items.locale)
                end,
                case
                    when 'image_url' = any(%(record_fields)s)
                        then concat('image_url:', coalesce(octet_length(items.image_url), -1), ':', items.image_url)
                end
            ), 'UTF8'
        )
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
