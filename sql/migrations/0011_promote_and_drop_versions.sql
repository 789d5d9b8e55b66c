-- depends: 0005_create_embedding_aliases 0006_create_pipeline_tables

-- What may change about a version besides its status; sql/functions/refuse_spec_change.sql knows the list.
-- dropped_at: its partition is gone. lake_due_at: from then on its files in the lake may go too; lake_removed_at: they
-- are gone.
alter table public.embedding_versions
add column dropped_at timestamptz,
add column lake_due_at timestamptz,
add column lake_removed_at timestamptz,
add constraint embedding_versions_dropped_is_retired check (dropped_at is null or status = 'retired');

-- What was dropped may be made again, under another name.
alter table public.embedding_versions
drop constraint embedding_versions_fingerprint_key;
create unique index embedding_versions_fingerprint_key on public.embedding_versions (fingerprint)
where dropped_at is null;

-- The history is a stack. replaced_version: what the alias of this very place pointed at before, null where it had
-- none (from_version is what readers there saw). undoes: the move that this one takes back. unmet: what spoke against
-- a promotion that was forced.
alter table public.embedding_alias_history
add column move_id bigint generated always as identity primary key,
add column replaced_version text,
add column undoes bigint unique references public.embedding_alias_history (move_id),
add column forced boolean not null default false,
add column unmet text[] not null default '{}';

-- What evaluations have found. low and high: the 95 % interval of ndcg - ndcg_against. Namespace and org are null
-- where the whole catalog was looked at; ndcg is null without judgments.
create table public.embedding_evaluations (
    evaluation_id bigint generated always as identity primary key,
    version text not null references public.embedding_versions (version),
    against text references public.embedding_versions (version),
    org_id uuid,
    namespace text,
    k int not null check (k > 0),
    ndcg double precision,
    ndcg_against double precision,
    low double precision,
    high double precision,
    report jsonb not null,
    evaluated_at timestamptz not null default now(),
    evaluated_by text not null default current_user
);
create index embedding_evaluations_by_version on public.embedding_evaluations (version, evaluated_at);

-- A session that says for which org it reads sees the vectors of no other. This guards against a forgotten WHERE, not
-- against hostile SQL: whoever may run statements may also change the setting, or leave it out and see every org.
-- Owners and superusers are not held to it at all.
alter table public.item_embeddings enable row level security;
create policy one_org_at_a_time on public.item_embeddings
using (coalesce(current_setting('catalog_embeddings.org_id', true), '') in ('', org_id::text))
with check (true);

-- dbt makes it where it is missing, which asks for the right to create schemas: the writer's role is spared that.
create schema if not exists catalog;
