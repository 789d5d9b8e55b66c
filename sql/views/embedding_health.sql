-- The state of each version at a glance. Lengths and angles of vectors are left to `catalog-embeddings evaluate`: they
-- ask for reading every vector, this only for counting rows.
create or replace view public.embedding_health as
with vector_indexes as (
    select
        pg_index.indrelid,
        bool_or(pg_index.indisvalid) as valid
    from pg_index
    inner join pg_class as indexes on pg_index.indexrelid = indexes.oid
    inner join pg_am on indexes.relam = pg_am.oid
    where pg_am.amname = 'hnsw'
    group by pg_index.indrelid
),

open_reasons as (
    select
        version,
        reason,
        count(*) as letters
    from pipeline.dead_letters
    where resolved_at is null
    group by version, reason
),

letters as (
    select
        version,
        jsonb_object_agg(reason, letters) as dead_letters
    from open_reasons
    group by version
),

-- Of a template that was edited under its name, every edition counts by itself.
objections as (
    select
        enriched.prompt_version,
        enriched.model,
        enriched.provider,
        enriched.prompt_hash,
        finding.value ->> 'rule' as rule,
        count(distinct enriched.record_hash) as records
    from public.item_enrichments as enriched
    cross join lateral jsonb_array_elements(enriched.findings) as finding
    group by
        enriched.prompt_version,
        enriched.model,
        enriched.provider,
        enriched.prompt_hash,
        finding.value ->> 'rule'
),

rules as (
    select
        prompt_version,
        model,
        provider,
        prompt_hash,
        jsonb_object_agg(rule, records) as rules
    from objections
    group by prompt_version, model, provider, prompt_hash
),

enrichments as (
    select
        prompt_version,
        model,
        provider,
        prompt_hash,
        count(*) as records,
        count(*) filter (where verdict = 'accepted') as accepted,
        count(*) filter (where verdict = 'repaired') as repaired,
        count(*) filter (where verdict = 'rejected') as rejected
    from public.item_enrichments
    group by prompt_version, model, provider, prompt_hash
)

select
    versions.version,
    versions.status,
    held.rows,
    held.mistrusted,
    held.first_generated_at,
    held.last_generated_at,
    last_run.run_id as last_run_id,
    last_run.state as last_run_state,
    last_run.started_at as last_run_started_at,
    coalesce(letters.dead_letters, '{}') as dead_letters,
    vector_indexes.valid as index_valid,
    (versions.index_report ->> 'recall_at_10')::real as index_recall,
    pg_total_relation_size(partitions.oid) as bytes,
    case
        when enrichments.records is not null then jsonb_build_object(
            'records', enrichments.records,
            'accepted', enrichments.accepted,
            'repaired', enrichments.repaired,
            'rejected', enrichments.rejected,
            'rules', coalesce(rules.rules, '{}')
        )
    end as enrichment
from public.embedding_versions as versions
left join lateral (
    select
        count(*) as rows,
        count(*) filter (where item_embeddings.record_hash = '') as mistrusted,
        min(item_embeddings.generated_at) as first_generated_at,
        max(item_embeddings.generated_at) as last_generated_at
    from public.item_embeddings
    where item_embeddings.version = versions.version
) as held on true
left join lateral (
    select
        runs.run_id,
        runs.state,
        runs.started_at
    from pipeline.runs
    where runs.version = versions.version and runs.state <> 'previewed'
    order by runs.started_at desc
    limit 1
) as last_run on true
left join letters on versions.version = letters.version
left join enrichments
    on
        versions.enrichment = enrichments.prompt_version
        and versions.enrichment_model = enrichments.model
        and versions.provider = enrichments.provider
        and versions.enrichment_hash = enrichments.prompt_hash
left join rules
    on
        enrichments.prompt_version = rules.prompt_version
        and enrichments.model = rules.model
        and enrichments.provider = rules.provider
        and enrichments.prompt_hash = rules.prompt_hash
left join pg_class as partitions
    on partitions.oid = to_regclass(format('public.%I', 'item_embeddings_' || versions.version))
left join vector_indexes on partitions.oid = vector_indexes.indrelid
where versions.dropped_at is null
order by versions.created_at;

comment on view public.embedding_health is
'One row a version that was not dropped: its rows, its last run, its open dead letters, its index.';
comment on column public.embedding_health.rows is 'vectors held';
comment on column public.embedding_health.mistrusted is
'of these, vectors that no intact file of the lake proves: the next run makes them anew';
comment on column public.embedding_health.first_generated_at is 'when the oldest vector was written';
comment on column public.embedding_health.last_generated_at is 'when the newest vector was written';
comment on column public.embedding_health.last_run_state is 'anything but verified wants a look; dry runs are left out';
comment on column public.embedding_health.dead_letters is 'how many are open, by reason';
comment on column public.embedding_health.index_valid is 'null without a vector index: searches read every vector';
comment on column public.embedding_health.index_recall is 'of the 10 nearest, the share that the index finds';
comment on column public.embedding_health.bytes is 'on disk, with indexes';
comment on column public.embedding_health.enrichment is
'what a language model wrote for versions of this kind, in records: by verdict, and by the rule that objected';
