-- name: drop_candidates
drop table if exists pg_temp.evaluation_candidates;

-- name: create_candidates
create temporary table evaluation_candidates (
    candidate int not null,
    org_id uuid not null,
    namespace text not null,
    item_id text not null,
    category text,
    richness int not null
);

-- name: number_candidates
insert into pg_temp.evaluation_candidates (candidate, org_id, namespace, item_id, category, richness)
select
    row_number() over (order by held.org_id, held.namespace, held.item_id) - 1,
    held.org_id,
    held.namespace,
    held.item_id,
    nullif(items.category, ''),
    octet_length(
        concat_ws(
            ' ', items.title, items.description, items.brand, items.category, items.attributes, items.tags
        )
    )
from public.item_embeddings as held
inner join analytics.catalog_features_raw as items
    on
        held.org_id = items.org_id
        and held.namespace = items.namespace
        and held.item_id = items.item_id
where
    held.version = %(version)s
    and held.modality = %(modality)s
    and (%(namespace)s::text is null or held.namespace = %(namespace)s)
    and (%(org_id)s::uuid is null or held.org_id = %(org_id)s)
    and (
        %(against)s::text is null
        or exists (
            select 1
            from public.item_embeddings as other
            where
                other.version = %(against)s
                and other.modality = %(against_modality)s
                and held.org_id = other.org_id
                and held.namespace = other.namespace
                and held.item_id = other.item_id
        )
    );

-- name: analyze_candidates
analyze pg_temp.evaluation_candidates;

-- name: candidates_of
select item_id, candidate, richness
from pg_temp.evaluation_candidates
where item_id = any(%s);

-- name: categories_of
select candidate, category
from pg_temp.evaluation_candidates
where candidate = any(%s);

-- name: purity_by_chance
with sizes as (
    select count(*)::float8 as items
    from pg_temp.evaluation_candidates
    where category is not null
    group by category
)

-- Of two different items: a category of one item never meets its like.
select sum(items * (items - 1)) / nullif(sum(items) * (sum(items) - 1), 0)
from sizes;

-- name: never_loop
set local enable_nestloop = off;

-- name: candidate_vectors
select candidates.candidate, held.vector
from pg_temp.evaluation_candidates as candidates
inner join public.item_embeddings as held
    on
        candidates.org_id = held.org_id
        and candidates.namespace = held.namespace
        and candidates.item_id = held.item_id
where
    held.version = %(version)s
    and held.modality = %(modality)s
    and (%(among)s::int[] is null or candidates.candidate = any(%(among)s));

-- name: coverage
with items as (
    select org_id, namespace, item_id
    from analytics.catalog_features_raw
    where
        (%(namespace)s::text is null or namespace = %(namespace)s)
        and (%(org_id)s::uuid is null or org_id = %(org_id)s)
),

held as (
    select org_id, namespace, item_id
    from public.item_embeddings
    where
        version = %(version)s
        and modality = %(modality)s
        and (%(namespace)s::text is null or namespace = %(namespace)s)
        and (%(org_id)s::uuid is null or org_id = %(org_id)s)
)

select
    count(items.item_id) as catalog_items,
    count(*) filter (where items.item_id is not null and held.item_id is not null) as held,
    count(*) filter (where items.item_id is null) as stale
from items
full join held using (org_id, namespace, item_id);

-- name: exposures
select
    version,
    sum(impressions)::bigint as impressions,
    sum(clicks)::bigint as clicks
from analytics.recommendation_events
where version = any(%s)
group by version
having sum(impressions) > 0
order by version;
