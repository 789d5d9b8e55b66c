-- The trigger function of embedding_versions: everything but the columns named here is the spec, and is written once.
create or replace function pipeline.refuse_spec_change()
returns trigger
language plpgsql
as $$
declare
    changing constant text[] := array['status', 'dropped_at', 'lake_due_at', 'lake_removed_at', 'index_report'];
begin
    if (to_jsonb(new) - changing) is distinct from (to_jsonb(old) - changing) then
        raise exception 'the spec of embedding version % is immutable: create a new version instead', old.version
            using errcode = 'integrity_constraint_violation';
    end if;
    return new;
end
$$;

comment on function pipeline.refuse_spec_change() is
'Refuses every change of an embedding version but that of its status, its dropping and what is known of its index.';
