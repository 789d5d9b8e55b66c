-- depends: 0001_create_extension_and_schemas

-- One immutable row a version: how its vectors are made. Only the status ever changes.
create table public.embedding_versions (
    version text primary key check (version ~ '^[a-z0-9][a-z0-9_]{0,39}$'),
    modality text not null check (modality in ('text', 'image', 'fused')),
    provider text not null,
    model text not null,
    model_revision text not null default '',
    dims int not null check (dims between 1 and 16000),
    template text not null,
    template_hash text not null,
    record_fields text[] not null,
    enrichment text,
    chunking jsonb not null,
    fingerprint text not null unique,
    status text not null default 'building' check (status in ('building', 'candidate', 'active', 'retired')),
    created_at timestamptz not null default now(),
    created_by text not null default current_user
);

create function pipeline.refuse_spec_change() returns trigger language plpgsql as $$
begin
    if (to_jsonb(new) - 'status') is distinct from (to_jsonb(old) - 'status') then
        raise exception 'the spec of embedding version % is immutable: create a new version instead', old.version
            using errcode = 'integrity_constraint_violation';
    end if;
    return new;
end
$$;

create trigger embedding_versions_are_immutable before update on public.embedding_versions
for each row execute function pipeline.refuse_spec_change();
