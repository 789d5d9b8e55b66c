-- name: similar_items
select item_id, namespace, score, title
from public.similar_items(%(item_id)s, %(k)s, %(namespace)s, %(org_id)s, %(version)s);

-- name: search_items
select item_id, namespace, score, title
from public.search_items(%(query_vector)s::halfvec, %(k)s, %(namespace)s, %(org_id)s, %(version)s);
