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
