-- What readers may see: of each item the row of its active version, never a deleted item. The pointers are joined, not
-- asked for row by row as active_version would; each join is by the whole key of embedding_aliases and adds no row.
create or replace view public.active_item_embeddings with (security_invoker = true) as
select
    embeddings.org_id,
    embeddings.item_id,
    embeddings.namespace,
    embeddings.version,
    embeddings.modality,
    embeddings.dims,
    embeddings.vector,
    embeddings.record_hash,
    embeddings.content_hash,
    embeddings.generated_at
from public.item_embeddings as embeddings
inner join analytics.catalog_features_raw as items
    on
        embeddings.org_id = items.org_id
        and embeddings.namespace = items.namespace
        and embeddings.item_id = items.item_id
left join public.embedding_aliases as of_both
    on
        embeddings.org_id = of_both.org_id
        and embeddings.namespace = of_both.namespace
        and embeddings.modality = of_both.modality
left join public.embedding_aliases as of_org
    on
        embeddings.org_id = of_org.org_id
        and of_org.namespace = '*'
        and embeddings.modality = of_org.modality
left join public.embedding_aliases as of_namespace
    on
        of_namespace.org_id is null
        and embeddings.namespace = of_namespace.namespace
        and embeddings.modality = of_namespace.modality
left join public.embedding_aliases as of_all
    on
        of_all.org_id is null
        and of_all.namespace = '*'
        and embeddings.modality = of_all.modality
where
    -- The most specific wins, the org before the namespace, as in active_version.
    embeddings.version = coalesce(of_both.version, of_org.version, of_namespace.version, of_all.version);

comment on view public.active_item_embeddings is
'One row an item and modality: its vector in the version that is active for its org and namespace.';
