-- What every run set out to do, did and cost, newest first.
create or replace view public.embedding_runs as
select
    runs.run_id,
    runs.version,
    runs.state,
    runs.started_by,
    runs.started_at,
    runs.finished_at,
    (runs.plan ->> 'new')::int as new,
    (runs.plan ->> 'changed')::int as changed,
    (runs.plan ->> 'unchanged')::int as unchanged,
    coalesce((runs.summary ->> 'embedded')::int, spent.embedded) as embedded,
    coalesce((runs.summary ->> 'reused')::int, spent.reused) as reused,
    coalesce((runs.summary ->> 'loaded')::int, spent.loaded) as loaded,
    (runs.summary ->> 'deleted')::int as deleted,
    (runs.summary ->> 'dead')::int as dead,
    spent.requests,
    spent.retries,
    spent.tokens,
    (runs.summary ->> 'price_usd')::numeric as price_usd,
    extract(epoch from coalesce(runs.finished_at, now()) - runs.started_at)::numeric(12, 1) as seconds,
    runs.error
from pipeline.runs as runs
left join lateral (
    select
        coalesce(sum(shards.embedded), 0)::int as embedded,
        coalesce(sum(shards.reused), 0)::int as reused,
        coalesce(sum(shards.loaded), 0)::int as loaded,
        coalesce(sum(shards.requests), 0)::int as requests,
        coalesce(sum(shards.retries), 0)::int as retries,
        coalesce(sum(shards.tokens), 0)::bigint as tokens
    from pipeline.run_shards as shards
    where shards.run_id = runs.run_id
) as spent on true
order by runs.started_at desc;

comment on view public.embedding_runs is
'One row a run of the pipeline: state, counts of items and texts, requests, tokens and price.';
