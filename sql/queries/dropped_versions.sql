-- name: close_runs
update pipeline.runs
set state = 'failed', error = 'the version was dropped', finished_at = now()
where version = %s and state in ('leased', 'planned', 'paused');

-- name: close_letters
update pipeline.dead_letters
set resolved_at = now()
where version = %s and resolved_at is null;

-- name: runs_of
select run_id
from pipeline.runs
where version = any(%s);

-- name: plans_of
select runs.plan_id, shards.shard
from pipeline.runs as runs
inner join pipeline.run_shards as shards using (run_id)
where runs.version = %s and runs.plan_id is not null
order by runs.plan_id, shards.shard;

-- name: forget_parts
delete from pipeline.lake_parts
where run_id = any(%s);
