-- name: add_ways
-- A way that is asked for one contact of the incident is not asked for another one.
insert into way (incident, contact, place, handle)
select %(incident)s, w.contact, w.place, w.handle
from unnest(%(contacts)s::text[], %(places)s::int[], %(handles)s::text[]) as w (contact, place, handle)
order by w.place
on conflict do nothing
returning id, incident, contact, place, handle

-- name: ways
select id, incident, contact, place, handle, requested_at, accepted_at, delivered_at, acknowledged_at, ended_at, failed, past
from way where incident = %(number)s and not past order by contact, place

-- name: way
select id, incident, contact, place, handle, requested_at, accepted_at, delivered_at, acknowledged_at, ended_at, failed, past
from way where id = %(id)s

-- name: change_way
-- Instants are the database's; what is not named stays.
update way set
    requested_at = case when %(requested)s then coalesce(requested_at, now()) else requested_at end,
    accepted_at = case when %(accepted)s then coalesce(accepted_at, now()) else accepted_at end,
    delivered_at = case when %(delivered)s then coalesce(delivered_at, now()) else delivered_at end,
    acknowledged_at = case when %(acknowledged)s then coalesce(acknowledged_at, now()) else acknowledged_at end,
    ended_at = case when %(ended)s then coalesce(ended_at, now()) else ended_at end,
    failed = coalesce(%(failed)s, failed),
    due_at = case when %(accepted)s or %(requested)s or %(settled)s then now() + %(later)s::interval else due_at end
where id = %(id)s
returning id, incident, contact, place, handle, requested_at, accepted_at, delivered_at, acknowledged_at, ended_at, failed, past

-- name: quiet_ways
-- Nobody is called further for these contacts (null: for all). Gives the ways that a provider may still hold open.
-- With `over` they are past: who is called again later is called anew.
update way set due_at = null, past = %(over)s
where incident = %(incident)s and not past and (%(contacts)s::text[] is null or contact = any(%(contacts)s))
returning id, incident, contact, place, handle, requested_at, accepted_at, delivered_at, acknowledged_at, ended_at, failed, past

-- name: due_ways
select id, incident, contact, place, handle, requested_at, accepted_at, delivered_at, acknowledged_at, ended_at, failed, past
from way where due_at <= now() order by due_at limit %(limit)s for update skip locked

-- name: due_ladders
-- Incidents whose next step up the ladder is due; one replica takes each.
select * from incident
where look_at <= now() and status in ('investigating', 'identified', 'monitoring')
order by look_at limit %(limit)s for no key update skip locked

-- name: last_acts
-- When somebody did something last, and when it was last asked whether they still do.
select max(at) filter (where actor <> '') as act, max(at) filter (where kind = 'asked_if_still') as asked
from timeline_entry where incident = %(number)s

-- name: calendar_copy
select text, read_at from calendar_copy where source = %(source)s

-- name: keep_calendar
insert into calendar_copy (source, text, read_at) values (%(source)s, %(text)s, %(read_at)s)
on conflict (source) do update set text = excluded.text, read_at = excluded.read_at
