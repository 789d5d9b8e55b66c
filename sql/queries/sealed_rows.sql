-- name: hold_run
select 1
from pipeline.runs
where run_id = %s
for no key update;

-- name: begin
select nextval('pipeline.seal_attempts'), clock_timestamp();

-- name: mistrust_unpaid
-- An empty record_hash is that of no record: the row is read as before, and the next run makes it anew.
update public.item_embeddings as held
set record_hash = ''
from pipeline.run_plan as plan
where
    plan.run_id = %(run_id)s
    and held.version = %(version)s
    and held.org_id = plan.org_id
    and held.namespace = plan.namespace
    and held.item_id = plan.item_id
    and not exists (
        select 1
        from pipeline.paid_contents as paid
        where held.content_hash = paid.content_hash
    );

-- name: read_to_the_end
-- A cursor is planned for its first rows otherwise.
set local cursor_tuple_fraction = 1;

-- name: rows_of_run
select
    plan.org_id,
    plan.namespace,
    plan.item_id,
    paid.part_key,
    held.record_hash,
    held.content_hash,
    held.source_updated_at,
    held.generated_at
from pipeline.run_plan as plan
left join public.item_embeddings as held
    on
        held.version = %(version)s
        and held.modality = %(modality)s
        and plan.org_id = held.org_id
        and plan.namespace = held.namespace
        and plan.item_id = held.item_id
left join pipeline.paid_contents as paid on held.content_hash = paid.content_hash
where plan.run_id = %(run_id)s
order by plan.org_id, plan.namespace, plan.item_id;

-- name: parts
select part_key, encode(sha256, 'hex'), bytes, vectors
from pipeline.lake_parts
where part_key = any(%s);

-- name: rows_held
select count(*)
from public.item_embeddings
where version = %s and record_hash <> '';

-- name: record_manifest
update pipeline.runs
set manifest_key = %(manifest_key)s
where run_id = %(run_id)s;
