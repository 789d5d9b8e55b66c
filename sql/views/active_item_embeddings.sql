-- What readers may see: of each item the row of its active version, never a deleted item.
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
where
    embeddings.version = public.active_version(embeddings.org_id, embeddings.namespace, embeddings.modality);

comment on view public.active_item_embeddings is
'One row an item and modality: its vector in the version that is active for its org and namespace.';
