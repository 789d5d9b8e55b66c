-- name: richest_item
-- Of these, the one that says most about itself, so that a reader can judge its neighbours.
select
    items.item_id,
    max(items.title) as title
from analytics.catalog_features_raw as items
inner join public.active_item_embeddings as embeddings
    on
        items.org_id = embeddings.org_id
        and items.namespace = embeddings.namespace
        and items.item_id = embeddings.item_id
where items.item_id = any(%(item_ids)s)
group by items.item_id
-- An id that stands twice would have to be told apart.
having count(*) = 1
order by max(length(items.description)) desc nulls last, items.item_id
limit 1;
