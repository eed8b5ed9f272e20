-- name: statistics
-- Of the incidents that somebody may see and that were declared within the period, by severity, drills apart. Times run from
-- the declaration, or from the moment when somebody said that it began. A promise is
-- that of an update, or of the declaration where the severity stayed; it ends with the next update or with the incident,
-- and is not counted while its moment has not come, or when a change of severity came first. What can end a promise is
-- put in order once, with its `place` among what happened at the same moment: what ends none has no place.
with seen as (
    select i.number, i.severity, i.drill, i.status, i.cadence from incident i
    where i.declared_at > coalesce(%(until)s::timestamptz, now()) - %(period)s::interval
      and i.declared_at <= coalesce(%(until)s::timestamptz, now()) and i.status <> 'cancelled'
      and not exists (select 1 from merged m where m.incident = i.number)
      and (not i.private or may_see(i, %(viewer)s))
), happened as (
    select e.incident, e.id, e.at, e.kind,
           case e.kind when 'severity_changed' then 1 when 'resolved' then 2 when 'declared' then 3 end as place,
           case e.kind when 'declared' then e.at + seen.cadence end as due,
           case e.newer ->> 'kind' when 'times_corrected' then (e.newer -> 'detail' ->> 'began')::double precision end
               as began
    from timeline_entry e join seen on seen.number = e.incident
    where e.kind in ('declared', 'acknowledged', 'resolved', 'severity_changed')
       or e.kind = 'status_changed' and e.detail ->> 'to' = 'monitoring'
       or e.newer ->> 'kind' = 'times_corrected'
    union all
    select u.incident, u.id, u.at, case u.status when 'monitoring' then 'status_changed' else 'updated' end, 4,
           u.next_update_at, null
    from status_update u join seen on seen.number = u.incident
), followed as (
    select *, lead(at) over following as next, lead(kind) over following as next_kind
    from happened
    window following as (partition by incident, place is null order by at, place, id)
), judged as (
    select *, due is not null and next_kind is distinct from 'severity_changed' and (next is not null or due < now())
        as is_promise
    from followed
), moments as (
    select incident, min(at) filter (where kind = 'declared') as declared,
           min(at) filter (where kind = 'acknowledged') as acknowledged,
           min(at) filter (where kind = 'status_changed') as monitoring,
           max(at) filter (where kind = 'resolved') as resolved,
           to_timestamp((max(array[id, began]) filter (where began is not null))[2]) as corrected,
           bool_or(kind = 'severity_changed') as is_changed,
           count(*) filter (where is_promise and kind <> 'declared') as promised,
           count(*) filter (where is_promise and kind <> 'declared' and next <= due) as kept,
           count(*) filter (where is_promise and kind = 'declared') as promised_first,
           count(*) filter (where is_promise and kind = 'declared' and next <= due) as kept_first
    from judged group by incident
), times as (
    select seen.*, m.corrected, m.acknowledged - b.began as acknowledge,
           coalesce(m.monitoring, m.resolved) - b.began as mitigate,
           case when seen.status in ('resolved', 'closed') then m.resolved - b.began end as resolve,
           m.promised + case when m.is_changed then 0 else m.promised_first end as promised,
           m.kept + case when m.is_changed then 0 else m.kept_first end as kept
    from seen join moments m on m.incident = seen.number
    cross join lateral (select coalesce(m.corrected, m.declared) as began) b
)
select severity, drill as is_drill, count(*) as count,
       count(*) filter (where status in ('investigating', 'identified', 'monitoring')) as still_open,
       count(corrected) as corrected,
       count(acknowledge) as acknowledge_count,
       percentile_cont(0.5) within group (order by acknowledge) as acknowledge_median,
       percentile_disc(0.9) within group (order by acknowledge) as acknowledge_p90,
       count(mitigate) as mitigate_count, percentile_cont(0.5) within group (order by mitigate) as mitigate_median,
       percentile_disc(0.9) within group (order by mitigate) as mitigate_p90,
       count(resolve) as resolve_count, percentile_cont(0.5) within group (order by resolve) as resolve_median,
       percentile_disc(0.9) within group (order by resolve) as resolve_p90,
       coalesce(sum(kept), 0)::int as kept, coalesce(sum(promised), 0)::int as promised
from times
group by severity, drill
order by drill, coalesce(array_position(%(severities)s::text[], severity), 99), severity

-- name: action_statistics
-- The action items of the same incidents; one without a day is in time. Days are the team's own.
select count(*) filter (where a.state = 'done')::int as actions_done,
       count(*) filter (where a.state = 'done' and (a.due_on is null or (a.ended_at at time zone %(zone)s)::date <= a.due_on))::int
           as actions_in_time,
       count(*) filter (where a.state <> 'done')::int as actions_left
from action_item a join incident i on i.number = a.incident
where i.declared_at > coalesce(%(until)s::timestamptz, now()) - %(period)s::interval
      and i.declared_at <= coalesce(%(until)s::timestamptz, now()) and i.status <> 'cancelled' and not i.drill
  and not exists (select 1 from merged m where m.incident = i.number)
  and (not i.private or may_see(i, %(viewer)s))

-- name: pointer_statistics
-- Of the same incidents those whose review says which finding pointed at the cause, and of them those where one did.
select count(*)::int as causes_said, count(*) filter (where text <> 'none')::int as causes_pointed
from (
    select distinct on (i.number) said.text
    from incident i join (
        select incident, text, at, id from review_pointer
        union all
        select incident, text, at, id from review_answer where question = 'finding'
    ) said on said.incident = i.number
    where i.declared_at > coalesce(%(until)s::timestamptz, now()) - %(period)s::interval
      and i.declared_at <= coalesce(%(until)s::timestamptz, now()) and i.status <> 'cancelled' and not i.drill
      and not exists (select 1 from merged m where m.incident = i.number)
      and (not i.private or may_see(i, %(viewer)s))
    order by i.number, said.at desc, said.id desc
) last

-- name: incident_counts
-- When the same incidents began: so many of each severity in each week, month or year, of the team's own time.
select date_trunc(%(unit)s, i.declared_at at time zone %(zone)s)::date as begins, i.severity, count(*)::int as count
from incident i
where i.declared_at > coalesce(%(until)s::timestamptz, now()) - %(period)s::interval
  and i.declared_at <= coalesce(%(until)s::timestamptz, now()) and i.status <> 'cancelled' and not i.drill
  and not exists (select 1 from merged m where m.incident = i.number)
  and (not i.private or may_see(i, %(viewer)s))
group by 1, 2 order by 1, 2
