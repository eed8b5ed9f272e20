-- name: lock_words
-- Who declares the same words twice at the same moment does so one after the other. A statement of its own: the next one
-- then sees what was committed before the lock was free.
select pg_advisory_xact_lock(hashtextextended('words:' || %(person)s || ':' || %(words)s, 0))

-- name: lock_called
-- The same for everybody who is called, always in the same order.
select pg_advisory_xact_lock(hashtextextended('called:' || who, 0))
from (select distinct unnest(%(who)s::text[]) as who order by 1) w

-- name: declared_lately
-- With the words as they were declared; a clock that was set back makes none of them older or younger than that.
select i.number, i.title, i.severity, i.private, coalesce(e.detail ->> 'title', i.title) as words,
       i.status in ('investigating', 'identified', 'monitoring') as is_open,
       greatest(0, extract(epoch from now() - i.declared_at))::integer as seconds
from incident i join timeline_entry e on e.incident = i.number and e.kind = 'declared'
where i.declared_by = %(person)s and i.drill = %(drill)s
  and i.declared_at between now() - %(within)s::interval and now() + %(within)s::interval
  and (not i.private or may_see(i, %(person)s))
order by i.number desc

-- name: first_of_run
-- The first of what this person declares without a pause, or the one by which it was told already: those that are declared
-- side by side do not all see each other. Private ones and drills are nobody else's concern.
with d as (
    select number, declared_at - lag(declared_at) over (order by number) as pause
    from incident where declared_by = %(person)s and not private and not drill and declared_at > now() - interval '1 hour'
), run as (
    select number from d
    where number >= (select max(number) from d where pause is null or pause > %(within)s::interval)
)
select coalesce(
    (select min(o.incident) from outbox o
     where o.key = any(array(select 'flood:' || number || ':' || %(person)s from run))), min(number)) as number
from run

-- name: run_of
-- All of what its declarer declared around this one without a pause.
with d as (
    select i.number, i.declared_at, i.declared_at - lag(i.declared_at) over (order by i.number) as pause
    from incident f join incident i on i.declared_by = f.declared_by
      and i.declared_at between f.declared_at - interval '1 hour' and f.declared_at + interval '1 hour'
    where f.number = %(number)s and not i.private and not i.drill
), breaks as (
    select number from d where pause > %(within)s::interval
)
select number, extract(epoch from declared_at - min(declared_at) over ())::float as seconds from d
where number >= coalesce((select max(number) from breaks where number <= %(number)s), 0)
  and number < coalesce((select min(number) from breaks where number > %(number)s), 9223372036854775807)
order by number

-- name: ringing
-- What rings these since a moment ago: a page that its person has not answered, and nobody else since. `who` is a person in
-- Slack, or a handle beside it. A clock that was set back lets nothing ring for longer than that.
with ringing as (
    select p.person as who, p.incident, p.requested_at as since, i.severity, true as direct
    from page p join incident i on i.number = p.incident
    where p.held_until is null and p.acknowledged_at is null and p.ended_at is null and p.failed = ''
      and i.status in ('investigating', 'identified', 'monitoring')
      and (i.acknowledged_at is null or i.acknowledged_at < p.requested_at)
      and p.requested_at between now() - %(within)s::interval and now() + %(within)s::interval
      and p.person = any(%(who)s::text[])
    union all
    select w.handle, w.incident, w.requested_at, i.severity, false
    from way w join incident i on i.number = w.incident
    where w.requested_at between now() - %(within)s::interval and now() + %(within)s::interval
      and w.acknowledged_at is null and w.quieted_at is null and not w.past and not w.refused and w.failed = ''
      and i.status in ('investigating', 'identified', 'monitoring') and w.handle = any(%(who)s::text[])
)
select who, incident, since, severity, direct from ringing where incident <> %(number)s order by since

-- name: hold_page
update page set joined = %(joined)s, held_until = %(until)s where incident = %(incident)s and person = %(person)s

