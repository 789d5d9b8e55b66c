-- name: similar_items
select item_id, namespace, score, title
from public.similar_items(%(item_id)s, %(k)s, %(namespace)s, %(org_id)s, %(version)s);

-- name: search_items
select item_id, namespace, score, title
from public.search_items(%(query_vector)s::halfvec, %(k)s, %(namespace)s, %(org_id)s, %(version)s);

-- name: namespaces_of
-- Of every version: which of them is read is decided by the namespace.
select distinct held.namespace
from public.item_embeddings as held
where
    held.item_id = %(item_id)s
    and held.modality = 'text'
    and (%(org_id)s::uuid is null or held.org_id = %(org_id)s)
    and exists (
        select 1
        from analytics.catalog_features_raw as items
        where
            held.org_id = items.org_id
            and held.namespace = items.namespace
            and held.item_id = items.item_id
    );

-- name: places_of
-- Whether or not the item has a vector: tags know it before a run does.
select org_id, namespace
from analytics.catalog_features_raw
where
    item_id = %(item_id)s
    and (%(namespace)s::text is null or namespace = %(namespace)s)
    and (%(org_id)s::uuid is null or org_id = %(org_id)s)
order by org_id, namespace
limit 2;

-- name: candidates
-- One statement, so one state of the catalog; and one version, which was chosen before. What joins the catalog's table
-- is not deleted. Of the k + 1 nearest at most the item itself and those with a shared tag are known already, so
-- what is left always fills up to k.
with own_tags as (
    select array_agg(distinct theirs.tag) as tags
    from analytics.catalog_features_raw as items
    cross join unnest(items.tags) as theirs (tag)
    where items.org_id = %(org_id)s and items.namespace = %(namespace)s and items.item_id = %(item_id)s
),

own as materialized (
    select
        own_tags.tags,
        held.vector
    from own_tags
    left join public.item_embeddings as held
        on
            held.version = %(version)s
            and held.modality = 'text'
            and held.org_id = %(org_id)s
            and held.namespace = %(namespace)s
            and held.item_id = %(item_id)s
),

counted as (
    select
        items.item_id,
        items.title,
        cardinality(own.tags) as owns,
        count(distinct theirs.tag) as bears,
        count(distinct theirs.tag) filter (where theirs.tag = any(own.tags)) as shares
    from own
    inner join analytics.catalog_features_raw as items on own.tags && items.tags
    cross join unnest(items.tags) as theirs (tag)
    where items.org_id = %(org_id)s and items.namespace = %(namespace)s and items.item_id <> %(item_id)s
    group by items.item_id, items.title, own.tags
),

tagged as materialized (
    select
        item_id,
        title,
        shares::float8 / (owns + bears - shares) as tag_overlap
    from counted
    order by tag_overlap desc, item_id asc
    limit %(pool)s
),

found as (
    select
        tagged.item_id,
        tagged.title,
        'tags' as source,
        tagged.tag_overlap,
        1 - (held.vector <=> own.vector) as similarity
    from tagged
    cross join own
    left join public.item_embeddings as held
        on
            held.version = %(version)s
            and held.modality = 'text'
            and held.org_id = %(org_id)s
            and held.namespace = %(namespace)s
            and tagged.item_id = held.item_id
    union all
    (
        select
            hits.item_id,
            hits.title,
            'neighbours' as source,
            0 as tag_overlap,
            hits.score as similarity
        from own
        cross join public.search_items(own.vector, %(k)s + 1, %(namespace)s, %(org_id)s, %(version)s) as hits
        where
            own.vector is not null
            and hits.item_id <> %(item_id)s
            and hits.item_id not in (select tagged.item_id from tagged)
        order by hits.score desc, hits.item_id asc
        -- Of 0 rows none is looked for: the search is left out.
        limit greatest(%(k)s - (select count(*) from tagged), 0)
    )
)

select
    item_id,
    title,
    source,
    tag_overlap,
    similarity
from found;
