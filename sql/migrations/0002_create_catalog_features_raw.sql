-- depends: 0001_create_extension_and_schemas

-- The product feed owns this table; it is created here only where no feed has made it yet.
create table if not exists analytics.catalog_features_raw (
    org_id uuid not null,
    item_id text not null,
    namespace text not null default 'default',
    title text,
    description text,
    brand text,
    category text,
    attributes jsonb,
    tags text[],
    image_url text,
    locale text,
    metadata_version text,
    updated_at timestamptz,
    primary key (org_id, namespace, item_id)
);
