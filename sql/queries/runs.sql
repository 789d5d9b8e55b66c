-- name: open
insert into pipeline.runs (run_id, version, state, started_by)
values (%(run_id)s, %(version)s, 'leased', %(started_by)s);

-- name: unfinished
select run_id, kind
from pipeline.runs
where version = %s and state in ('leased', 'planned', 'paused')
order by started_at desc
limit 1;

-- name: of_run
select version, state, started_at, plan_id, plan, summary, error, slice_buckets, slice_salt, via, enrichment
from pipeline.runs
where run_id = %s;

-- name: set_via
update pipeline.runs
set via = %(via)s
where run_id = %(run_id)s;

-- name: ask_slice
update pipeline.runs
set slice_buckets = %(slice_buckets)s, slice_salt = %(slice_salt)s
where run_id = %(run_id)s and plan_id is null;

-- name: freeze
update pipeline.runs
set state = 'planned', plan_id = %(plan_id)s, plan = %(plan)s
where run_id = %(run_id)s;

-- name: set_state
update pipeline.runs
set state = %(state)s, error = %(error)s
where run_id = %(run_id)s;

-- name: finish
update pipeline.runs
set state = %(state)s, summary = %(summary)s, finished_at = now(), error = %(error)s
where run_id = %(run_id)s;

-- name: previewed
update pipeline.runs
set state = 'previewed', plan = %(plan)s, finished_at = now()
where run_id = %(run_id)s;

-- name: spent
select
    coalesce(sum(embedded), 0)::int as embedded,
    coalesce(sum(reused), 0)::int as reused,
    coalesce(sum(requests), 0)::int as requests,
    coalesce(sum(retries), 0)::int as retries,
    coalesce(sum(tokens), 0)::bigint as tokens
from pipeline.run_shards
where run_id = %s;
