-- name: drop_tables
drop table if exists replayed_lines, replayed_rows;

-- name: create_lines
create temporary table replayed_lines (
    sealing int not null,
    org_id uuid not null,
    namespace text not null,
    item_id text not null,
    part int,
    record_hash bytea,
    content_hash bytea,
    source_updated_at timestamptz,
    generated_at timestamptz
);

-- name: copy_lines
copy replayed_lines (
    sealing, org_id, namespace, item_id, part, record_hash, content_hash, source_updated_at, generated_at
)
from stdin with (format "binary");

-- name: keep_last
create temporary table replayed_rows as
with last_lines as (
    select distinct on (org_id, namespace, item_id)
        org_id,
        namespace,
        item_id,
        part,
        record_hash,
        content_hash,
        source_updated_at,
        generated_at
    from replayed_lines
    order by org_id asc, namespace asc, item_id asc, sealing desc
)

select org_id, namespace, item_id, part, record_hash, content_hash, source_updated_at, generated_at
from last_lines
where part is not null;

-- name: index_rows
create index on replayed_rows (part, content_hash);

-- name: analyze_rows
analyze replayed_rows;

-- name: count_rows
select count(*)
from replayed_rows;

-- name: drop_held
delete from replayed_rows
using public.item_embeddings as held
where
    held.version = %s
    and replayed_rows.org_id = held.org_id
    and replayed_rows.namespace = held.namespace
    and replayed_rows.item_id = held.item_id;

-- name: parts_needed
select distinct part
from replayed_rows
order by part;

-- name: contents_of_part
select distinct content_hash
from replayed_rows
where part = %s;
