-- name: active_version
select public.active_version(%(org_id)s, %(namespace)s, 'text');

-- name: any_alias
select count(*) > 0 as any_alias
from public.embedding_aliases
where modality = 'text';

-- name: all_aliases
select org_id, namespace, version
from public.embedding_aliases
where modality = 'text'
order by org_id nulls first, namespace;

-- name: hold
-- Whoever moves a pointer, or relies on where it points, waits for the one before. Readers never wait.
lock table public.embedding_aliases in share row exclusive mode;

-- name: own_alias
select version
from public.embedding_aliases
where org_id is not distinct from %(org_id)s and namespace = %(namespace)s and modality = 'text';

-- name: point
insert into public.embedding_aliases (org_id, namespace, modality, version)
values (%(org_id)s, %(namespace)s, 'text', %(version)s)
on conflict (org_id, namespace, modality)
do update set version = excluded.version, promoted_at = now(), promoted_by = current_user;

-- name: remove
delete from public.embedding_aliases
where org_id is not distinct from %(org_id)s and namespace = %(namespace)s and modality = 'text';

-- name: record_move
insert into public.embedding_alias_history (
    moved_at, org_id, namespace, modality, from_version, to_version, reason, replaced_version, undoes, forced, unmet
)
values (
    clock_timestamp(),
    %(org_id)s,
    %(namespace)s,
    'text',
    %(from_version)s,
    %(to_version)s,
    %(reason)s,
    %(replaced_version)s,
    %(undoes)s,
    %(forced)s,
    %(unmet)s
)
returning moved_at, moved_by;

-- name: last_promotion
select moves.move_id, moves.to_version, moves.replaced_version
from public.embedding_alias_history as moves
where
    moves.org_id is not distinct from %(org_id)s
    and moves.namespace = %(namespace)s
    and moves.modality = 'text'
    and moves.undoes is null
    and not exists (
        select 1
        from public.embedding_alias_history as later
        where moves.move_id = later.undoes
    )
order by moves.move_id desc
limit 1;
