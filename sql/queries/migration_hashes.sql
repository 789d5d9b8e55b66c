-- name: create_schema
create schema if not exists pipeline;

-- name: create_ledger
create table if not exists pipeline.migration_hashes (
    migration text primary key,
    sha256 text not null,
    applied_at timestamptz not null default now()
);

-- name: is_there
select to_regclass('pipeline.migration_hashes') is not null;

-- name: recorded
select migration, sha256
from pipeline.migration_hashes
order by migration;

-- name: record
insert into pipeline.migration_hashes (migration, sha256)
values (%s, %s)
on conflict (migration) do nothing;

-- name: grant_roles
select pipeline.grant_roles();
