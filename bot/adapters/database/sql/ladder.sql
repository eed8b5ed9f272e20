-- name: add_ways
-- A way that is asked for one contact of the incident is not asked for another one.
insert into way (incident, contact, place, handle)
select %(incident)s, w.contact, w.place, w.handle
from unnest(%(contacts)s::text[], %(places)s::int[], %(handles)s::text[]) as w (contact, place, handle)
order by w.place
on conflict do nothing
returning *

-- name: ways
select * from way where incident = %(number)s and not past order by contact, place

-- name: way
select * from way where id = %(id)s

-- name: change_way
-- Instants are the database's; what is not named stays.
update way set
    requested_at = case when %(requested)s then coalesce(requested_at, now()) else requested_at end,
    accepted_at = case when %(accepted)s then coalesce(accepted_at, now()) else accepted_at end,
    delivered_at = case when %(delivered)s then coalesce(delivered_at, now()) else delivered_at end,
    acknowledged_at = case when %(acknowledged)s then coalesce(acknowledged_at, now()) else acknowledged_at end,
    ended_at = case when %(ended)s then coalesce(ended_at, now()) else ended_at end,
    by_hand = by_hand or %(by_hand)s,
    refused = refused or %(refused)s,
    past = past or %(past)s,
    failed = coalesce(%(failed)s, failed),
    due_at = case when %(accepted)s or %(requested)s or %(settled)s then now() + %(later)s::interval else due_at end
where id = %(id)s

-- name: answer_ways
-- Somebody who is called as one of these contacts answered: their ways are acknowledged. Those of the others are quiet,
-- except who was asked for by name. Gives those that this changed.
update way set
    due_at = null,
    acknowledged_at = case when contact = any(%(contacts)s) then now() end,
    quieted_at = case when contact = any(%(contacts)s) then quieted_at else now() end
where incident = %(incident)s and not past and acknowledged_at is null
  and (contact = any(%(contacts)s) or (quieted_at is null and not by_hand))
returning *

-- name: end_ways
-- Over, for all or (not null) for these contacts: who is called later is called anew. Gives the ways whose pages are open.
update way set due_at = null, past = true, ended_at = coalesce(way.ended_at, now())
from (
    select id, requested_at is not null and ended_at is null as open from way
    where incident = %(incident)s and (not past or (requested_at is not null and ended_at is null))
      and (%(contacts)s::text[] is null or contact = any(%(contacts)s))
) as before
where way.id = before.id
returning way.*, before.open

-- name: contacts_over
-- Contacts whose pages were ended, or begun anew.
select distinct contact from way where incident = %(number)s and past

-- name: incidents_of_due_ways
select incident from way where due_at <= now() group by incident order by min(due_at) limit %(limit)s

-- name: due_ways
select * from way where incident = %(incident)s and due_at <= now() order by due_at

-- name: due_ladders
-- Incidents whose next step up the ladder is due.
select number from incident
where look_at <= now() and status in ('investigating', 'identified', 'monitoring')
order by look_at limit %(limit)s

-- name: postpone_ways
update way set due_at = now() + %(by)s::interval where incident = %(incident)s and due_at <= now()

-- name: postpone_ladder
update incident set look_at = now() + %(by)s::interval where number = %(incident)s and look_at <= now()

-- name: postpone_public_promise
update public_incident set notice_at = now() + %(by)s::interval where incident = %(incident)s and notice_at <= now()

-- name: last_acts
-- When somebody did something last, and when it was last asked whether they still do.
select max(at) filter (where actor <> '') as act, max(at) filter (where kind = 'asked_if_still') as asked
from timeline_entry where incident = %(number)s

-- name: calendar_copy
select text, read_at from calendar_copy where source = %(source)s

-- name: keep_calendar
insert into calendar_copy (source, text, read_at) values (%(source)s, %(text)s, %(read_at)s)
on conflict (source) do update set text = excluded.text, read_at = excluded.read_at
