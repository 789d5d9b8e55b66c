-- name: begin_worklist
create temporary table wanted_enrichments (record_hash bytea primary key) on commit drop;

-- name: add_wanted
with wanted as (
    insert into wanted_enrichments (record_hash)
    select unnest(%(record_hashes)b::bytea[])
    on conflict do nothing
    returning record_hash
)

select
    wanted.record_hash,
    stored.record_hash is not null as reusable
from wanted
left join public.item_enrichments as stored
    on
        wanted.record_hash = stored.record_hash
        and stored.prompt_version = %(prompt_version)s
        and stored.model = %(model)s
        and stored.provider = %(provider)s
        and stored.prompt_hash = %(prompt_hash)s;

-- name: clear
delete from pipeline.run_enrichments
where run_id = %s;

-- name: add_shard
insert into pipeline.run_enrichments (run_id, shard, worklist_id, records)
values (%s, %s, %s, %s);

-- name: set_expected
update pipeline.runs
set enrichment = %(expected)s
where run_id = %(run_id)s;

-- name: pending
select shard, worklist_id, records
from pipeline.run_enrichments
where run_id = %s and state = 'planned'
order by shard;

-- name: mark_enriched
update pipeline.run_enrichments
set state = 'enriched'
where run_id = %(run_id)s and shard = %(shard)s;
