-- name: register
insert into public.embedding_versions (
    version, modality, provider, model, model_revision, dims,
    template, template_hash, record_fields, enrichment, chunking, fingerprint
)
values (
    %(version)s, %(modality)s, %(provider)s, %(model)s, %(model_revision)s, %(dims)s,
    %(template)s, %(template_hash)s, %(record_fields)s, %(enrichment)s, %(chunking)s, %(fingerprint)s
);

-- name: create_partition
select pipeline.create_version_partition(%s);

-- name: all_versions
select
    version, modality, provider, model, model_revision, dims,
    template, template_hash, record_fields, enrichment, chunking, fingerprint, status
from public.embedding_versions
order by created_at, version;

-- name: set_status
update public.embedding_versions
set status = %(status)s
where version = %(version)s and status <> %(status)s;
