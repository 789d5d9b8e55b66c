-- name: clock
select now();

-- name: taken_up_since
-- The run that took its version's lease last, new or resumed, and how far it has come.
select
    runs.run_id,
    runs.state,
    runs.plan,
    runs.summary,
    runs.error,
    coalesce(sum(shards.embedded + shards.reused), 0)::int as texts_done
from pipeline.leases
inner join pipeline.runs on leases.run_id = runs.run_id
left join pipeline.run_shards as shards on runs.run_id = shards.run_id
where leases.taken_at >= %(since)s
group by runs.run_id, leases.taken_at
order by leases.taken_at desc
limit 1;
