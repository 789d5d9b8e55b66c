with versions as (

    select
        version,
        modality,
        record_fields
    from {{ source('public', 'embedding_versions') }}
    where status in ('building', 'candidate', 'active')

),

-- One version may be looked at in another slice, for this build alone: version:buckets:salt. Materialized, it would
-- keep whoever joins these versions from doing so in parallel, and one process would hash the whole catalog.
tried as not materialized (

    select
        split_part(setting.tried, ':', 1) as version,
        split_part(setting.tried, ':', 2)::int as slice_buckets,
        split_part(setting.tried, ':', 3) as slice_salt
    from (select current_setting('catalog_embeddings.tried_slice', true) as tried) as setting
    where setting.tried <> ''

),

slices as (

    select
        version,
        slice_buckets,
        slice_salt
    from {{ source('public', 'embedding_version_slices') }}
    where version not in (select tried.version from tried)

    union all

    select
        version,
        slice_buckets,
        slice_salt
    from tried

)

select
    versions.version,
    versions.modality,
    versions.record_fields,
    slices.slice_buckets,
    slices.slice_salt
from versions
left join slices
    on
        versions.version = slices.version
        and slices.slice_buckets < 10000
