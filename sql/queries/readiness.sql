-- name: coverage
-- Places are told apart as active_version does it: a place of every namespace covers all of them.
select
    coalesce(sum(items), 0)::bigint as items,
    coalesce(sum(missing), 0)::bigint as missing,
    coalesce(sum(stale), 0)::bigint as stale
from public.embedding_coverage
where
    version = %(version)s
    and (%(org_id)s::uuid is null or org_id = %(org_id)s)
    and (%(namespace)s = '*' or namespace = %(namespace)s);

-- name: last_run
-- A run that found nothing to do is always verified, also after one that failed: it proves nothing.
select run_id, state
from pipeline.runs
where
    version = %s
    and state <> 'previewed'
    and (state <> 'verified' or (summary ->> 'planned')::int is distinct from 0)
order by started_at desc
limit 1;

-- name: last_generated_at
select max(generated_at)
from public.item_embeddings
where version = %s;
