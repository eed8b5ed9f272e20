-- name: enqueue
-- The key makes it once and for all; a waiting effect that shows the newest state anyway is not doubled.
-- Who is invited to a private incident may see it from now on. What the version before step 013 cannot perform is `newer`;
-- while it runs, or ran a moment ago, rows have no mark of their own: it would look for the one that it knows.
with e as (
    select * from rows from (jsonb_to_recordset(%(effects)s) as (
        key text, lane text, after text, urgency int, coalesces boolean, kind text, payload text, incident bigint,
        format int, newer boolean
    )) with ordinality as e (key, lane, after, urgency, coalesces, kind, payload, incident, format, newer, place)
), invited as (
    insert into incident_member (incident, person)
    select distinct i.number, p.person
    from e join incident i on i.number = e.incident and i.private,
         jsonb_array_elements_text(e.payload::jsonb -> 'people') as p (person)
    where e.kind = 'InvitePeople'
    on conflict do nothing
), old as (
    select 1 from replica_known where known = '{}' and seen_at > now() - interval '10 minutes' limit 1
)
insert into outbox (key, lane, after, urgency, coalesces, kind, payload, incident, not_before, format, for_newer,
                    state, mark)
select e.key, e.lane, e.after, e.urgency, e.coalesces, e.kind, e.payload::jsonb, e.incident, now() + %(later)s::interval,
       e.format, e.newer, case when e.newer then 'newer' else 'pending' end,
       case when not exists (select 1 from old) then
           (select id from installation) || '.' || left(replace(gen_random_uuid()::text, '-', ''), 12) || ':' || e.key end
from e
where not (e.coalesces and exists (
    select 1 from outbox o
    where o.lane = e.lane and o.settled_at is null and o.lease_owner is null and not o.passed_over for update))
order by e.place
on conflict (key) do nothing

-- name: claim
-- The head of each lane that is due, free, and waits for nothing; also what a dead replica left behind: its lease has
-- ended, or its advisory lock is free. Effects at the paging providers are claimed apart from those at Slack.
-- A row that is taken over is uncertain: look before sending. Who lost its lock may live, and begins calls until `last_call`
-- after its claim: it is uncertain from then on.
-- Only what this version can perform; what no version that runs can perform holds nobody up. By a clock that was set ahead,
-- and `clock` knows how it would stand without, no lease has ended and no attempt is long ago. Who has just come does not
-- know of such a step: until `leases_end` it takes over from the dead only. `ready` says itself that a row is not settled: of
-- a row that another replica changes meanwhile PostgreSQL asks again only what is said of the row that is locked.
with head as materialized (
    select min(id) as id from outbox
    where settled_at is null
      and (not passed_over or (not unreadable and can_perform(%(known)s, kind, format, payload)))
    group by lane
), ready as (
    select o.id from outbox o join head using (id)
    where o.settled_at is null and o.kind = any(%(kinds)s) and (
        (o.lease_owner is null and o.not_before <= now())
        or (o.lease_owner is not null and ((%(leases_end)s and o.lease_until < least(now(), %(clock)s::timestamptz)) or (o.lease_owner <> %(owner)s and not exists (
            select 1 from pg_locks l
            where l.locktype = 'advisory' and l.granted and l.objsubid = 2
              and l.classid::bigint = %(family)s and l.objid::bigint = o.lease_owner
              and l.database = (select d.oid from pg_database d where d.datname = current_database())))))
    ) and (o.after is null or not exists (
        select 1 from outbox d where d.key = o.after and d.settled_at is null and not d.passed_over))
      and can_perform(%(known)s, o.kind, o.format, o.payload)
    order by o.urgency, o.id
    limit %(limit)s
    for update of o skip locked
)
update outbox o
set uncertain_since = case when o.lease_owner is null then o.uncertain_since
        else least(greatest(now(), o.lease_until - %(lease)s::interval + %(last_call)s::interval), now() + %(last_call)s::interval) end,
    state = case when o.for_newer then 'newer' else 'sending' end, passed_over = false,
    lease_owner = %(owner)s, lease_until = now() + %(lease)s::interval,
    attempts = o.attempts + 1, marked = o.marked + 1, first_sent_at = coalesce(o.first_sent_at, now())
