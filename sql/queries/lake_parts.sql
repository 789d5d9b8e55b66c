-- name: record_parts
-- places: which of the parts holds a content, from 1 on.
with parts as (
    insert into pipeline.lake_parts (part_key, sha256, run_id, shard, vectors, bytes)
    select part.part_key, part.sha256, %(run_id)s, %(shard)s, part.vectors, part.bytes
    from
        unnest(%(part_keys)s::text[], %(sha256s)b::bytea[], %(vectors)s::int[], %(bytes)s::bigint[])
            as part (
                part_key, sha256, vectors, bytes
            )
    on conflict (part_key) do nothing
)

insert into pipeline.paid_contents (content_hash, part_key)
select paid.content_hash, (%(part_keys)s::text[])[paid.place]
from unnest(%(content_hashes)b::bytea[], %(places)b::int[]) as paid (content_hash, place)
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
