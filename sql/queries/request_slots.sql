-- name: join_workers
-- Shared: each worker holds it, so those who hold it can be counted.
select pg_advisory_lock_shared(hashtext('catalog_embeddings.workers'), 0);

-- name: leave_workers
select pg_advisory_unlock_shared(hashtext('catalog_embeddings.workers'), 0);

-- name: count_workers
select count(*)
from pg_locks
where
    locktype = 'advisory'
    and objsubid = 2
    and granted
    and classid = (hashtext('catalog_embeddings.workers')::bigint & 4294967295)::oid
    and objid = 0
    and database = (
        select oid
        from pg_database
        where datname = current_database()
    );

-- name: try_slot
select pg_try_advisory_lock(hashtext('catalog_embeddings.request_slot'), %s);

-- name: free_slot
select pg_advisory_unlock(hashtext('catalog_embeddings.request_slot'), %s);
