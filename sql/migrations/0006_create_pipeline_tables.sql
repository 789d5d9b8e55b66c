-- depends: 0004_create_item_embeddings

create table pipeline.runs (
    run_id text primary key,
    version text not null references public.embedding_versions (version),
    state text not null check (state in (
        'leased', 'previewed', 'planned', 'verified', 'paused', 'held', 'failed'
    )),
    started_by text not null,
    started_at timestamptz not null default now(),
    finished_at timestamptz,
    -- Where the lake holds the planned texts; null until the plan is frozen.
    plan_id text,
    plan jsonb,
    summary jsonb,
    error text
);

-- Who works on a version. The fence grows by one with every holder; a write under an older fence is refused.
create table pipeline.leases (
    version text primary key references public.embedding_versions (version),
    run_id text not null references pipeline.runs (run_id),
    fence bigint not null,
    holder text not null,
    taken_at timestamptz not null default now(),
    expires_at timestamptz not null
);

-- The frozen change set of a run: what it set out to do, item by item.
create table pipeline.run_plan (
    run_id text not null references pipeline.runs (run_id) on delete cascade,
    org_id uuid not null,
    namespace text not null,
    item_id text not null,
    change text not null check (change in ('new', 'changed', 'deleted')),
    record_hash bytea,
    content_hash bytea,
    source_updated_at timestamptz,
    primary key (run_id, org_id, namespace, item_id)
);
create index run_plan_by_content on pipeline.run_plan (run_id, content_hash);

-- The distinct texts of a run: who shares a text shares a row here. reusable: it was paid for before the plan.
create table pipeline.run_texts (
    run_id text not null references pipeline.runs (run_id) on delete cascade,
    content_hash bytea not null,
    shard int not null,
    reusable boolean not null,
    outcome text check (outcome in ('loaded', 'dead')),
    primary key (run_id, content_hash)
);
create index run_texts_by_shard on pipeline.run_texts (run_id, shard);

-- What was spent and done, shard by shard; a retried shard adds to its row.
create table pipeline.run_shards (
    run_id text not null references pipeline.runs (run_id) on delete cascade,
    shard int not null,
    texts int not null,
    state text not null default 'planned' check (state in ('planned', 'loaded')),
    embedded int not null default 0,
    reused int not null default 0,
    loaded int not null default 0,
    requests int not null default 0,
    retries int not null default 0,
    tokens bigint not null default 0,
    primary key (run_id, shard)
);

-- Every part in the lake that holds vectors, and which paid content lies in which part.
create table pipeline.lake_parts (
    part_key text primary key,
    sha256 bytea not null,
    run_id text not null,
    shard int not null,
    vectors int not null,
    bytes bigint not null,
    created_at timestamptz not null default now()
);

create table pipeline.paid_contents (
    content_hash bytea primary key,
    part_key text not null references pipeline.lake_parts (part_key) on delete cascade
);

-- A load package is applied in the transaction that records it here, so at most once.
create table pipeline.load_packages (
    package_id text primary key,
    run_id text not null references pipeline.runs (run_id),
    shard int not null,
    fence bigint not null,
    contents int not null,
    loaded int not null,
    applied_at timestamptz not null default now()
);

-- Items that could not be embedded, with the reason, never with their text. version '*': refused before any version.
create table pipeline.dead_letters (
    version text not null,
    org_id uuid not null,
    namespace text not null,
    item_id text not null,
    stage text not null check (stage in ('import', 'plan', 'embed')),
    reason text not null,
    detail text not null default '',
    record_hash bytea,
    content_hash bytea,
    run_id text,
    attempts int not null default 1,
    first_seen_at timestamptz not null default now(),
    last_seen_at timestamptz not null default now(),
    resolved_at timestamptz,
    primary key (version, org_id, namespace, item_id, stage)
);
