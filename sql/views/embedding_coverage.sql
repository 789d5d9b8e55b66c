-- How much of the catalog each version holds, and of that only the slice that the version is made for. An item is stale
-- by what the feed has written since: later than the record its vector was made of, and later than the start of the
-- last run that looked for changes and ended well.
create or replace view public.embedding_coverage as
with verified_runs as (
    select
        version,
        max(started_at) as started_at
    from pipeline.runs
    where state = 'verified'
    group by version
),

wanted as (
    select
        versions.version,
        items.org_id,
        items.namespace,
        held.item_id is not null as is_held,
        held.item_id is null and exists (
            select 1
            from pipeline.dead_letters as letters
            where
                letters.resolved_at is null
                and letters.version in (versions.version, '*')
                -- An import refuses a line of a file; the item that the catalog has is another matter.
                and (letters.version <> '*' or letters.stage <> 'import')
                and items.org_id = letters.org_id
                and items.namespace = letters.namespace
                and items.item_id = letters.item_id
        ) as is_dead,
        coalesce(
            items.updated_at > coalesce(held.source_updated_at, held.generated_at)
            and items.updated_at > coalesce(verified_runs.started_at, '-infinity')
            -- A feed's placeholder, as to dbt.
            and items.updated_at < now() + interval '1 day',
            false
        ) as is_stale
    from public.embedding_versions as versions
    left join verified_runs using (version)
    left join public.embedding_version_slices as slices using (version)
    cross join analytics.catalog_features_raw as items
    left join public.item_embeddings as held
        on
            versions.version = held.version
            and versions.modality = held.modality
            and items.org_id = held.org_id
            and items.namespace = held.namespace
            and items.item_id = held.item_id
    where
        versions.dropped_at is null
        and (
            slices.version is null
            or public.slice_bucket(items.org_id, items.item_id, slices.slice_salt) < slices.slice_buckets
        )
        -- What no table can hold under its key is no item to dbt either.
        and octet_length(items.item_id) between 1 and 2000
        and octet_length(items.namespace) between 1 and 512
)

select
    version,
    org_id,
    namespace,
    count(*) as items,
    count(*) filter (where is_held) as held,
    count(*) filter (where is_dead) as dead,
    count(*) filter (where not (is_held or is_dead)) as missing,
    count(*) filter (where is_stale) as stale,
    round(count(*) filter (where is_held)::numeric / count(*), 4) as share
from wanted
group by version, org_id, namespace;

comment on view public.embedding_coverage is
'One row a version, org and namespace of the catalog: how much of it the version holds.';
comment on column public.embedding_coverage.items is 'in the catalog, and in the slice the version is made for';
comment on column public.embedding_coverage.held is 'with a vector';
comment on column public.embedding_coverage.dead is 'without one, and an open dead letter says why';
comment on column public.embedding_coverage.missing is 'without either: the next run makes them';
comment on column public.embedding_coverage.stale is
'held, but written by the feed since the last run looked; a changed price counts, though it re-embeds nothing';
comment on column public.embedding_coverage.share is 'held of items, 0 to 1';
