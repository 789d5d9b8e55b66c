-- Which version readers see: the most specific alias wins, the org before the namespace.
create or replace function public.active_version(
    for_org_id uuid default null,
    for_namespace text default '*',
    for_modality text default 'text'
)
returns text
language sql
stable
as $$
    select version
    from public.embedding_aliases
    where
        modality = for_modality
        and (org_id = for_org_id or org_id is null)
        and (namespace = for_namespace or namespace = '*')
    order by org_id is null, namespace = '*'
    limit 1
$$;

comment on function public.active_version(uuid, text, text) is
'The embedding version that readers of an org and namespace see; null where none was promoted.';
