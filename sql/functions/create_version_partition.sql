-- The partition of a version, with the trigger that refuses vectors made by another spec. Safe to call again.
create or replace function pipeline.create_version_partition(new_version text)
returns void
language plpgsql
as $$
declare
    partition_name text := 'item_embeddings_' || new_version;
    spec_fingerprint text;
begin
    select fingerprint into strict spec_fingerprint
    from public.embedding_versions
    where version = new_version;

    if to_regclass(format('public.%I', partition_name)) is not null then
        return;
    end if;

    -- Made beside the table and attached at the end: readers and writers of other versions go on. To make it as a
    -- partition at once would lock the whole table, and all of them would queue behind whoever reads longest.
    execute format('create table public.%I (like public.item_embeddings including all)', partition_name);
    -- Nobody compares vectors with <: what analyze would learn of them is of no use, and costs reading them.
    execute format('alter table public.%I alter column vector set statistics 0', partition_name);
    -- The WHEN clause is evaluated without calling the function: a rightful write pays next to nothing.
    execute format(
        'create trigger refuse_foreign_vectors before insert or update on public.%I for each row '
        'when (coalesce(current_setting(''catalog_embeddings.fingerprint'', true), '''') <> %L) '
        'execute function pipeline.refuse_foreign_vectors(%L)',
        partition_name, spec_fingerprint, new_version
    );
    execute format(
        'alter table public.item_embeddings attach partition public.%I for values in (%L)', partition_name, new_version
    );
    -- Packages are copied into the partition itself: a table with row-level security takes no copy from anybody else
    -- than its owner. Nobody reads a partition that way.
    if exists (select from pg_roles where rolname = 'catalog_embeddings_writer') then
        execute format('grant insert on public.%I to catalog_embeddings_writer', partition_name);
    end if;
end
$$;

comment on function pipeline.create_version_partition(text) is
'Creates the partition of item_embeddings that holds one version, guarded by the version''s fingerprint.';
