-- name: insert_incident
-- Writes a new incident; its number, its times and its promise are the database's.
insert into incident (title, severity, commander, declared_by, edition, playbook, impact, affected_users, fields,
                      private, drill, cadence, next_update_at, notice_at)
values (%(title)s, %(severity)s, %(commander)s, %(commander)s, %(edition)s, %(playbook)s, %(impact)s,
        %(affected_users)s, %(fields)s, %(private)s, %(drill)s, %(cadence)s,
        now() + %(cadence)s::interval, now() + %(cadence)s::interval)
returning *

-- name: lock_incident
-- Every transition starts here: sequence numbers are not commit order, this row lock is. Not the key is locked, so
-- that rows which refer to the incident can be written beside it: else their foreign keys wait, and deadlock.
-- For a person it is only there when that person may see it.
select * from incident i
where number = %(number)s and (%(viewer)s::text is null or may_see(i, %(viewer)s)) for no key update

-- name: lock_incident_with_key
-- For who changes the channel, which is a key: whoever has written a row that refers to the incident, and takes its lock
-- next, is waited for here and not later, when each would wait for the other.
select * from incident where number = %(number)s for update

-- name: incident
select * from incident where number = %(number)s

-- name: incident_in_channel
-- The incident that a channel, or else the thread of its announcement, belongs to.
select number from incident where channel = %(channel)s or lost_channel = %(channel)s
union all
select incident from post where channel = %(channel)s and ts = %(thread)s and kind = 'AnnounceIncident'
limit 1

-- name: is_room
-- Whether this is where the incident is worked on just now: its channel, or without one the thread of its announcement.
select 1 from incident i
where number = %(number)s and (channel = %(channel)s or (channel is null and exists (
    select 1 from post p
    where p.incident = i.number and p.kind = 'AnnounceIncident' and p.channel = %(channel)s and p.ts = %(thread)s)))

-- name: open_titles
-- The newest open incidents as far as look-alikes need them.
select number, title, playbook from incident i
where status in ('investigating', 'identified', 'monitoring') and not drill and (not private or may_see(i, %(viewer)s))
order by number desc limit %(limit)s

-- name: commanded
-- The few are chosen by narrow rows: with thousands open, whole ones would take several times as long to sort.
select i.* from (
    select number, array_position(%(severities)s::text[], severity) as rank from incident i
    where status in ('investigating', 'identified', 'monitoring') and not drill and commander = %(person)s
      and (not private or may_see(i, %(person)s))
    order by rank, number desc limit %(limit)s
) few join incident i using (number) order by few.rank, i.number desc

-- name: listed
-- What somebody may see of all incidents: the worst and newest open ones, drills, and those resolved within a week; how
-- many are open of each severity; and from the declaration to the first acknowledgement and the last resolution, by what
-- was written then. `not private or`: of thousands of public ones the function is not asked. The few are chosen as above.
with is_open as (
    select number, severity, drill, array_position(%(severities)s::text[], severity) as rank from incident i
    where status in ('investigating', 'identified', 'monitoring') and (not private or may_see(i, %(viewer)s))
), few as (
    (select 'open' as part, number, rank, null::timestamptz as ended from is_open
     where not drill order by rank, number desc limit %(limit)s)
    union all
    (select 'drills', number, rank, null from is_open where drill order by rank, number desc limit %(drills)s)
    union all
    (select 'over', number, 0, resolved_at from incident i
     where resolved_at > now() - interval '7 days' and status in ('resolved', 'closed') and not drill
       and (not private or may_see(i, %(viewer)s))
     order by resolved_at desc limit %(over)s)
), took as (
    select d.incident,
           min(e.at) filter (where e.kind = 'acknowledged') - d.at as to_acknowledge,
           max(e.at) filter (where e.kind = 'resolved') - d.at as to_resolve
    from few join timeline_entry d on d.incident = few.number join timeline_entry e on e.incident = d.incident
    where d.kind = 'declared' and e.kind in ('acknowledged', 'resolved')
    group by d.incident, d.at
)
select i.*, few.part, took.to_acknowledge, took.to_resolve,
       (select jsonb_object_agg(severity, n)
        from (select severity, count(*) as n from is_open where not drill group by severity) c) as counts
from few join incident i using (number) left join took on took.incident = i.number
order by few.part, few.rank, few.ended desc, i.number desc

-- name: open_incidents_of
-- Drills only where there is nothing real: who is in a hurry means that.
with own as (
    select number, drill from incident i
    where status in ('investigating', 'identified', 'monitoring') and commander = %(person)s
    union
    select number, drill from page p join incident i on i.number = p.incident
    where status in ('investigating', 'identified', 'monitoring') and p.person = %(person)s
)
select number from own where not drill or not exists (select 1 from own where not drill)
order by number desc limit %(limit)s

-- name: waiting_for
-- Resolved incidents of one commander that still have open items, with how many.
select i.*, (select count(*) from checklist_item c where c.incident = i.number and c.done_at is null) as left_open
from incident i
where i.status = 'resolved' and i.commander = %(person)s
  and exists (select 1 from checklist_item c where c.incident = i.number and c.done_at is null)
order by i.number desc limit %(limit)s

-- name: owned_items
-- What one person does of the checklists of resolved incidents, what is due first in front.
select i.*, c.text as item_text, o.due_on as item_due_on
from item_owner o join checklist_item c using (incident, position) join incident i on i.number = o.incident
where o.owner = %(person)s and c.done_at is null and i.status = 'resolved' and may_see(i, %(person)s)
order by o.due_on nulls last, i.number desc, c.position limit %(limit)s

