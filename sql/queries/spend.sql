-- name: open
insert into pipeline.spend (run_id)
values (%s)
on conflict (run_id) do nothing;

-- name: set_limit
update pipeline.spend
set max_cost_usd = %(max_cost_usd)s
where run_id = %(run_id)s;

-- name: of_run
select max_cost_usd, reserved_usd, spent_usd
from pipeline.spend
where run_id = %s;

-- name: reserve
-- One statement on one row: whoever waits for another's sees that one's result, so together they keep the limit.
update pipeline.spend
set reserved_usd = reserved_usd + %(usd)s
where run_id = %(run_id)s and (max_cost_usd is null or spent_usd + reserved_usd + %(usd)s <= max_cost_usd)
returning run_id;

-- name: settle
update pipeline.spend
set
    reserved_usd = reserved_usd - %(released_usd)s,
    spent_usd = spent_usd + %(spent_usd)s,
    tokens = tokens + %(tokens)s,
    text_bytes = text_bytes + %(text_bytes)s
where run_id = %(run_id)s;

-- name: settle_chat
update pipeline.spend
set
    reserved_usd = reserved_usd - %(released_usd)s,
    spent_usd = spent_usd + %(spent_usd)s,
    chat_calls = chat_calls + %(calls)s,
    chat_prompt_tokens = chat_prompt_tokens + %(prompt_tokens)s,
    chat_completion_tokens = chat_completion_tokens + %(completion_tokens)s
where run_id = %(run_id)s;

-- name: chat_spent
select chat_calls, chat_prompt_tokens, chat_completion_tokens
from pipeline.spend
where run_id = %s;

-- name: measured
select
    coalesce(sum(spend.tokens), 0)::bigint as tokens,
    coalesce(sum(spend.text_bytes), 0)::bigint as text_bytes
from pipeline.spend
inner join pipeline.runs on spend.run_id = runs.run_id
inner join public.embedding_versions as versions on runs.version = versions.version
where versions.provider = %(provider)s and versions.model = %(model)s and spend.text_bytes > 0;
