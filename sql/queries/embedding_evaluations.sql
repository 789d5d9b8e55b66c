-- name: record
insert into public.embedding_evaluations (
    version, against, org_id, namespace, k, ndcg, ndcg_against, low, high, report
)
values (
    %(version)s,
    %(against)s,
    %(org_id)s,
    %(namespace)s,
    %(k)s,
    %(ndcg)s,
    %(ndcg_against)s,
    %(low)s,
    %(high)s,
    %(report)s
);

-- name: latest
select version, against, k, ndcg, ndcg_against, evaluated_at
from public.embedding_evaluations
where
    version = %(version)s
    and against = %(against)s
    and ndcg_against is not null
    and (org_id is null or org_id = %(org_id)s)
    and (namespace is null or namespace = %(namespace)s)
order by evaluated_at desc, evaluation_id desc
limit 1;

-- name: latest_of_any_kind
-- A judged one says more than a later one without judgments.
select k, ndcg, ndcg_against, low, high, evaluated_at
from public.embedding_evaluations
where version = %(version)s and against = %(against)s
order by ndcg_against is null asc, evaluated_at desc, evaluation_id desc
limit 1;