from ready where o.id = ready.id
returning o.id, o.key, o.lane, o.kind, o.payload, o.incident, o.attempts, o.urgency,
          o.created_at, o.first_sent_at, o.lease_owner,
          least(now(), %(clock)s::timestamptz) - o.uncertain_since as uncertain_for, mark_of(o) as mark

-- name: has_lease
select 1 from outbox
where id = %(id)s and settled_at is null and lease_owner = %(owner)s and attempts = %(attempts)s

-- name: settle_sent
update outbox set state = 'sent', settled_at = now(), channel = %(channel)s, ts = %(ts)s, error = null,
    lease_owner = null, lease_until = null, uncertain_since = null
where id = %(id)s and settled_at is null and lease_owner = %(owner)s and attempts = %(attempts)s returning id

-- name: settle_dead
update outbox set state = 'dead', settled_at = now(), error = %(error)s, lease_owner = null, lease_until = null
where id = %(id)s and settled_at is null and lease_owner = %(owner)s and attempts = %(attempts)s returning id

-- name: put_back
-- Again after `delay`; `uncertain` when the call may have been done. While nobody holds the row `lease_until` says when it
-- was put back. `apart` gives it a lane of its own.
update outbox set state = case when for_newer then 'newer' else 'pending' end,
    not_before = now() + %(delay)s::interval, error = %(error)s,
    uncertain_since = case when %(uncertain)s then now() else uncertain_since end,
    lane = case when %(apart)s then key else lane end, lease_owner = null, lease_until = now()
where id = %(id)s and settled_at is null and lease_owner = %(owner)s and attempts = %(attempts)s returning id

-- name: put_after
-- Again once another effect is settled. While nobody holds the row `lease_until` says when it was put back.
update outbox set state = case when for_newer then 'newer' else 'pending' end,
    after = %(after)s, not_before = now(), error = %(error)s, lease_owner = null, lease_until = now()
where id = %(id)s and settled_at is null and lease_owner = %(owner)s and attempts = %(attempts)s returning id

-- name: cannot_read
-- Its kind, format and fields are known and it makes no sense: nobody is asked to perform it again.
update outbox set unreadable = true, passed_over = true, for_newer = true, state = 'newer', not_before = now(),
    error = %(error)s, lease_owner = null, lease_until = null
where id = %(id)s and settled_at is null and lease_owner = %(owner)s and attempts = %(attempts)s returning id

-- name: revive
update outbox set state = case when for_newer then 'newer' else 'pending' end, not_before = now(), settled_at = null,
    error = null, attempts = 0, marked = 0, lease_until = now()
where key = %(key)s and state = 'dead' returning id

-- name: is_begun
-- What was not answered has perhaps been seen.
select 1 from outbox
where key = %(key)s and (settled_at is not null or lease_owner is not null or uncertain_since is not null)

-- name: hold
-- An effect that has not begun does not begin before this transaction ends: its row is held, and `claim` leaves it out.
select 1 from outbox
where key = %(key)s and settled_at is null and lease_owner is null and uncertain_since is null for update

-- name: mark_of
select mark_of(o) as mark from outbox o where key = %(key)s

-- name: is_marked
select 1 from outbox o where incident = %(number)s and mark_of(o) = any(%(marks)s::text[])
union all
select 1 from post where incident = %(number)s and mark = any(%(marks)s::text[]) limit 1

-- name: effect_payload
select payload from outbox where key = %(key)s

-- name: undelivered
select id, key, kind, case when settled_at is not null then 'dead' when lease_owner is null then 'pending' else 'sending' end
       as state, attempts, not_before, error
from outbox
where settled_at is null or state = 'dead' order by id limit %(limit)s

-- name: skip
update outbox set state = 'dead', settled_at = now(), error = 'skipped by hand'
where id = %(id)s and settled_at is null and lease_owner is null returning key

-- name: retry
update outbox set state = case when for_newer then 'newer' else 'pending' end, not_before = now(), settled_at = null,
    attempts = 0, marked = 0, lease_until = now(), unreadable = false, passed_over = false
where id = %(id)s and (state = 'dead' or (settled_at is null and lease_owner is null)) returning key

