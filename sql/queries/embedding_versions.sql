-- name: register
insert into public.embedding_versions (
    version, modality, provider, model, model_revision, dims,
    template, template_hash, record_fields, enrichment, enrichment_model, enrichment_hash, chunking, fingerprint
)
values (
    %(version)s, %(modality)s, %(provider)s, %(model)s, %(model_revision)s, %(dims)s,
    %(template)s, %(template_hash)s, %(record_fields)s,
    %(enrichment)s, %(enrichment_model)s, %(enrichment_hash)s, %(chunking)s, %(fingerprint)s
);

-- name: create_partition
select pipeline.create_version_partition(%s);

-- name: all_versions
select
    version, modality, provider, model, model_revision, dims,
    template, template_hash, record_fields, enrichment, enrichment_model, enrichment_hash,
    chunking, fingerprint, status, dropped_at
from public.embedding_versions
order by created_at, version;

-- name: set_status
-- What an alias points to is active, whatever a run that began before it was promoted has to say.
update public.embedding_versions as versions
set status = %(status)s
where
    versions.version = %(version)s
    and versions.status <> %(status)s
    and (
        %(status)s = 'active'
        or not exists (
            select 1
            from public.embedding_aliases as aliases
            where versions.version = aliases.version
        )
    );

-- name: follow_aliases
with pointed_at as (
    select distinct version
    from public.embedding_aliases
)

update public.embedding_versions as versions
set status = case when versions.version in (select version from pointed_at) then 'active' else 'retired' end
where (versions.status = 'active') <> (versions.version in (select version from pointed_at));

-- name: mark_dropped
update public.embedding_versions
set
    status = 'retired',
    dropped_at = coalesce(dropped_at, now()),
    lake_due_at = coalesce(
        coalesce(dropped_at, now()) + make_interval(days => %(lake_after_days)s::int),
        lake_due_at,
        now() + make_interval(days => %(otherwise_days)s)
    )
where version = %(version)s;

-- name: dropping_of
select dropped_at, lake_due_at, lake_removed_at
from public.embedding_versions
where version = %s and dropped_at is not null;

-- name: lake_due
select version
from public.embedding_versions
where lake_due_at <= now() and lake_removed_at is null
order by lake_due_at, version;

-- name: lake_needed
select version
from public.embedding_versions
where lake_removed_at is null and (lake_due_at is null or lake_due_at > now());

-- name: mark_lake_removed
update public.embedding_versions
set lake_removed_at = now()
where version = %s;