-- name: hold_way
insert into held_way (way, joined, held_until) values (%(way)s, %(joined)s, %(until)s)
on conflict (way) do update set joined = excluded.joined, held_until = excluded.held_until

-- name: incidents_of_held
-- Those with something held that is due, the worst first: its time has come (or lies further ahead than it ever may, after a
-- clock that was set back), what it joined rings nobody any more or is milder by now, it was answered or is over.
with held as (
    select incident, person as who, joined, held_until,
           acknowledged_at is not null or ended_at is not null or failed <> '' as is_done
    from page where held_until is not null
    union all
    select w.incident, w.handle, h.joined, h.held_until,
           w.requested_at is not null or w.quieted_at is not null or w.acknowledged_at is not null or w.past
    from held_way h join way w on w.id = h.way
), ringing as (
    select p.person as who, p.incident, p.requested_at as since, i.severity, true as direct
    from page p join incident i on i.number = p.incident
    where p.held_until is null and p.acknowledged_at is null and p.ended_at is null and p.failed = ''
      and i.status in ('investigating', 'identified', 'monitoring')
      and (i.acknowledged_at is null or i.acknowledged_at < p.requested_at)
      and p.requested_at between now() - %(within)s::interval and now() + %(within)s::interval
      and p.person in (select who from held)
    union all
    select w.handle, w.incident, w.requested_at, i.severity, false
    from way w join incident i on i.number = w.incident
    where w.requested_at between now() - %(within)s::interval and now() + %(within)s::interval
      and w.acknowledged_at is null and w.quieted_at is null and not w.past and not w.refused and w.failed = ''
      and i.status in ('investigating', 'identified', 'monitoring') and w.handle in (select who from held)
)
select h.incident
from held h join incident i on i.number = h.incident
where h.is_done or h.held_until <= now() or h.held_until > now() + %(longest)s::interval
   or i.status not in ('investigating', 'identified', 'monitoring')
   or not exists (
       select 1 from ringing r
       where r.who = h.who and r.incident = h.joined
         and coalesce(array_position(%(severities)s::text[], r.severity)
                      <= array_position(%(severities)s::text[], i.severity), false))
group by h.incident, i.severity
order by array_position(%(severities)s::text[], i.severity), min(h.held_until), h.incident limit %(limit)s

-- name: held_of
-- What is held of one incident, each with what it joined.
select p.person, null::bigint as way, p.person as who, p.contact, p.joined, p.held_until as until,
       p.acknowledged_at is not null or p.failed <> '' as is_answered, p.ended_at is not null as is_over
from page p where p.incident = %(number)s and p.held_until is not null
union all
select '', w.id, w.handle, w.contact, h.joined, h.held_until,
       w.requested_at is not null or w.quieted_at is not null or w.acknowledged_at is not null, w.past
from held_way h join way w on w.id = h.way where w.incident = %(number)s
order by way nulls first, contact, person

-- name: ring_page
update page set joined = null, held_until = null, requested_at = now()
where incident = %(incident)s and person = %(person)s

-- name: let_page_go
update page set joined = null, held_until = null where incident = %(incident)s and person = %(person)s

-- name: drop_page
-- It never rang: when the incident is opened again its person is called as somebody new.
delete from page where incident = %(incident)s and person = %(person)s and held_until is not null

-- name: let_way_go
delete from held_way where way = %(way)s

-- name: bring_forward
-- What was not answered waits to be looked for. What only a restore made uncertain has not begun as far as this database knows:
-- it is due, and looked for then. While nobody holds the row `lease_until` says when this was written.
update outbox set not_before = now(), lease_until = now()
where key = %(key)s and settled_at is null and lease_owner is null and (uncertain_since is null or attempts = 0)
returning uncertain_since is null as is_new

-- name: put_further_off
update outbox set not_before = %(until)s, lease_until = now()
where key = %(key)s and settled_at is null and lease_owner is null

-- name: take_back
delete from outbox where key = %(key)s and settled_at is null and lease_owner is null
