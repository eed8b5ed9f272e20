-- name: last_number
-- The last number that an incident got here. Whoever asks in a transaction holds the question until it ends.
select case when s.is_called then s.last_value else 0 end as number
from incident_number_seq s, (select 1 from installation for update) held

-- name: set_last_number
-- Only ever forward: whoever declares at the same moment may have taken a number since it was asked.
select max(nextval(pg_get_serial_sequence('incident', 'number')))
from incident_number_seq s, generate_series(1, %(number)s - case when s.is_called then s.last_value else 0 end)

-- name: uncertain_all
-- What was waiting or under way may have been done in the lost time: it is looked for from when it was written on. What was
-- under way is due, also where it was claimed by a clock that was ahead. What a replica that lives is at is of the time after:
-- another one has noticed the restore first.
update outbox set uncertain_since = now(), first_sent_at = coalesce(first_sent_at, created_at),
    state = case state when 'sending' then 'pending' else state end,
    not_before = case when lease_owner is null then not_before else now() end,
    lease_until = case when lease_owner is null then lease_until else now() end, lease_owner = null
where settled_at is null and (lease_owner is null or not exists (
    select 1 from pg_locks l
    where l.locktype = 'advisory' and l.granted and l.objsubid = 2
      and l.classid::bigint = %(family)s and l.objid::bigint = lease_owner
      and l.database = (select d.oid from pg_database d where d.datname = current_database())))

-- name: hold_pages
-- Pages from longer ago are a person's to repeat.
with held as (
    update outbox set state = 'dead', settled_at = now(), error = 'not sent by itself after a restore from a backup'
    where settled_at is null and kind = any(%(kinds)s) and created_at < now() - %(older)s::interval
    returning kind, payload, incident
), failed_pages as (
    update page p set failed = 'not called by itself after a restore from a backup'
    from held h where h.kind = 'PageResponder' and p.incident = h.incident and p.person = h.payload ->> 'person'
), failed_ways as (
    update way w set due_at = null, failed = 'Not asked by itself after a restore from a backup.'
    from held h where h.kind = 'PageContact' and w.id = (h.payload ->> 'way')::bigint
)
select h.incident, coalesce(h.payload ->> 'contact', w.contact, 'everybody in the incidents channel') as contact
from held h left join way w on h.kind = 'PageContact' and w.id = (h.payload ->> 'way')::bigint
order by h.incident

-- name: hold_ladders
-- Nor is anybody called because a step fell due long ago. Gives the incidents whose next step that was.
with ways as (
    update way set due_at = null where due_at < now() - %(older)s::interval
)
update incident set look_at = null
where look_at < now() - %(older)s::interval and status in ('investigating', 'identified', 'monitoring')
returning number

-- name: open_numbers
select number from incident where status in ('investigating', 'identified', 'monitoring') order by number

-- name: note_restore
insert into restored (number, held, made)
select %(number)s, %(held)s, d.oid || ':' || 'outbox'::regclass::oid from pg_database d where d.datname = current_database()

-- name: restore_of_tables
-- For how long it is known that these tables were put back.
select now() - max(r.at) as since from restored r, pg_database d
where d.datname = current_database() and r.made = d.oid || ':' || 'outbox'::regclass::oid

-- name: restore_noticed
select at, jsonb_array_length(held) as held from restored where at > now() - interval '1 hour' order by at desc limit 1
