-- name: state
-- The three views, summed up: what they count is said there.
with covered as (
    select
        coalesce(sum(items), 0)::bigint as items,
        coalesce(sum(held), 0)::bigint as held,
        coalesce(sum(dead), 0)::bigint as dead,
        coalesce(sum(missing), 0)::bigint as missing,
        coalesce(sum(stale), 0)::bigint as stale
    from public.embedding_coverage
    where version = %(version)s
),

spent as (
    select
        count(*) as runs,
        coalesce(sum(requests), 0)::bigint as requests,
        coalesce(sum(tokens), 0)::bigint as tokens,
        -- One unknown price makes the sum unknown.
        case
            when bool_and(price_usd is not null or tokens = 0) is not false then coalesce(sum(price_usd), 0)::float8
        end as price_usd
    from public.embedding_runs
    where version = %(version)s and state <> 'previewed'
)

select
    health.version,
    health.status,
    health.rows,
    covered.items,
    covered.held,
    covered.dead,
    covered.missing,
    covered.stale,
    health.index_valid,
    health.index_recall,
    health.bytes,
    spent.runs,
    spent.requests,
    spent.tokens,
    spent.price_usd,
    health.last_generated_at
from public.embedding_health as health
cross join covered
cross join spent
where health.version = %(version)s;

-- name: overlap
select
    count(*) as sample,
    avg(overlap) as overlap
from public.embedding_diff(%(version)s, %(against)s, %(k)s, %(sample)s);
