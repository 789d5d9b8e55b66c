-- No `with` here: the planner never merges a view that has one into the query around it, and then a join to a
-- handful of items would clean the whole catalog.
select
    -- identity, as the source spells it: cleaning could make two items one
    org_id,
    namespace,
    item_id,

    -- what a prompt may show
    catalog.clean_text(title) as title,
    catalog.clean_text(description) as description,
    catalog.clean_text(brand) as brand,
    catalog.clean_text(category) as category,
    catalog.clean_json({{ without_volatile('attributes') }}) as attributes,
    catalog.clean_tags(tags) as tags,
    catalog.clean_text(locale) as locale,
    catalog.clean_text(image_url) as image_url,

    -- about the row itself
    metadata_version,
    {{ plausible_time('updated_at') }} as updated_at
from {{ source('analytics', 'catalog_features_raw') }}
