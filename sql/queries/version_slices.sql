-- name: of_version
select slice_buckets, slice_salt
from public.embedding_version_slices
where version = %s;

-- name: set
insert into public.embedding_version_slices (version, slice_buckets, slice_salt)
values (%(version)s, %(slice_buckets)s, %(slice_salt)s)
on conflict (version) do update
    set
        slice_buckets = excluded.slice_buckets,
        slice_salt = excluded.slice_salt,
        set_at = now(),
        set_by = current_user;

-- name: holds_vectors
select exists(
    select 1
    from public.item_embeddings
    where version = %s
);
