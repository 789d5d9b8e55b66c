-- Naming pgvector's settings below takes a superuser, unless pgvector was loaded in this session.
select '[0]'::halfvec;

-- Nearest items to a vector. The version and its dims become constants of the statement, so that the planner prunes to
-- one partition and finds its index. The first statement may use that index: its join is lateral, because the planner
-- takes the three columns of the key for independent, expects one row of a plain join, and would rather sort them all.
-- It goes on in the index until k rows have passed, in an order that is nearly right and is put right at the end: a
-- strict order would pass over what it meets too late. Once it has seen hnsw.max_scan_tuples it gives up; where k are
-- not found by then, and where there is no index, the second statement looks at everything: without the cast none fits.
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
set "hnsw.iterative_scan" = 'relaxed_order'
set "hnsw.ef_search" = 100
as $$
#variable_conflict use_column
declare
    read_version text := coalesce($5, public.active_version($4, coalesce($3, '*'), 'text'));
    read_dims int;
    read_ef_search text;
    read_dropped_at timestamptz;
    hits public.embedding_hit[];
    passes_filter constant text := $condition$(
        $4 is null
        or jsonb_build_object('brand', items.brand, 'category', items.category, 'locale', items.locale)
        || case jsonb_typeof(items.attributes) when 'object' then items.attributes else '{}' end @> $4
    )$condition$;
begin
    if read_version is null then
        raise exception 'no embedding version is active for namespace "%"', coalesce($3, '*')
            using hint = 'run the pipeline first, or promote a version';
    end if;
    select v.dims, coalesce(v.index_report ->> 'ef_search', '100'), v.dropped_at
    into read_dims, read_ef_search, read_dropped_at
    from public.embedding_versions as v
    where v.version = read_version;
    if read_dims is null then
        raise exception 'there is no embedding version "%"', read_version;
    elsif read_dropped_at is not null then
        raise exception 'embedding version "%" was dropped on %: its vectors are gone', read_version, read_dropped_at::date
            using hint = 'select version from embedding_versions where dropped_at is null';
    end if;
    if vector_dims($1) <> read_dims then
        raise exception 'the query vector has % dims, version "%" has %', vector_dims($1), read_version, read_dims;
    end if;

    if exists (
        select from pg_index
        inner join pg_class as indexes on indexes.oid = pg_index.indexrelid
        inner join pg_am on pg_am.oid = indexes.relam
        where
            pg_index.indrelid = to_regclass(format('public.%I', 'item_embeddings_' || read_version))
            and pg_index.indisvalid
            and pg_am.amname = 'hnsw'
    ) then
        -- Until the function returns: its own SET clause takes it back then.
        perform set_config('hnsw.ef_search', read_ef_search, true);
        execute format(
            $query$
            select
                array_agg(row(item_id, namespace, 1 - distance, title, org_id)::public.embedding_hit order by distance)
            from (
                select
                    embeddings.item_id,
                    embeddings.namespace,
                    embeddings.vector::halfvec(%1$s) <=> $1::halfvec(%1$s) as distance,
                    listed.title,
                    embeddings.org_id
                from public.item_embeddings as embeddings
                cross join lateral (
                    select items.title
                    from analytics.catalog_features_raw as items
                    where
                        items.org_id = embeddings.org_id
                        and items.namespace = embeddings.namespace
                        and items.item_id = embeddings.item_id
                        and %3$s
                    limit 1
                ) as listed
                where
                    embeddings.version = %2$L
                    and embeddings.modality = 'text'
                    and ($2 is null or embeddings.namespace = $2)
                    and ($3 is null or embeddings.org_id = $3)
                order by embeddings.vector::halfvec(%1$s) <=> $1::halfvec(%1$s)
                limit $5
            ) as nearest
            $query$,
            read_dims, read_version, passes_filter
        ) into hits using $1, $3, $4, $6, $2;
        if cardinality(hits) >= $2 then
            return query select * from unnest(hits);
            return;
        end if;
    end if;

    return query execute format(
        $query$
        select
            embeddings.item_id,
            embeddings.namespace,
            1 - (embeddings.vector <=> $1),
            items.title,
            embeddings.org_id
        from public.item_embeddings as embeddings
        inner join analytics.catalog_features_raw as items
            on embeddings.org_id = items.org_id
            and embeddings.namespace = items.namespace
            and embeddings.item_id = items.item_id
        where
            embeddings.version = %1$L
            and embeddings.modality = 'text'
            and ($2 is null or embeddings.namespace = $2)
            and ($3 is null or embeddings.org_id = $3)
            and %2$s
        order by embeddings.vector <=> $1
        limit $5
        $query$,
        read_version, passes_filter
    ) using $1, $3, $4, $6, $2;
end
$$;

comment on function public.search_items(halfvec, int, text, uuid, text, jsonb) is
'The k items nearest to a vector by cosine similarity, of the active version unless told one. '
'filter is matched against brand, category, locale and attributes, as jsonb containment. '
'A deleted item is never among them.';