-- name: set_item_owner
insert into item_owner (incident, position, owner, due_on, set_by)
values (%(incident)s, %(position)s, %(owner)s, %(due_on)s, %(actor)s)
on conflict (incident, position) do update
set owner = excluded.owner, due_on = excluded.due_on, set_by = excluded.set_by, set_at = now()

-- name: may_see
select 1 from incident i where number = %(number)s and may_see(i, %(viewer)s)

-- name: incident_seen_by
select * from incident i where number = %(number)s and may_see(i, %(viewer)s)

-- name: add_member
-- Only private incidents keep their members.
insert into incident_member (incident, person) select number, %(person)s from incident where number = %(number)s and private
on conflict do nothing

-- name: seen_inside
-- Who acts in a private incident's channel is one of its members.
insert into incident_member (incident, person)
select number, %(person)s from incident
where (channel = %(channel)s or lost_channel = %(channel)s) and private
on conflict do nothing

-- name: drop_member
delete from incident_member where incident = %(number)s and person = %(person)s

-- name: add_entry
insert into timeline_entry (incident, actor, kind, detail, newer)
values (%(incident)s, %(actor)s, %(kind)s, %(detail)s, %(newer)s)

-- name: last_entry
select coalesce(newer ->> 'kind', kind) as kind from timeline_entry
where incident = %(number)s and actor = %(actor)s and coalesce(newer ->> 'kind', kind) = any(%(kinds)s::text[])
order by id desc limit 1

-- name: noted_from
-- The incidents whose timelines keep a message, with what they know of it last.
select distinct on (incident) incident, at, actor, coalesce(newer ->> 'kind', kind) as kind,
       coalesce(newer -> 'detail', detail) as detail
from timeline_entry
where detail ->> 'source' = %(source)s and detail ? 'source'
order by incident, id desc

-- name: add_pages
-- Nobody is paged twice for one incident: a second contact with the same person adds nothing.
insert into page (incident, person, contact)
select %(incident)s, p.person, p.contact
from unnest(%(persons)s::text[], %(contacts)s::text[]) with ordinality as p (person, contact, place) order by p.place
on conflict do nothing

-- name: was_called
select 1 from page where incident = %(number)s and person = %(person)s

-- name: pages
select person, contact, requested_at, accepted_at, failed, acknowledged_at, ended_at, held_until
from page where incident = %(number)s order by requested_at, person

-- name: page_accepted
-- One that was held and went out by itself is not held any more.
update page set accepted_at = coalesce(accepted_at, now()), failed = '', joined = null, held_until = null where incident = %(incident)s and person = %(person)s

-- name: page_failed
update page set failed = %(failed)s where incident = %(incident)s and person = %(person)s

-- name: page_acknowledged
update page set acknowledged_at = coalesce(acknowledged_at, now())
where incident = %(incident)s and person = %(person)s

-- name: end_pages
update page set ended_at = now()
where incident = %(incident)s and person = any(%(people)s) and ended_at is null

-- name: renew_pages
-- Called once more: an answer is wanted again. Gives whom that changes anything for.
update page set ended_at = null, acknowledged_at = null
where incident = %(incident)s and person = any(%(people)s) and (ended_at is not null or acknowledged_at is not null)
returning person

-- name: add_update
insert into status_update (incident, author, status, text, next_update_at)
values (%(incident)s, %(author)s, %(status)s, %(text)s, now() + %(cadence)s::interval)
returning id, at, author, status, text, next_update_at

-- name: latest_update
select coalesce(max(id), 0) as id from status_update where incident = %(number)s

-- name: add_item
-- After a reopening the ticks stay, the windows begin anew.
insert into checklist_item (incident, position, within, text, line, due_at)
values (%(incident)s, %(position)s, %(within)s, %(text)s, %(line)s, now() + %(within)s::interval)
on conflict (incident, position) do update set due_at = excluded.due_at

-- name: add_window
insert into checklist_window (incident, within, due_at)
values (%(incident)s, %(within)s, now() + %(within)s::interval) on conflict do nothing

-- name: set_item
update checklist_item
set done_by = case when %(done)s then %(actor)s end, done_at = case when %(done)s then now() end
where incident = %(incident)s and position = %(position)s and (done_at is not null) <> %(done)s
returning text

-- name: due_notices
-- Incidents whose update reminder is due; one replica takes each.
select * from incident
where notice_at <= now() and status in ('investigating', 'identified', 'monitoring')
order by notice_at limit %(limit)s for no key update skip locked

-- name: entries_since_update
-- What happened in these incidents since their last status update.
select e.incident, e.at, e.actor, coalesce(e.newer ->> 'kind', e.kind) as kind,
       coalesce(e.newer -> 'detail', e.detail) as detail
from timeline_entry e
where e.incident = any(%(numbers)s)
  and e.at > coalesce((select max(u.at) from status_update u where u.incident = e.incident), '-infinity')
order by e.id

-- name: set_notices
-- When each of these incidents is looked at next, in one statement however many they are.
update incident i set notice_at = n.notice_at, notice_stage = n.notice_stage
from unnest(%(numbers)s::bigint[], %(notice_ats)s::timestamptz[], %(notice_stages)s::int[])
     as n (number, notice_at, notice_stage)
where i.number = n.number

-- name: due_windows
select w.incident, w.within from checklist_window w
where w.due_at <= now() order by w.due_at limit %(limit)s for update skip locked

-- name: set_role
insert into role (incident, role, person) values (%(incident)s, %(role)s, %(person)s)
on conflict (incident, role) do update set person = excluded.person

-- name: drop_windows
delete from checklist_window where incident = %(incident)s

-- name: drop_window
delete from checklist_window where incident = %(incident)s and within = %(within)s

-- name: database_now
select now() as now
