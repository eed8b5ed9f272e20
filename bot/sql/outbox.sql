-- name: enqueue
-- The key makes it once and for all; a waiting effect that shows the newest state anyway is not doubled.
-- Who is invited to a private incident may see it from now on.
with e as (
    select * from rows from (jsonb_to_recordset(%(effects)s) as (
        key text, lane text, after text, urgency int, coalesces boolean, kind text, payload text, incident bigint
    )) with ordinality as e (key, lane, after, urgency, coalesces, kind, payload, incident, place)
), invited as (
    insert into incident_member (incident, person)
    select distinct i.number, p.person
    from e join incident i on i.number = e.incident and i.private,
         jsonb_array_elements_text(e.payload::jsonb -> 'people') as p (person)
    where e.kind = 'InvitePeople'
    on conflict do nothing
)
insert into outbox (key, lane, after, urgency, coalesces, kind, payload, incident, not_before)
select e.key, e.lane, e.after, e.urgency, e.coalesces, e.kind, e.payload::jsonb, e.incident, now() + %(later)s::interval
from e
where not (e.coalesces and exists (
    select 1 from outbox o where o.lane = e.lane and o.state = 'pending' for update))
order by e.place
on conflict (key) do nothing

-- name: claim
-- The head of each lane that is due, free, and waits for nothing; also what a dead replica left behind: its lease has
-- ended, or its advisory lock is free. Effects at the paging providers are claimed apart from those at Slack. A row that was being sent when its owner died is uncertain: look before sending.
with head as materialized (
    select min(id) as id from outbox where state in ('pending', 'sending') group by lane
), ready as (
    select o.id from outbox o join head using (id)
    where (o.kind = any(%(kinds)s)) = %(paging)s and (
        (o.state = 'pending' and o.not_before <= now())
        or (o.state = 'sending' and (o.lease_until < now() or (o.lease_owner <> %(owner)s and not exists (
            select 1 from pg_locks l
            where l.locktype = 'advisory' and l.granted and l.objsubid = 2
              and l.classid::bigint = %(family)s and l.objid::bigint = o.lease_owner
              and l.database = (select d.oid from pg_database d where d.datname = current_database())))))
    ) and (o.after is null or not exists (
        select 1 from outbox d where d.key = o.after and d.state in ('pending', 'sending')))
    order by o.urgency, o.id
    limit %(limit)s
    for update of o skip locked
)
update outbox o
set uncertain_since = case when o.state = 'sending' then now() else o.uncertain_since end,
    state = 'sending', lease_owner = %(owner)s, lease_until = now() + %(lease)s::interval,
    attempts = o.attempts + 1, first_sent_at = coalesce(o.first_sent_at, now())
from ready where o.id = ready.id
returning o.id, o.key, o.lane, o.kind, o.payload, o.incident, o.attempts, o.urgency,
          o.created_at, o.first_sent_at, o.lease_owner, now() - o.uncertain_since as uncertain_for

-- name: settle_sent
update outbox set state = 'sent', settled_at = now(), channel = %(channel)s, ts = %(ts)s, error = null,
    lease_owner = null, lease_until = null, uncertain_since = null
where id = %(id)s and state = 'sending' and lease_owner = %(owner)s and attempts = %(attempts)s returning id

-- name: settle_dead
update outbox set state = 'dead', settled_at = now(), error = %(error)s, lease_owner = null, lease_until = null
where id = %(id)s and state = 'sending' and lease_owner = %(owner)s and attempts = %(attempts)s returning id

-- name: put_back
-- Again after `delay`; `uncertain` when the call may have been done.
update outbox set state = 'pending', not_before = now() + %(delay)s::interval, error = %(error)s,
    uncertain_since = case when %(uncertain)s then now() else uncertain_since end,
    lease_owner = null, lease_until = null
where id = %(id)s and state = 'sending' and lease_owner = %(owner)s and attempts = %(attempts)s returning id

-- name: revive
update outbox set state = 'pending', not_before = now(), settled_at = null, error = null, attempts = 0
where key = %(key)s and state = 'dead' returning id

-- name: is_begun
-- What was not answered has perhaps been seen.
select 1 from outbox where key = %(key)s and (state <> 'pending' or uncertain_since is not null)

-- name: hold
-- An effect that has not begun does not begin before this transaction ends: its row is held, and `claim` leaves it out.
select 1 from outbox where key = %(key)s and state = 'pending' and uncertain_since is null for update

-- name: effect_payload
select payload from outbox where key = %(key)s

-- name: undelivered
select id, key, kind, state, attempts, not_before, error from outbox
where state in ('pending', 'sending', 'dead') order by id limit %(limit)s

-- name: skip
update outbox set state = 'dead', settled_at = now(), error = 'skipped by hand'
where id = %(id)s and state = 'pending' returning key

-- name: retry
update outbox set state = 'pending', not_before = now(), settled_at = null, attempts = 0
where id = %(id)s and state in ('pending', 'dead') returning key

-- name: take
-- Fails for a key that was taken before, and with it all that was sent along.
insert into inbound (key) values (%(key)s)

-- name: answer_of
select answer from inbound where key = %(key)s

-- name: remember
update inbound set answer = %(answer)s where key = %(key)s

-- name: forget_old_inbound
-- A redelivery comes within minutes and a signature is refused after five; a day is plenty.
delete from inbound where at < now() - interval '1 day'

-- name: try_a_change
-- Whether changes are taken again, tried with one of no meaning that needs more room than a page that is there has.
insert into inbound (key, answer) select 'trying ' || n, to_jsonb(repeat('x', 1900)) from generate_series(1, 60) n
on conflict (key) do nothing

-- name: undo_the_try
delete from inbound where key like 'trying %%'

-- name: takes_changes
select not (pg_is_in_recovery() or current_setting('transaction_read_only')::boolean) as takes_changes,
       clock_timestamp() as clock

-- name: place
select channel from place where name = %(name)s

-- name: set_place
insert into place (name, channel) values (%(name)s, %(channel)s)
on conflict (name) do update set channel = excluded.channel

-- name: see_channel
insert into channel_seen (channel, name, creator, created_at)
values (%(channel)s, %(name)s, %(creator)s, %(created_at)s) on conflict (channel) do nothing

-- name: channels_seen
select channel, creator, created_at from channel_seen where name = %(name)s

-- name: person
select id, name, guest, bot, stranger, checked_at from person where id = %(id)s

-- name: save_person
insert into person (id, name, guest, bot, stranger) values (%(id)s, %(name)s, %(guest)s, %(bot)s, %(stranger)s)
on conflict (id) do update set name = excluded.name, guest = excluded.guest, bot = excluded.bot,
    stranger = excluded.stranger, checked_at = now()

-- name: keep_edition
insert into edition (sha, source, text) values (%(sha)s, %(source)s, %(text)s)
on conflict (sha) do update set loaded_at = now(), source = excluded.source

-- name: edition
select text from edition where sha = %(sha)s

-- name: last_edition
select sha, text from edition order by loaded_at desc limit 1

-- name: installation
select id::text as id from installation

-- name: new_replica
select nextval('replica') as id

-- name: hold_replica
select pg_advisory_lock(%(family)s, %(id)s)
