-- name: add
insert into pipeline.dead_letters (
    version, org_id, namespace, item_id, stage, reason, detail, record_hash, content_hash, run_id
)
values (
    %(version)s, %(org_id)s, %(namespace)s, %(item_id)s, %(stage)s, %(reason)s, %(detail)s,
    %(record_hash)s, %(content_hash)s, %(run_id)s
)
on conflict (version, org_id, namespace, item_id, stage) do update set
    reason = excluded.reason,
    detail = excluded.detail,
    record_hash = excluded.record_hash,
    content_hash = excluded.content_hash,
    run_id = excluded.run_id,
    attempts = dead_letters.attempts + 1,
    last_seen_at = now(),
    resolved_at = null;

-- name: add_for_content
insert into pipeline.dead_letters (
    version, org_id, namespace, item_id, stage, reason, detail, record_hash, content_hash, run_id
)
select
    %(version)s,
    org_id,
    namespace,
    item_id,
    'embed',
    %(reason)s,
    %(detail)s,
    record_hash,
    content_hash,
    run_id
from pipeline.run_plan
where run_id = %(run_id)s and content_hash = %(content_hash)s
on conflict (version, org_id, namespace, item_id, stage) do update set
    reason = excluded.reason,
    detail = excluded.detail,
    record_hash = excluded.record_hash,
    content_hash = excluded.content_hash,
    run_id = excluded.run_id,
    attempts = dead_letters.attempts + 1,
    last_seen_at = now(),
    resolved_at = null;

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

-- name: open_letters
select version, org_id, namespace, item_id, stage, reason, detail, attempts, first_seen_at, last_seen_at
from pipeline.dead_letters
where resolved_at is null
order by last_seen_at desc, namespace asc, item_id asc;
