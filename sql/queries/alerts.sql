-- name: add
insert into pipeline.alerts (run_id, message)
values (%(run_id)s, %(message)s)
on conflict (run_id) do nothing;

-- name: claim
-- The oldest one that nobody else is sending at this moment.
select run_id, message
from pipeline.alerts
where sent_at is null
order by created_at asc, run_id asc
limit 1
for update skip locked;

-- name: mark_sent
update pipeline.alerts
set sent_at = now()
where run_id = %s;
