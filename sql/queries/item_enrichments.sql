-- name: find_drafts
select record_hash, text, tags, use_cases
from public.item_enrichments
where
    record_hash = any(%(record_hashes)b::bytea[])
    and prompt_version = %(prompt_version)s
    and model = %(model)s
    and provider = %(provider)s
    and prompt_hash = %(prompt_hash)s;

-- name: add
insert into public.item_enrichments (
    record_hash, prompt_version, model, provider, prompt_hash,
    text, tags, use_cases, verdict, reason, findings, guards_version,
    prompt_tokens, completion_tokens, attempts, answer_keys, run_id
)
values (
    %(record_hash)s, %(prompt_version)s, %(model)s, %(provider)s, %(prompt_hash)s,
    %(text)s, %(tags)s, %(use_cases)s, %(verdict)s, %(reason)s, %(findings)s, %(guards_version)s,
    %(prompt_tokens)s, %(completion_tokens)s, %(attempts)s, %(answer_keys)s, %(run_id)s
)
on conflict do nothing;

-- name: update_check
update public.item_enrichments
set
    text = %(text)s,
    tags = %(tags)s,
    use_cases = %(use_cases)s,
    verdict = %(verdict)s,
    reason = %(reason)s,
    findings = %(findings)s,
    guards_version = %(guards_version)s,
    checked_at = now()
where
    record_hash = %(record_hash)s
    and prompt_version = %(prompt_version)s
    and model = %(model)s
    and provider = %(provider)s
    and prompt_hash = %(prompt_hash)s;

-- name: outdated
select record_hash, answer_keys, text, tags, use_cases
from public.item_enrichments
where
    record_hash > %(after)s
    and prompt_version = %(prompt_version)s
    and model = %(model)s
    and provider = %(provider)s
    and prompt_hash = %(prompt_hash)s
    and guards_version <> %(guards_version)s
    and answer_keys <> '{}'
order by record_hash
limit %(at_most)s;

-- name: measured
select
    coalesce(sum(attempts), 0)::bigint as calls,
    coalesce(sum(prompt_tokens), 0)::bigint as prompt_tokens,
    coalesce(sum(completion_tokens), 0)::bigint as completion_tokens
from public.item_enrichments
where
    prompt_version = %(prompt_version)s
    and model = %(model)s
    and provider = %(provider)s
    and prompt_hash = %(prompt_hash)s;

-- name: of_run
with enriched as (
    select *
    from public.item_enrichments
    where run_id = %s
),

objections as (
    select
        finding.value ->> 'rule' as rule,
        count(distinct enriched.record_hash) as records
    from enriched
    cross join lateral jsonb_array_elements(enriched.findings) as finding
    group by finding.value ->> 'rule'
)

select
    count(*)::int as records,
    count(*) filter (where verdict = 'accepted')::int as accepted,
    count(*) filter (where verdict = 'repaired')::int as repaired,
    count(*) filter (where verdict = 'rejected')::int as rejected,
    coalesce((select jsonb_object_agg(rule, records) from objections), '{}') as rules
from enriched;
