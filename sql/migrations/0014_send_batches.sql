-- depends: 0006_create_pipeline_tables 0013_slice_versions

-- How a run asks the API: each request by itself, or many at once in batches that are answered within a day.
alter table pipeline.runs
add column via text not null default 'api' check (via in ('api', 'batch-api'));

-- One row a batch, written before anything is sent: intended, then submitted, then ended as the API says. A worker that
-- was lost in between has left its intent_id in the batch's metadata and in the name of its file.
create table pipeline.batches (
    intent_id text primary key,
    run_id text not null references pipeline.runs (run_id) on delete cascade,
    endpoint text not null,
    shard int not null,
    number int not null,
    state text not null default 'intended' check (state in (
        'intended', 'submitted', 'collected', 'failed', 'expired', 'cancelled'
    )),
    input_file_id text,
    batch_id text unique,
    requests int not null,
    inputs int not null,
    -- A token is at least a byte, so this bounds the batch's price; so much of the run's account is set aside for it.
    text_bytes bigint not null,
    reserved_usd numeric not null,
    intended_at timestamptz not null default now(),
    submitted_at timestamptz,
    ended_at timestamptz,
    -- What was billed for what it has answered: tokens that were read, and those that a language model wrote.
    tokens bigint not null default 0,
    completion_tokens bigint not null default 0,
    error text,
    unique (run_id, endpoint, shard, number)
);

-- What each line of a batch asks about. chunks: one number a text; sizes: the bytes of each chunk. outcome: null until
-- the batch has ended. refused: the API refuses what it holds. failed: it was sent, and has no answer that can be used.
-- unsent: the batch ended before, and it cost nothing.
create table pipeline.batch_requests (
    intent_id text not null references pipeline.batches (intent_id) on delete cascade,
    custom_id text not null,
    content_hashes bytea[] not null,
    chunks int[] not null,
    sizes int[] not null,
    outcome text check (outcome in ('answered', 'refused', 'failed', 'unsent')),
    primary key (intent_id, custom_id)
);
