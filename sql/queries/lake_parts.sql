-- name: record_part
with part as (
    insert into pipeline.lake_parts (part_key, sha256, run_id, shard, vectors, bytes)
    values (%(part_key)s, %(sha256)s, %(run_id)s, %(shard)s, %(vectors)s, %(bytes)s)
    on conflict (part_key) do nothing
)

insert into pipeline.paid_contents (content_hash, part_key)
select paid.content_hash, %(part_key)s
from unnest(%(content_hashes)b::bytea[]) as paid (content_hash)
on conflict (content_hash) do nothing;

-- name: recorded_keys
select part_key
from pipeline.lake_parts
where run_id = %(run_id)s and shard = %(shard)s;

-- name: forget_part
delete from pipeline.lake_parts
where part_key = %s;

-- name: part_of
select part_key
from pipeline.paid_contents
where content_hash = %b;
