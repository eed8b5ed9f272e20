-- name: statistics
-- Of the incidents that somebody may see and that were declared within the period, by severity, drills apart. Times run from
-- the declaration, or from the moment when somebody said that it began. A promise is
-- that of an update, or of the declaration where the severity stayed; it ends with the next update or with the incident,
-- and is not counted while its moment has not come, or when a change of severity came first.
with seen as (
    select i.number, i.severity, i.drill, i.status, i.cadence from incident i
    where i.declared_at > coalesce(%(until)s::timestamptz, now()) - %(period)s::interval
      and i.declared_at <= coalesce(%(until)s::timestamptz, now()) and i.status <> 'cancelled'
      and not exists (select 1 from merged m where m.incident = i.number)
      and (not i.private or may_see(i, %(viewer)s))
), moments as (
    select e.incident, min(e.at) filter (where e.kind = 'declared') as declared,
           min(e.at) filter (where e.kind = 'acknowledged') as acknowledged,
           min(e.at) filter (where e.kind = 'status_changed' and e.detail ->> 'to' = 'monitoring') as monitoring,
           max(e.at) filter (where e.kind = 'resolved') as resolved,
           min(e.at) filter (where e.kind = 'severity_changed') as changed,
           (array_agg(e.newer -> 'detail' ->> 'began' order by e.id desc)
            filter (where e.newer ->> 'kind' = 'times_corrected'))[1] as began,
           array_agg(e.at) filter (where e.kind in ('resolved', 'severity_changed')) as ends,
           array_agg(e.at) filter (where e.kind = 'severity_changed') as changes
    from timeline_entry e join seen on seen.number = e.incident
    where e.kind in ('declared', 'acknowledged', 'status_changed', 'resolved', 'severity_changed')
       or e.newer ->> 'kind' = 'times_corrected'
    group by e.incident
), updates as (
    select u.incident, u.at, u.next_update_at as due, lead(u.at) over (partition by u.incident order by u.at, u.id) as next,
           u.status = 'monitoring' as is_monitoring
    from status_update u join seen on seen.number = u.incident
), first_updates as (
    select incident, min(at) as first, min(at) filter (where is_monitoring) as monitoring from updates group by incident
), times as (
    select seen.*, m.declared, m.acknowledged - b.began as acknowledge,
           coalesce(least(m.monitoring, f.monitoring), m.resolved) - b.began as mitigate,
           case when seen.status in ('resolved', 'closed') then m.resolved - b.began end as resolve,
           m.changed, m.ends, m.changes, f.first, m.began is not null as is_corrected
    from seen join moments m on m.incident = seen.number
    cross join lateral (select coalesce(to_timestamp(m.began::double precision), m.declared) as began) b
    left join first_updates f on f.incident = seen.number
), promises as (
    select incident, at, due, next from updates where due is not null
    union all
    select number, declared, declared + cadence, first
    from times where cadence is not null and changed is null
), judged as materialized (
    select p.incident, p.due, least(p.next, (select min(e) from unnest(t.ends) e where e > p.at)) as ended,
           (select min(c) from unnest(t.changes) c where c > p.at) as changed
    from promises p join times t on t.number = p.incident
), counted as (
    select incident, count(*) filter (where ended <= due) as kept, count(*) as promised
    from judged
    where (changed is null or changed is distinct from ended) and (ended is not null or due < now())
    group by incident
)
select severity, drill as is_drill, count(*) as count,
       count(*) filter (where status in ('investigating', 'identified', 'monitoring')) as still_open,
       count(*) filter (where is_corrected) as corrected,
       count(acknowledge) as acknowledge_count,
       percentile_cont(0.5) within group (order by acknowledge) as acknowledge_median,
       percentile_cont(0.9) within group (order by acknowledge) as acknowledge_p90,
       count(mitigate) as mitigate_count, percentile_cont(0.5) within group (order by mitigate) as mitigate_median,
       percentile_cont(0.9) within group (order by mitigate) as mitigate_p90,
       count(resolve) as resolve_count, percentile_cont(0.5) within group (order by resolve) as resolve_median,
       percentile_cont(0.9) within group (order by resolve) as resolve_p90,
       coalesce(sum(kept), 0)::int as kept, coalesce(sum(promised), 0)::int as promised
from times left join counted on counted.incident = times.number
group by severity, drill
order by drill, coalesce(array_position(%(severities)s::text[], severity), 99), severity

-- name: action_statistics
-- The action items of the same incidents; one without a day is in time.
select count(*) filter (where a.state = 'done')::int as actions_done,
       count(*) filter (where a.state = 'done' and (a.due_on is null or a.ended_at::date <= a.due_on))::int
           as actions_in_time,
       count(*) filter (where a.state <> 'done')::int as actions_left
from action_item a join incident i on i.number = a.incident
where i.declared_at > coalesce(%(until)s::timestamptz, now()) - %(period)s::interval
      and i.declared_at <= coalesce(%(until)s::timestamptz, now()) and i.status <> 'cancelled' and not i.drill
  and (not i.private or may_see(i, %(viewer)s))

-- name: pointer_statistics
-- Of the same incidents those whose review says which finding pointed at the cause, and of them those where one did.
select count(*)::int as causes_said, count(*) filter (where last.text <> 'none')::int as causes_pointed
from incident i cross join lateral (
    select text from (
        select text, at, id from review_pointer p where p.incident = i.number
        union all
        select text, at, id from review_answer r where r.incident = i.number and r.question = 'finding'
    ) said order by at desc, id desc limit 1
) last
where i.declared_at > coalesce(%(until)s::timestamptz, now()) - %(period)s::interval
  and i.declared_at <= coalesce(%(until)s::timestamptz, now()) and i.status <> 'cancelled' and not i.drill
  and not exists (select 1 from merged m where m.incident = i.number)
  and (not i.private or may_see(i, %(viewer)s))

-- name: incident_counts
-- When the same incidents began: so many of each severity in each week, month or year, of the team's own time.
select date_trunc(%(unit)s, i.declared_at at time zone %(zone)s)::date as begins, i.severity, count(*)::int as count
from incident i
where i.declared_at > coalesce(%(until)s::timestamptz, now()) - %(period)s::interval
  and i.declared_at <= coalesce(%(until)s::timestamptz, now()) and i.status <> 'cancelled' and not i.drill
  and not exists (select 1 from merged m where m.incident = i.number)
  and (not i.private or may_see(i, %(viewer)s))
group by 1, 2 order by 1, 2
