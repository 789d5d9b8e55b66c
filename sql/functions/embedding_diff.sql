-- Exact on purpose: without a cast to the version's dims no vector index fits, so none can blur the comparison.
create or replace function public.embedding_diff(
    version_a text,
    version_b text,
    k int default 10,
    sample int default 50
)
returns table (org_id uuid, namespace text, item_id text, shared int, overlap double precision)
language plpgsql
stable
-- A version that was just loaded has no statistics, and looks empty: a loop over it would take minutes.
set enable_nestloop = off
as $$
#variable_conflict use_column
begin
    if exists (
        select named.version
        from unnest(array[$1, $2]) as named (version)
        where named.version not in (select v.version from public.embedding_versions as v where v.dropped_at is null)
    ) then
        raise exception 'embedding_diff compares two versions, and of "%" and "%" one is none, or was dropped', $1, $2
            using hint = 'select version from embedding_versions where dropped_at is null';
    end if;
    return query execute format(
        $query$
        with held as materialized (
            select a.org_id, a.namespace, a.item_id
            from public.item_embeddings as a
            inner join public.item_embeddings as b using (org_id, namespace, item_id, modality)
            inner join analytics.catalog_features_raw as items using (org_id, namespace, item_id)
            where a.version = %1$L and b.version = %2$L and a.modality = 'text'
        ),

        own as materialized (
            select drawn.*, a.vector as vector_a, b.vector as vector_b
            from (
                select held.*
                from held
                order by
                    public.slice_bucket(held.org_id, held.item_id, 'embedding_diff'),
                    held.org_id, held.namespace, held.item_id
                limit $2
            ) as drawn
            inner join public.item_embeddings as a using (org_id, namespace, item_id)
            inner join public.item_embeddings as b using (org_id, namespace, item_id)
            where a.version = %1$L and a.modality = 'text' and b.version = %2$L and b.modality = 'text'
        )

        select own.org_id, own.namespace, own.item_id, near.shared, near.shared::float8 / near.possible
        from own
        cross join lateral (
            select
                count(*) filter (where ranked.place_a <= $1 and ranked.place_b <= $1)::int as shared,
                nullif(least($1, count(*)), 0) as possible
            from (
                select
                    row_number() over (order by a.vector <=> own.vector_a, held.item_id) as place_a,
                    row_number() over (order by b.vector <=> own.vector_b, held.item_id) as place_b
                from held
                inner join public.item_embeddings as a using (org_id, namespace, item_id)
                inner join public.item_embeddings as b using (org_id, namespace, item_id)
                where
                    a.version = %1$L and a.modality = 'text' and b.version = %2$L and b.modality = 'text'
                    and held.org_id = own.org_id
                    and held.namespace = own.namespace
                    and held.item_id <> own.item_id
            ) as ranked
        ) as near
        order by near.shared::float8 / near.possible, own.org_id, own.namespace, own.item_id
        $query$,
        version_a, version_b
    ) using $3, $4;
end
$$;

comment on function public.embedding_diff(text, text, int, int) is
'How differently two versions see the same items, the least alike first.
shared: of an item''s k nearest neighbours, how many both versions name.
overlap: which share that is; 1 is the same, null is an item without neighbours.
Compared are items of the catalog that both versions hold, within an item''s own org and namespace.
The sample is drawn by the items'' ids, and is the same every time.
Exact: it reads every vector of both versions once for each item of the sample.';
