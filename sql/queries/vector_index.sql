-- name: indexes
select
    indexes.relname as name,
    pg_index.indisvalid as valid,
    pg_relation_size(indexes.oid) as bytes,
    -- Where nothing is said, pgvector's own.
    coalesce((options.told ->> 'm')::int, 16) as m,
    coalesce((options.told ->> 'ef_construction')::int, 64) as ef_construction
from pg_index
inner join pg_class as indexes on pg_index.indexrelid = indexes.oid
inner join pg_am on indexes.relam = pg_am.oid
inner join lateral (
    select jsonb_object_agg(pairs.option_name, pairs.option_value) as told
    from pg_options_to_table(indexes.reloptions) as pairs
) as options on true
where
    pg_index.indrelid = to_regclass(format('public.%%I', 'item_embeddings_' || %(version)s))
    and pg_am.amname = 'hnsw'
order by indexes.relname;

-- name: rows
select count(*)
from public.item_embeddings
where version = %(version)s;

-- name: try_lock
select pg_try_advisory_lock(hashtextextended('catalog_embeddings.vector_index', 0));

-- name: unlock
select pg_advisory_unlock(hashtextextended('catalog_embeddings.vector_index', 0));

-- name: allow_resources
-- Never less than the server's own setting, nor more than a quarter of the memory that it believes it has: 1 GB unless
-- it is told. The heap is small beside its vectors: by its size alone, a build would get no worker.
select
    set_config(
        'maintenance_work_mem',
        greatest(
            least(%(memory_mb)s, pg_size_bytes(current_setting('effective_cache_size')) / 4 / 1048576),
            pg_size_bytes(current_setting('maintenance_work_mem')) / 1048576
        ) || 'MB',
        false
    ),
    set_config('min_parallel_table_scan_size', '0', false);

-- name: allowed_resources
select
    pg_size_bytes(current_setting('maintenance_work_mem')) / 1048576 as memory_mb,
    current_setting('max_parallel_maintenance_workers')::int as workers;

-- name: allow_one_process
set max_parallel_maintenance_workers = 0;

-- name: reset_memory
reset maintenance_work_mem;

-- name: reset_processes
reset max_parallel_maintenance_workers;

-- name: reset_table_size
reset min_parallel_table_scan_size;

-- name: create
create index concurrently {index} on public.{partition} -- noqa: PRS
using hnsw ((vector::halfvec({dims})) halfvec_cosine_ops) with (m = {m}, ef_construction = {ef_construction});

-- name: without_statistics
-- The expression is a column to analyze, which would read every vector it samples.
alter index public.{index} alter column 1 set statistics 0; -- noqa: PRS

-- name: rebuild
reindex index concurrently public.{index}; -- noqa: PRS

-- name: drop
drop index concurrently public.{index}; -- noqa: PRS

-- name: analyze
analyze public.{partition}; -- noqa: PRS

-- name: vacuum
vacuum public.{partition}; -- noqa: PRS

-- name: progress
select
    progress.phase,
    progress.blocks_done::float8 / nullif(progress.blocks_total, 0) as share
from pg_stat_progress_create_index as progress
where
    progress.datname = current_database()
    and progress.relid = to_regclass(format('public.%%I', 'item_embeddings_' || %(version)s));

-- name: hold_snapshot
set transaction isolation level repeatable read read only;

-- name: sample
select
    org_id,
    namespace,
    item_id,
    vector
from public.item_embeddings
where version = %(version)s
order by public.slice_bucket(org_id, item_id, 'recall'), org_id, namespace, item_id
limit %(sample)s;

-- name: vectors
select vector
from public.item_embeddings
where version = %(version)s;

-- name: use_the_index
select
    set_config('enable_seqscan', 'off', true),
    set_config('enable_sort', 'off', true),
    set_config('hnsw.ef_search', %(ef_search)s, true);

-- name: neighbours
select 1 - (embeddings.vector::halfvec({dims}) <=> %(vector)s::halfvec({dims})) -- noqa: PRS
from public.item_embeddings as embeddings
where embeddings.version = {version}
order by embeddings.vector::halfvec({dims}) <=> %(vector)s::halfvec({dims})
limit %(k)s;

-- name: report
select index_report
from public.embedding_versions
where version = %(version)s;

-- name: record
update public.embedding_versions
set index_report = %(report)s
where version = %(version)s and index_report is distinct from %(report)s;
