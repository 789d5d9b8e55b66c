-- The three roles and what each may do; run at the end of every deploy, so that what is new is granted too. Roles
-- belong to the whole server, and making them needs CREATEROLE: where the deploying user may not, or a grant is
-- somebody else's to give, that is said and the rest goes on.
create or replace function pipeline.grant_roles()
returns text[]
language plpgsql
as $$
declare
    reader constant text := 'catalog_embeddings_reader';
    writer constant text := 'catalog_embeddings_writer';
    migrator constant text := 'catalog_embeddings_migrator';
    role_name text;
    privilege text;
    undone text[] := '{}';
begin
    foreach role_name in array array[reader, writer, migrator] loop
        continue when exists (select from pg_roles where rolname = role_name);
        begin
            execute format('create role %I nologin', role_name);
        exception
            when duplicate_object or unique_violation then
                null;  -- another deploy on this server was faster
            when insufficient_privilege then
                undone := undone || format('create role %I nologin', role_name);
        end;
    end loop;

    for role_name, privilege in
        values
        (reader, 'usage on schema public, analytics'),
        (reader, 'select on public.item_embeddings, public.embedding_versions, public.embedding_aliases, '
            'public.embedding_alias_history, public.embedding_evaluations, public.embedding_version_slices, '
            'public.item_enrichments'),
        (reader, 'select on public.active_item_embeddings, public.embedding_coverage, public.embedding_health, '
            'public.embedding_runs'),
        (reader, 'select on analytics.catalog_features_raw, analytics.recommendation_events'),
        (writer, 'catalog_embeddings_reader'),
        (writer, 'insert, update, delete on public.item_embeddings, public.embedding_aliases'),
        (writer, (
            select 'insert on ' || string_agg(inhrelid::regclass::text, ', ')
            from pg_inherits
            where inhparent = 'public.item_embeddings'::regclass
        )),
        (writer, 'insert on public.embedding_alias_history, public.embedding_evaluations'),
        (writer, 'update (status, index_report) on public.embedding_versions'),
        (writer, 'insert, update on public.embedding_version_slices, public.item_enrichments'),
        (writer, 'insert, update, delete on analytics.catalog_features_raw'),
        (writer, 'usage on schema pipeline'),
        (writer, (
            select 'select, insert, update, delete on ' || string_agg(format('pipeline.%I', tablename), ', ')
            from pg_tables
            where schemaname = 'pipeline' and tablename <> 'migration_hashes'
        )),
        (writer, 'usage on all sequences in schema pipeline'),
        (writer, 'usage, create on schema catalog'),
        (migrator, format('create on database %I', current_database())),
        (migrator, 'usage, create on schema public, analytics, pipeline, catalog')
    loop
        continue when privilege is null or not exists (select from pg_roles where rolname = role_name);
        begin
            -- To be in a role already is no reason to ask again: only an administrator of it may.
            continue when case when privilege = reader then pg_has_role(role_name, reader, 'member') else false end;
            execute format('grant %s to %I', privilege, role_name);
        exception when insufficient_privilege or undefined_object then
            undone := undone || format('grant %s to %I', privilege, role_name);
        end;
    end loop;

    return undone;
end
$$;

comment on function pipeline.grant_roles() is
'Makes the roles, and grants what each needs:
catalog_embeddings_reader asks, catalog_embeddings_writer imports, runs, evaluates and promotes,
catalog_embeddings_migrator deploys, and makes, indexes and drops versions.
Returns the statements that the calling user may not run.';
