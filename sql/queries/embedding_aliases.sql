-- name: active_version
select public.active_version(%(org_id)s, %(namespace)s, 'text');

-- name: point
insert into public.embedding_aliases (org_id, namespace, modality, version)
values (%(org_id)s, %(namespace)s, 'text', %(version)s)
on conflict (org_id, namespace, modality)
do update set version = excluded.version, promoted_at = now(), promoted_by = current_user;

-- name: record_move
insert into public.embedding_alias_history (org_id, namespace, modality, from_version, to_version, reason)
values (%(org_id)s, %(namespace)s, 'text', %(from_version)s, %(to_version)s, %(reason)s);

-- name: any_alias
select count(*) > 0 as any_alias
from public.embedding_aliases
where modality = 'text';
