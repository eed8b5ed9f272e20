-- name: is_looking
select 1 from look where incident = %(incident)s and scope = %(scope)s and what = %(what)s
    and file = %(file)s and line is not distinct from %(line)s and inputs = %(inputs)s and ended_at is null

-- name: add_look
-- Held by the lock on its incident, the numbers follow each other. What runs already is not begun again.
insert into look (incident, number, request, scope, what, file, line, asked_by, inputs)
select %(incident)s, 1 + (select count(*) from look where incident = %(incident)s), %(request)s, %(scope)s, %(what)s,
       %(file)s, %(line)s, %(asked_by)s, %(inputs)s
where not exists (
    select 1 from look where incident = %(incident)s and scope = %(scope)s and what = %(what)s
        and file = %(file)s and line is not distinct from %(line)s and inputs = %(inputs)s and ended_at is null)
on conflict (request) do nothing

-- name: claim_looks
-- What was asked for and has no end, and belongs to nobody: also what a dead replica left behind, as in the outbox. What goes
-- on here for longer than its lease is no further attempt.
with free as (
    select l.id from look l
    where l.ended_at is null and (l.lease_until is null or l.lease_until < now()
        or (l.lease_owner <> %(owner)s and not exists (
            select 1 from pg_locks k
            where k.locktype = 'advisory' and k.granted and k.objsubid = 2
              and k.classid::bigint = %(family)s and k.objid::bigint = l.lease_owner
              and k.database = (select d.oid from pg_database d where d.datname = current_database()))))
    order by l.id
    limit %(limit)s
    for update of l skip locked
)
update look l
set lease_owner = %(owner)s, lease_until = now() + %(lease)s::interval,
    attempts = l.attempts + case when l.id = any(%(running)s::bigint[]) then 0 else 1 end
from free where l.id = free.id
returning l.id, l.incident, l.scope, l.what, l.file, l.line, l.asked_by, l.inputs, l.attempts

-- name: add_results
-- Nothing for a look that was stopped meanwhile: whoever stops it holds its row.
with going_on as (
    select id from look where id = %(look)s and ended_at is null for share
), added as (
insert into result (look, place, playbook, line, file, title, kind, runs, note, verdict, cause, headline, seen_at)
select l.id, r.place, r.playbook, r.line, r.file, r.title, r.kind, r.runs, r.note, r.verdict, r.cause, r.headline,
       case when r.verdict is not null then now() end
from going_on l, jsonb_to_recordset(%(results)s) as r (
    place int, playbook text, line int, file text, title text, kind text, runs text, note text, verdict text,
    cause text, headline text)
on conflict do nothing
)
select id from going_on

-- name: put_result
update result set verdict = %(verdict)s, cause = %(cause)s, headline = %(headline)s, measure = %(measure)s,
    digest = %(digest)s, detail = %(detail)s, suspect = %(suspect)s, chart = %(chart)s, collected_at = %(collected_at)s, seen_at = now()
where look = %(look)s and place = %(place)s and verdict is null

-- name: end_look
update look set ended_at = now(), lease_owner = null, lease_until = null
where id = %(look)s and ended_at is null returning id

-- name: stop_looks
-- The incident is over: what runs for it ends here. What has not answered is told as that, never as fine; its rows are
-- locked in the order in which findings are written.
with over as (
    update look set ended_at = now(), lease_owner = null, lease_until = null
    where incident = %(incident)s and ended_at is null returning id
), left_open as (
    select r.look, r.place from result r join over o on o.id = r.look
    where r.verdict is null and r.note = ''
    order by r.look, r.place for update of r
), stopped as (
    update result r set verdict = 'unknown', cause = 'stopped', headline = %(said)s, seen_at = now()
    from left_open l where r.look = l.look and r.place = l.place
)
select id from over order by id

-- name: stopped_looks
select distinct look as id from result where look = any(%(looks)s) and cause = 'stopped'

-- name: look
select id, incident, number, scope, what, asked_by, begun_at, ended_at from look where id = %(look)s

-- name: results
select place, playbook, line, file, title, kind, runs, note, verdict, cause, headline, measure, digest, detail,
       suspect, collected_at, seen_at
from result where look = %(look)s order by place

-- name: results_before
-- What the same steps found in the incident's last look before this one.
select distinct on (r.file, r.line, r.title)
       r.place, r.playbook, r.line, r.file, r.title, r.kind, r.runs, r.note, r.verdict, r.cause, r.headline, r.measure,
       r.digest, r.collected_at, r.seen_at
from look l join look e on e.incident = l.incident and e.number < l.number join result r on r.look = e.id
where l.id = %(look)s and r.verdict is not null and r.cause is distinct from 'stopped'
order by r.file, r.line, r.title, e.number desc

-- name: is_looked_at
select 1 from look where incident = %(number)s and ended_at is null limit 1

-- name: chart
select chart from result where look = %(look)s and place = %(place)s and chart is not null

-- name: findings_by_update
-- What each step of these incidents found last, and in the row before it what it had found when the last status update
-- was posted, where it had. What was stopped is no finding.
with updated as (
    select i.number, i.playbook,
           (select max(u.at) from status_update u where u.incident = i.number) as at
    from incident i where i.number = any(%(numbers)s)
), known as (
    select u.number as incident, u.at as updated_at, l.number as look, r.place, r.playbook, r.line, r.file, r.title, r.kind,
           r.runs, r.note, r.verdict, r.cause, r.headline, r.measure, r.digest, r.collected_at, r.seen_at
    from updated u join look l on l.incident = u.number join result r on r.look = l.id
    where r.verdict is not null and r.cause is distinct from 'stopped'
      and (l.scope <> 'all' or u.playbook is null or r.playbook = u.playbook)
), told as (
    (select distinct on (incident, file, line, title) *, true as is_last from known
     order by incident, file, line, title, look desc)
    union all
    (select distinct on (incident, file, line, title) *, false as is_last from known where seen_at <= updated_at
     order by incident, file, line, title, look desc)
)
select incident, is_last, place, playbook, line, file, title, kind, runs, note, verdict, cause, headline, measure, digest,
       collected_at, seen_at
from told order by incident, file, line, title, is_last

-- name: names_of
select id, name from person where id = any(%(people)s)

-- name: unshown_looks
-- Runs whose message was never written down; locked, so that none begins before this transaction ends.
select l.id from look l
where l.incident = %(number)s and l.ended_at is null
  and not exists (select 1 from outbox o where o.incident = l.incident and o.key = 'evidence:' || l.incident || ':' || l.id)
order by l.id for update of l

-- name: stand_below
-- What waits for the evidence goes out once that is settled; but not what waits for the alert of another room. What was not
-- answered is looked for. While nobody holds the row `lease_until` says when this was written.
update outbox o set after = %(evidence)s, not_before = now(), lease_until = now()
where incident = %(number)s and kind = any(%(kinds)s)
  and settled_at is null and lease_owner is null and uncertain_since is null
  and (after = %(alert)s or not exists (select 1 from outbox d where d.key = o.after and d.settled_at is null))

-- name: awaited_evidence
-- The key of the message of a run that has not been delivered; empty where a run has not begun.
select '' as key from look l
where l.incident = %(number)s and l.ended_at is null
  and not exists (select 1 from outbox o where o.incident = l.incident and o.key = 'evidence:' || l.incident || ':' || l.id)
union all
select key from outbox where incident = %(number)s and kind = 'PostEvidence' and settled_at is null
limit 1