-- name: pass_over
-- Whether a version that runs can perform what is due and belongs to nobody. A replica counts as running until it was not
-- seen for a while, so that one that is started again finds its work as it left it.
with judged as (
    select o.id, o.unreadable or not exists (
        select 1 from replica_known r
        where r.seen_at > now() - %(silent)s::interval and can_perform(r.known, o.kind, o.format, o.payload)) as alone
    from outbox o
    where o.settled_at is null and o.lease_owner is null and o.not_before <= now()
      and (o.passed_over or not can_perform(%(known)s, o.kind, o.format, o.payload))
)
update outbox o set passed_over = j.alone from judged j
where o.id = j.id and o.passed_over <> j.alone and o.settled_at is null and o.lease_owner is null

-- name: passed_over
-- What no version that runs can perform, and for how long that has been so.
select id, key, kind, incident, payload, urgency = 0 as is_urgent,
       now() - greatest(not_before, (
           select max(r.seen_at) from replica_known r
           where not o.unreadable and can_perform(r.known, o.kind, o.format, o.payload))) as since
from outbox o where settled_at is null and passed_over order by id limit %(limit)s

-- name: give_up
update outbox set state = 'dead', settled_at = now(), error = %(error)s, lease_owner = null, lease_until = null
where id = %(id)s and settled_at is null and passed_over returning id

-- name: is_seen
-- This replica runs, and can perform these kinds.
insert into replica_known (replica, known) values (%(replica)s, %(known)s)
on conflict (replica) do update set seen_at = now(), known = excluded.known

-- name: see_others
-- A replica of the version before step 015 says nothing of itself, it only holds its lock: it is written down by those who
-- see it, with nothing that it can.
insert into replica_known (replica, known)
select l.objid::bigint, '{}' from pg_locks l
where l.locktype = 'advisory' and l.granted and l.objsubid = 2 and l.classid::bigint = %(family)s
  and l.database = (select d.oid from pg_database d where d.datname = current_database())
  and not exists (select 1 from replica_known r where r.replica = l.objid::bigint and r.known <> '{}')
order by l.objid
on conflict (replica) do update set seen_at = now()

-- name: forget_replicas
delete from replica_known where seen_at < now() - interval '1 day'

-- name: take
-- Fails for a key that was taken before, and with it all that was sent along.
insert into inbound (key) values (%(key)s)

-- name: answer_of
select answer from inbound where key = %(key)s

-- name: remember
update inbound set answer = %(answer)s where key = %(key)s

-- name: forget_old_inbound
-- Slack's redelivery comes within minutes and its signature is refused after five; a day is plenty. Other providers
-- repeat for days.
delete from inbound
where at < now() - case when key like 'pagerduty:%%' then interval '30 days' else interval '1 day' end

-- name: prune_outbox
-- What was done for incidents that are over for good; where its messages stand is kept in `post`. Not more than that: a key
-- makes an effect once, as long as its cause can come again.
delete from outbox where id in (
    select o.id from incident i join outbox o on o.incident = i.number
    where i.status in ('closed', 'cancelled') and coalesce(i.closed_at, i.resolved_at) < now() - %(after)s::interval
      and o.settled_at < now() - %(after)s::interval
    limit %(limit)s)
returning id

-- name: keep_request
insert into kept_request (key, actor, payload) values (%(key)s, %(actor)s, %(payload)s) on conflict (key) do nothing

-- name: kept_request
select payload from kept_request where key = %(key)s and actor = %(actor)s

-- name: forget_kept_requests
-- By then its key is forgotten too, and it could be done a second time.
delete from kept_request where at < now() - interval '1 day'

-- name: try_a_change
-- Whether changes are taken again, tried with one of no meaning that needs more room than a page that is there has.
insert into inbound (key, answer) select 'trying ' || n, to_jsonb(repeat('x', 1900)) from generate_series(1, 60) n
on conflict (key) do nothing

-- name: undo_the_try
delete from inbound where key like 'trying %%'

-- name: takes_changes
select not (pg_is_in_recovery() or current_setting('transaction_read_only')::boolean) as takes_changes,
       clock_timestamp() as clock, pg_relation_filenode('outbox') as outbox,
       (select d.oid from pg_database d where d.datname = current_database()) || ':' || 'outbox'::regclass::oid as made

