-- name: patience
-- A connection that was just closed may keep its session locks for a moment.
set local lock_timeout = '3s';

-- name: hold_exclusive
select pg_advisory_lock(hashtextextended('catalog_embeddings.version.' || %s, 0));

-- name: release_exclusive
select pg_advisory_unlock(hashtextextended('catalog_embeddings.version.' || %s, 0));

-- name: hold_shared
select pg_advisory_lock_shared(hashtextextended('catalog_embeddings.version.' || %s, 0));

-- name: holder
select run_id, holder, taken_at, expires_at > now() as unexpired
from pipeline.leases
where version = %s;

-- name: take
insert into pipeline.leases (version, run_id, fence, holder, expires_at)
values (%(version)s, %(run_id)s, 1, %(holder)s, now() + make_interval(secs => %(seconds)s))
on conflict (version) do update
    set
        run_id = excluded.run_id,
        fence = leases.fence + 1,
        holder = excluded.holder,
        taken_at = now(),
        expires_at = excluded.expires_at
returning fence;

-- name: fence_of_run
select version, fence
from pipeline.leases
where run_id = %s;

-- name: renew
update pipeline.leases
set expires_at = now() + make_interval(secs => %(seconds)s)
where version = %(version)s and run_id = %(run_id)s and fence = %(fence)s;

-- name: check_fence
-- Locks the run as well: whoever finishes it waits for this transaction, and nothing is written after the finish.
select 1
from pipeline.leases
inner join pipeline.runs on leases.run_id = runs.run_id
where
    leases.version = %(version)s
    and leases.run_id = %(run_id)s
    and leases.fence = %(fence)s
    and runs.state in ('leased', 'planned', 'paused')
for share;

-- name: raise_fence
update pipeline.leases
set fence = greatest(fence, %(least)s)
where version = %(version)s and run_id = %(run_id)s and fence = %(fence)s
returning fence;

-- name: lock
select 1
from pipeline.leases
where version = %s
for update;

-- name: of_version
select run_id, fence
from pipeline.leases
where version = %s;

-- name: hand_over
update pipeline.leases
set run_id = %(run_id)s
where version = %(version)s;
