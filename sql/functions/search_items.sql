-- Nearest items to a vector. The version and its dims become constants of the statement, so that the planner
-- prunes to one partition and can use an index on its vectors; iterative scan keeps filtered answers full.
create or replace function public.search_items(
    query_vector halfvec,
    k int default 10,
    namespace text default null,
    org_id uuid default null,
    version text default null,
    filter jsonb default null
)
returns setof public.embedding_hit
language plpgsql
stable
as $$
#variable_conflict use_column
declare
    read_version text := coalesce($5, public.active_version($4, coalesce($3, '*'), 'text'));
    read_dims int;
begin
    if read_version is null then
        raise exception 'no embedding version is active for namespace "%"', coalesce($3, '*')
            using hint = 'run the pipeline first, or promote a version';
    end if;
    select v.dims into read_dims from public.embedding_versions as v where v.version = read_version;
    if read_dims is null then
        raise exception 'there is no embedding version "%"', read_version;
    end if;
    if vector_dims($1) <> read_dims then
        raise exception 'the query vector has % dims, version "%" has %', vector_dims($1), read_version, read_dims;
    end if;

    return query execute format(
        $query$
        select
            embeddings.item_id,
            embeddings.namespace,
            1 - (embeddings.vector::halfvec(%1$s) <=> $1::halfvec(%1$s)),
            items.title,
            embeddings.org_id
        from public.item_embeddings as embeddings
        inner join analytics.catalog_features_raw as items
            on embeddings.org_id = items.org_id
            and embeddings.namespace = items.namespace
            and embeddings.item_id = items.item_id
        where
            embeddings.version = %2$L
            and embeddings.modality = 'text'
            and ($2 is null or embeddings.namespace = $2)
            and ($3 is null or embeddings.org_id = $3)
            and (
                $4 is null
                or jsonb_build_object('brand', items.brand, 'category', items.category, 'locale', items.locale)
                || case jsonb_typeof(items.attributes) when 'object' then items.attributes else '{}' end @> $4
            )
        order by embeddings.vector::halfvec(%1$s) <=> $1::halfvec(%1$s)
        limit $5
        $query$,
        read_dims, read_version
    ) using $1, $3, $4, $6, $2;
end
$$;

comment on function public.search_items(halfvec, int, text, uuid, text, jsonb) is
'The k items nearest to a vector by cosine similarity, of the active version unless told one. '
'filter is matched against brand, category, locale and attributes, as jsonb containment. '
'A deleted item is never among them.';
