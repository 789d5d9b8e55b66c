-- depends: 0003_create_embedding_versions

-- One row an item and version. Partitioned by version, so a version is added and dropped without touching
-- the others. The vector is an untyped halfvec: 512-d images and 3072-d texts live side by side.
create table public.item_embeddings (
    org_id uuid not null,
    item_id text not null,
    namespace text not null default 'default',
    version text not null,
    modality text not null check (modality in ('text', 'image', 'fused')),
    dims int not null,
    vector halfvec not null check (vector_dims(vector) = dims),
    record_hash bytea not null,
    content_hash bytea not null,
    source_updated_at timestamptz,
    generated_at timestamptz not null default now(),
    primary key (org_id, item_id, namespace, modality, version)
) partition by list (version);

-- Each partition gets a row trigger whose WHEN clause compares the writer's declared fingerprint with the
-- version's own; this function runs only for a write that has to be refused.
create function pipeline.refuse_foreign_vectors() returns trigger language plpgsql as $$
begin
    raise exception 'refused: the writer does not declare the fingerprint of embedding version %', tg_argv[0]
        using errcode = 'integrity_constraint_violation',
        hint = 'set catalog_embeddings.fingerprint to the fingerprint of the version the vectors were made by';
end
$$;
