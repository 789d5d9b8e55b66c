-- name: intend
insert into pipeline.batches (
    intent_id, run_id, endpoint, shard, number, requests, inputs, text_bytes, reserved_usd
)
select
    %(intent_id)s,
    %(run_id)s,
    %(endpoint)s,
    %(shard)s,
    coalesce(max(number) + 1, 0),
    %(requests)s,
    %(inputs)s,
    %(text_bytes)s,
    %(reserved_usd)s
from pipeline.batches
where run_id = %(run_id)s and endpoint = %(endpoint)s and shard = %(shard)s
returning
    intent_id, run_id, endpoint, shard, number, requests, state, batch_id, reserved_usd, intended_at, submitted_at;

-- name: copy_requests
copy pipeline.batch_requests (intent_id, custom_id, content_hashes, chunks, sizes)
from stdin with (format "binary");

-- name: open_batches
select intent_id, run_id, endpoint, shard, number, requests, state, batch_id, reserved_usd, intended_at, submitted_at
from pipeline.batches
where
    run_id = %(run_id)s
    and endpoint = %(endpoint)s
    and shard = %(shard)s
    and state in ('intended', 'submitted')
order by number;

-- name: any_open
select count(*) > 0 as any_open
from pipeline.batches
where run_id = %s and state in ('intended', 'submitted');

-- name: left_over
select
    batches.intent_id,
    batches.run_id,
    batches.endpoint,
    batches.shard,
    batches.number,
    batches.requests,
    batches.state,
    batches.batch_id,
    batches.reserved_usd,
    batches.intended_at,
    batches.submitted_at
from pipeline.batches
inner join pipeline.runs on batches.run_id = runs.run_id
where
    runs.version = %s
    and runs.state not in ('leased', 'planned', 'paused')
    and batches.state in ('intended', 'submitted')
order by batches.intended_at;

-- name: submitted
update pipeline.batches
set state = 'submitted', input_file_id = %(input_file_id)s, batch_id = %(batch_id)s, submitted_at = now()
where
    intent_id = %(intent_id)s
    and (state = 'intended' or (state = 'submitted' and batch_id = %(batch_id)s))
returning intent_id;

-- name: ended
update pipeline.batches
set
    state = %(state)s,
    tokens = %(tokens)s,
    completion_tokens = %(completion_tokens)s,
    error = %(error)s,
    ended_at = clock_timestamp()
where intent_id = %(intent_id)s and state in ('intended', 'submitted')
returning intent_id;

-- name: requests_of
select custom_id, content_hashes, chunks, sizes
from pipeline.batch_requests
where intent_id = %s
order by custom_id;

-- name: set_outcomes
update pipeline.batch_requests
set outcome = told.outcome
from unnest(%(custom_ids)s::text[], %(outcomes)s::text[]) as told (custom_id, outcome)
where batch_requests.intent_id = %(intent_id)s and batch_requests.custom_id = told.custom_id;

-- name: to_send
with asked as (
    select
        texts.content_hash,
        bool_or(requests.outcome is null or requests.outcome = 'refused') as settled,
        count(*) filter (where requests.outcome = 'failed') as failures
    from pipeline.batches
    inner join pipeline.batch_requests as requests on batches.intent_id = requests.intent_id
    cross join unnest(requests.content_hashes) as texts (content_hash)
    where
        batches.run_id = %(run_id)s
        and batches.endpoint = %(endpoint)s
        and batches.shard = %(shard)s
        and (requests.outcome is null or requests.outcome in ('refused', 'failed'))
    group by texts.content_hash
)

select run_texts.content_hash
from pipeline.run_texts
left join pipeline.paid_contents as paid on run_texts.content_hash = paid.content_hash
left join asked on run_texts.content_hash = asked.content_hash
where
    run_texts.run_id = %(run_id)s
    and run_texts.shard = %(shard)s
    and run_texts.outcome is null
    and paid.content_hash is null
    and (asked.content_hash is null or (not asked.settled and asked.failures < %(tries)s));

-- name: asked_about
select distinct texts.content_hash
from pipeline.batches
inner join pipeline.batch_requests as requests on batches.intent_id = requests.intent_id
cross join unnest(requests.content_hashes) as texts (content_hash)
where
    batches.run_id = %(run_id)s
    and batches.endpoint = %(endpoint)s
    and requests.outcome is distinct from 'unsent';

-- name: tokens_of
select
    coalesce(sum(tokens), 0)::bigint as tokens,
    coalesce(sum(completion_tokens), 0)::bigint as completion_tokens
from pipeline.batches
where run_id = %(run_id)s and endpoint = %(endpoint)s;

-- name: last_error
select error
from pipeline.batches
where run_id = %s and ended_at is not null
order by ended_at desc
limit 1;