-- name: clock_set_back
-- What was put off by a clock that was ahead is not put off for as long as the step. Such rows are known by themselves,
-- when they were written is still to come: a replica that starts after the step, a backup that is put back and a
-- transaction that was under way know of no step; what was taken over may be uncertain from a moment on that is still to
-- come, but within a lease. `step` is what this replica saw, nothing when it saw none. The version
-- before does not say when it put a row back: it puts off by a minute at most.
with written as (
    select id, case when lease_owner is null and lease_until is not null then lease_until else created_at end as at,
           case when lease_owner is null then now() else now() + %(lease)s::interval end as leased,
           case when lease_owner is null and lease_until is null and attempts > 0 then now() + interval '1 minute' end as latest
    from outbox where settled_at is null
), late as (
    select o.id, greatest(%(step)s::interval, w.at - now()) as step, w.leased, w.latest
    from written w join outbox o using (id)
    where w.at > now() or o.created_at > now() or o.first_sent_at > now()
       or o.uncertain_since > now() + %(lease)s::interval
       or o.lease_until > w.leased or o.not_before > w.latest or (o.not_before > now() and %(step)s::interval > interval '0')
    for update of o skip locked
)
update outbox o set
    not_before = least(l.latest, case when l.step > interval '0' then least(o.not_before, greatest(now(), o.not_before - l.step))
                                      else o.not_before end),
    created_at = least(o.created_at, now()), first_sent_at = least(o.first_sent_at, now()),
    uncertain_since = case when o.uncertain_since > now() + %(lease)s::interval then now() else o.uncertain_since end,
    lease_until = least(o.lease_until, l.leased)
from late l where o.id = l.id

-- name: clock_set_ahead
-- Who is at it keeps it for as long as without the step, and what was not answered is looked for after the usual while.
with at_it as (
    select id from outbox where settled_at is null and (lease_owner is not null or uncertain_since is not null)
    for update skip locked
)
update outbox o set
    lease_until = case when o.lease_owner is null then o.lease_until
                       else greatest(o.lease_until, now() + %(lease)s::interval) end,
    uncertain_since = case when o.uncertain_since is null then null else now() end
from at_it where o.id = at_it.id

-- name: replicas_set_back
-- Nor does a replica that is gone seem to run for as long.
update replica_known set seen_at = now() where seen_at > now()

-- name: place
select channel from place where name = %(name)s

-- name: set_place
insert into place (name, channel) values (%(name)s, %(channel)s)
on conflict (name) do update set channel = excluded.channel

-- name: people_at
select people from place where name = %(name)s

-- name: set_people
update place set people = %(people)s where name = %(name)s

-- name: see_channel
insert into channel_seen (channel, name, creator, created_at)
values (%(channel)s, %(name)s, %(creator)s, %(created_at)s) on conflict (channel) do nothing

-- name: channels_seen
select channel, creator, created_at from channel_seen where name = %(name)s

-- name: person
select id, name, guest, bot, stranger, real_name, checked_at from person where id = %(id)s

-- name: save_person
insert into person (id, name, guest, bot, stranger, real_name)
values (%(id)s, %(name)s, %(guest)s, %(bot)s, %(stranger)s, %(real_name)s)
on conflict (id) do update set name = excluded.name, guest = excluded.guest, bot = excluded.bot,
    stranger = excluded.stranger, real_name = excluded.real_name, checked_at = now()

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
-- No number is given twice, as one of a sequence would be after a restore: what somebody claimed in the time that it lost
-- would be taken for a claim of now. Below are the numbers of the version before, which counts them.
select 1048576 + floor(random() * 2146435072)::bigint as id from installation

-- name: hold_replica
select pg_advisory_lock(%(family)s, %(id)s)

-- name: is_lock_visible
-- Whether the lock that is held by another address is seen by this one: both end at the same database.
select exists (
    select 1 from pg_locks l
    where l.locktype = 'advisory' and l.granted and l.objsubid = 2
      and l.classid::bigint = %(family)s and l.objid::bigint = %(id)s
      and l.database = (select d.oid from pg_database d where d.datname = current_database())) as is_visible
