-- The identity of what an embedding version can see of an item. Two callers share it: dbt, for the whole catalog, and
-- embed-item, which must not start dbt. Stable, although nothing but the arguments counts: concat and convert_to are
-- only stable, and the planner inlines no immutable function of such. Inlined it spares a call for every record.
create or replace function public.record_hash(
    record_fields text[],
    title text,
    description text,
    brand text,
    category text,
    attributes text,
    tags text,
    locale text,
    image_url text
)
returns bytea
language sql
stable
parallel safe
as $$
    select sha256(convert_to(concat(
        case when 'title' = any(record_fields)
            then concat('title:', coalesce(octet_length(title), -1), ':', title) end,
        case when 'description' = any(record_fields)
            then concat('description:', coalesce(octet_length(description), -1), ':', description) end,
        case when 'brand' = any(record_fields)
            then concat('brand:', coalesce(octet_length(brand), -1), ':', brand) end,
        case when 'category' = any(record_fields)
            then concat('category:', coalesce(octet_length(category), -1), ':', category) end,
        case when 'attributes' = any(record_fields)
            then concat('attributes:', coalesce(octet_length(attributes), -1), ':', attributes) end,
        case when 'tags' = any(record_fields)
            then concat('tags:', coalesce(octet_length(tags), -1), ':', tags) end,
        case when 'locale' = any(record_fields)
            then concat('locale:', coalesce(octet_length(locale), -1), ':', locale) end,
        case when 'image_url' = any(record_fields)
            then concat('image_url:', coalesce(octet_length(image_url), -1), ':', image_url) end
    ), 'UTF8'))
$$;

comment on function public.record_hash(text[], text, text, text, text, text, text, text, text) is
'sha256 over those source fields that record_fields names, and over nothing else: each as name:octets:text, with -1 '
'octets for null, so that no two records spell the same; in the order of the parameters, whatever the order of the '
'array. The fields are the cleaned ones of catalog.catalog_items; attributes come as their text, tags with line '
'breaks between them.';
