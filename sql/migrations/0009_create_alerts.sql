-- depends: 0008_seal_runs

-- What a person should be told of a run, at most once a run. Pending while sent_at is null.
create table pipeline.alerts (
    run_id text primary key references pipeline.runs (run_id) on delete cascade,
    message text not null,
    created_at timestamptz not null default now(),
    sent_at timestamptz
);
