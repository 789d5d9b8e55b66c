-- name: add
-- The one way to write letters, many at once: an item that dies again in the same stage keeps its first date.
insert into pipeline.dead_letters (
    version, stage, run_id, org_id, namespace, item_id, record_hash, content_hash, reason, detail
)
select
    %(version)s,
    %(stage)s,
    %(run_id)s,
    refused.org_id,
    refused.namespace,
    refused.item_id,
    refused.record_hash,
    refused.content_hash,
    refused.reason,
    refused.detail
from
    unnest(
        %(org_ids)s::uuid[],
        %(namespaces)s::text[],
        %(item_ids)s::text[],
        %(record_hashes)s::bytea[],
        %(content_hashes)s::bytea[],
        %(reasons)s::text[],
        %(details)s::text[]
    ) as refused (org_id, namespace, item_id, record_hash, content_hash, reason, detail)
on conflict (version, org_id, namespace, item_id, stage) do update set
    reason = excluded.reason,
    detail = excluded.detail,
    record_hash = excluded.record_hash,
    content_hash = excluded.content_hash,
    run_id = excluded.run_id,
    attempts = dead_letters.attempts + 1,
    last_seen_at = now(),
    resolved_at = null;

-- name: items_of_texts
select org_id, namespace, item_id, record_hash, content_hash
from pipeline.run_plan
where run_id = %(run_id)s and content_hash = any(%(content_hashes)b::bytea[])
order by org_id, namespace, item_id;

-- name: resolve_loaded
update pipeline.dead_letters as dead
set resolved_at = now()
from pipeline.run_plan as plan
where
    plan.run_id = %(run_id)s
    and dead.version = %(version)s
    and dead.resolved_at is null
    and dead.org_id = plan.org_id
    and dead.namespace = plan.namespace
    and dead.item_id = plan.item_id
    and (
        plan.change = 'deleted'
        or exists (
            select 1
            from public.item_embeddings as held
            where
                held.version = %(version)s
                and held.modality = 'text'
                and plan.org_id = held.org_id -- noqa: RF01
                and plan.namespace = held.namespace -- noqa: RF01
                and plan.item_id = held.item_id -- noqa: RF01
                and plan.content_hash = held.content_hash -- noqa: RF01
        )
    );

-- name: resolve_held
-- The version holds the very record that the catalog has: it was edited back, or is held for another reason. What
-- this run itself found dead stays so: dbt may have looked at the catalog again since it planned.
update pipeline.dead_letters as dead
set resolved_at = now()
from public.embedding_versions as versions
inner join catalog.catalog_record_hashes as records on versions.record_fields = records.record_fields
inner join public.item_embeddings as held
    on
        versions.modality = held.modality
        and records.org_id = held.org_id
        and records.namespace = held.namespace
        and records.item_id = held.item_id
        and records.record_hash = held.record_hash
where
    versions.version = %(version)s
    and held.version = %(version)s
    and dead.version = %(version)s
    and dead.resolved_at is null
    and dead.run_id is distinct from %(run_id)s
    and dead.org_id = records.org_id
    and dead.namespace = records.namespace
    and dead.item_id = records.item_id;

-- name: resolve_gone
update pipeline.dead_letters as dead
set resolved_at = now()
where
    dead.version = %(version)s
    and dead.resolved_at is null
    and not exists (
        select 1
        from analytics.catalog_features_raw as items
        where
            dead.org_id = items.org_id
            and dead.namespace = items.namespace
            and dead.item_id = items.item_id
    );

-- name: resolve_superseded
-- The item has since died in another stage, of a newer record.
update pipeline.dead_letters as dead
set resolved_at = now()
from pipeline.dead_letters as later
where
    dead.version = %(version)s
    and later.version = %(version)s
    and dead.resolved_at is null
    and later.resolved_at is null
    and dead.org_id = later.org_id
    and dead.namespace = later.namespace
    and dead.item_id = later.item_id
    and dead.last_seen_at < later.last_seen_at;

-- name: open_letters
select version, org_id, namespace, item_id, stage, reason, detail, attempts, first_seen_at, last_seen_at
from pipeline.dead_letters
where
    resolved_at is null
    and (%(reasons)s::text[] is null or reason = any(%(reasons)s::text[]))
    and (%(version)s::text is null or version = %(version)s)
    and (%(item_id)s::text is null or item_id = %(item_id)s)
order by last_seen_at desc, namespace asc, item_id asc
limit %(at_most)s;

-- name: open_reasons
select reason, count(*)
from pipeline.dead_letters
where
    resolved_at is null
    and (%(reasons)s::text[] is null or reason = any(%(reasons)s::text[]))
    and (%(version)s::text is null or version = %(version)s)
    and (%(item_id)s::text is null or item_id = %(item_id)s)
group by reason
order by count(*) desc, reason asc;

-- name: reasons_of_run
select reason, count(*)
from pipeline.dead_letters
where run_id = %(run_id)s and version = %(version)s and resolved_at is null
group by reason
order by count(*) desc, reason asc;

-- name: redrive
-- A closed letter holds its record back no more. What an unfinished run found dead is its outcome until it ends.
with redriven as (
    update pipeline.dead_letters as dead
    set resolved_at = now()
    where
        dead.resolved_at is null
        and dead.stage <> 'import'
        and (%(reasons)s::text[] is null or dead.reason = any(%(reasons)s::text[]))
        and (%(version)s::text is null or dead.version = %(version)s)
        and (%(item_id)s::text is null or dead.item_id = %(item_id)s)
        and not exists (
            select 1
            from pipeline.runs
            where dead.run_id = runs.run_id and runs.state in ('leased', 'planned', 'paused')
        )
    returning dead.reason
)

select reason, count(*)
from redriven
group by reason
order by count(*) desc, reason asc;

-- name: left_out
-- What is still open after a redrive of the same selection, and so was not redriven.
select
    count(*) filter (where stage = 'import') as of_import,
    count(*) filter (where stage <> 'import') as of_unfinished_run
from pipeline.dead_letters
where
    resolved_at is null
    and (%(reasons)s::text[] is null or reason = any(%(reasons)s::text[]))
    and (%(version)s::text is null or version = %(version)s)
    and (%(item_id)s::text is null or item_id = %(item_id)s);
