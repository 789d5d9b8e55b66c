-- depends: 0003_create_embedding_versions 0013_slice_versions

-- Who writes the enrichment of a version's records, and the hash of all files of the template that asks for it.
alter table public.embedding_versions
add column enrichment_model text,
add column enrichment_hash text;

-- What a language model wrote of records: bought once, for every version that asks for the same. record_hash is that
-- of the record as it was sent. A rejected draft is a row too: its text is null, and its items fall back to their plain
-- records. reason: why it was rejected; findings: the rule, place and words that a guard objected to.
-- answer_keys: where the lake holds the answers as they came, in the order they were asked for.
create table public.item_enrichments (
    record_hash bytea not null,
    prompt_version text not null,
    model text not null,
    provider text not null,
    prompt_hash text not null,
    text text,
    tags text[] not null default '{}',
    use_cases text[] not null default '{}',
    verdict text not null check (verdict in ('accepted', 'repaired', 'rejected')),
    reason text not null default '',
    findings jsonb not null default '[]',
    guards_version text not null,
    prompt_tokens int not null default 0,
    completion_tokens int not null default 0,
    tokens int generated always as (prompt_tokens + completion_tokens) stored,
    attempts int not null default 0,
    answer_keys text[] not null default '{}',
    run_id text,
    generated_at timestamptz not null default now(),
    checked_at timestamptz not null default now(),
    primary key (record_hash, prompt_version, model, provider, prompt_hash),
    check ((verdict = 'rejected') = (text is null))
);
create index item_enrichments_by_run on public.item_enrichments (run_id);

-- What a run has to ask a language model for, shard by shard; the records lie in the lake under worklist_id.
create table pipeline.run_enrichments (
    run_id text not null references pipeline.runs (run_id) on delete cascade,
    shard int not null,
    worklist_id text not null,
    records int not null,
    state text not null default 'planned' check (state in ('planned', 'enriched')),
    primary key (run_id, shard)
);

-- What was expected of the enrichment before it began, and what was scrubbed from its records, by kind.
alter table pipeline.runs
add column enrichment jsonb;

-- What a run's account says of language models: answers that were paid for, and the tokens read and written for them.
alter table pipeline.spend
add column chat_calls int not null default 0,
add column chat_prompt_tokens bigint not null default 0,
add column chat_completion_tokens bigint not null default 0;
