-- depends: 0003_create_embedding_versions

-- Which version readers see. org_id null: every org; namespace '*': every namespace. The most specific row wins.
create table public.embedding_aliases (
    org_id uuid,
    namespace text not null,
    modality text not null check (modality in ('text', 'image', 'fused')),
    version text not null references public.embedding_versions (version),
    promoted_at timestamptz not null default now(),
    promoted_by text not null default current_user,
    unique nulls not distinct (org_id, namespace, modality)
);

create table public.embedding_alias_history (
    moved_at timestamptz not null default now(),
    moved_by text not null default current_user,
    org_id uuid,
    namespace text not null,
    modality text not null,
    from_version text,
    to_version text not null,
    reason text not null
);
