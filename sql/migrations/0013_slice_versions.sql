-- depends: 0003_create_embedding_versions 0006_create_pipeline_tables

-- The share of the catalog that a version is made for while it is on trial: the items whose slice_bucket under the
-- salt is below slice_buckets. A version without a row is made for the whole catalog.
create table public.embedding_version_slices (
    version text primary key references public.embedding_versions (version),
    slice_buckets int not null check (slice_buckets between 1 and 10000),
    slice_salt text not null check (slice_salt ~ '^[A-Za-z0-9._-]{1,64}$'),
    set_at timestamptz not null default now(),
    set_by text not null default current_user
);

-- The slice that a run was begun with, where it was given one: it becomes the version's when the plan is frozen, so
-- a plan that is only looked at, or refused for its price, leaves the version as it was.
alter table pipeline.runs
add column slice_buckets int check (slice_buckets between 1 and 10000),
add column slice_salt text;

-- One row a run: what it has spent, and what requests that are under way may still cost at the most. A killed
-- worker's reservation stays, and counts as spent: whether the API billed it is known to nobody here.
-- tokens and text_bytes say how the model cuts this catalog: the next estimate rests on them.
create table pipeline.spend (
    run_id text primary key references pipeline.runs (run_id) on delete cascade,
    max_cost_usd numeric check (max_cost_usd >= 0),
    reserved_usd numeric not null default 0,
    spent_usd numeric not null default 0,
    tokens bigint not null default 0,
    text_bytes bigint not null default 0
);
