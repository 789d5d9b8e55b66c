-- Nearest items to an item. Where the id stands in several namespaces or orgs, the caller has to say which.
create or replace function public.similar_items(
    item_id text,
    k int default 10,
    namespace text default null,
    org_id uuid default null,
    version text default null
)
returns setof public.embedding_hit
language plpgsql
stable
as $$
#variable_conflict use_column
declare
    own record;
    found_items int := 0;
    candidate record;
begin
    if $5 is not null and not exists (select from public.embedding_versions as v where v.version = $5) then
        raise exception 'there is no embedding version "%"', $5;
    elsif exists (select from public.embedding_versions as v where v.version = $5 and v.dropped_at is not null) then
        raise exception 'embedding version "%" was dropped: its vectors are gone', $5
            using hint = 'select version from embedding_versions where dropped_at is null';
    end if;

    for candidate in
        select embeddings.org_id, embeddings.namespace, embeddings.version, embeddings.vector
        from public.item_embeddings as embeddings
        where
            embeddings.item_id = $1
            and embeddings.modality = 'text'
            and ($3 is null or embeddings.namespace = $3)
            and ($4 is null or embeddings.org_id = $4)
            and embeddings.version
            = coalesce($5, public.active_version(embeddings.org_id, embeddings.namespace, 'text'))
            and exists (
                select from analytics.catalog_features_raw as items
                where
                    items.org_id = embeddings.org_id
                    and items.namespace = embeddings.namespace
                    and items.item_id = embeddings.item_id
            )
        limit 2
    loop
        found_items := found_items + 1;
        own := candidate;
    end loop;

    if found_items = 0 then
        raise exception 'item "%" has no vector in the version that is read', $1
            using hint = 'is it in the catalog, and has the pipeline run since? pipeline.dead_letters may say why not';
    elsif found_items > 1 then
        raise exception 'item "%" stands in several namespaces or orgs', $1
            using hint = 'name one: similar_items(''...'', namespace => ''...'', org_id => ''...'')';
    end if;

    return query
    select hits.item_id, hits.namespace, hits.score, hits.title, hits.org_id
    from public.search_items(own.vector, $2 + 1, own.namespace, own.org_id, own.version) as hits
    where hits.item_id <> $1
    order by hits.score desc
    limit $2;
end
$$;

comment on function public.similar_items(text, int, text, uuid, text) is
'The k items most similar to an item, within its own namespace and org, of the active version unless told one. '
'The item itself and deleted items are never among them.';
