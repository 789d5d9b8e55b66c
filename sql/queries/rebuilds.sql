-- name: open
insert into pipeline.runs (run_id, version, state, started_by, kind)
values (%(run_id)s, %(version)s, 'leased', %(started_by)s, 'rebuild');

-- name: unfinished
select run_id
from pipeline.runs
where version = %s and kind = 'rebuild' and state = 'leased';

-- name: holds_rows
select 1
where exists (
    select 1
    from public.item_embeddings
    where version = %s
);
