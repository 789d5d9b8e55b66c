-- name: acquire
select pg_advisory_lock(hashtextextended(%s, 0));

-- name: release
select pg_advisory_unlock(hashtextextended(%s, 0));
