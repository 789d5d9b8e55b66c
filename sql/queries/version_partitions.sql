-- name: state
select
    case
        when links.inhrelid is null then 'detached'
        when links.inhdetachpending then 'half detached'
        else 'attached'
    end as state
from pg_class as partitions
left join pg_inherits as links
    on partitions.oid = links.inhrelid and links.inhparent = 'public.item_embeddings'::regclass
where partitions.oid = to_regclass(format('public.%%I', 'item_embeddings_' || %(version)s));

-- name: patience
select set_config('lock_timeout', %s, false);

-- name: bytes
select pg_total_relation_size(to_regclass(format('public.%%I', 'item_embeddings_' || %(version)s)));

-- name: detach
-- Concurrently: only those who read this very partition are waited for, and nobody waits for us.
alter table public.item_embeddings detach partition public.{partition} concurrently; -- noqa: PRS

-- name: finish_detaching
alter table public.item_embeddings detach partition public.{partition} finalize; -- noqa: PRS

-- name: drop_detached
drop table public.{partition}; -- noqa: PRS
