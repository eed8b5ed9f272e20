-- name: add_remediation
-- Held by the lock on its incident, the numbers follow each other.
insert into remediation (incident, number, request, kind, parameters, state, asked_by, reason, is_by_hand, is_drill, undo_of, look_at)
select %(incident)s, 1 + (select count(*) from remediation where incident = %(incident)s), %(request)s, %(kind)s,
       %(parameters)s, 'asked', %(asked_by)s, %(reason)s, %(is_by_hand)s, %(is_drill)s, %(undo_of)s, now()
returning *

-- name: lock_remediation
select * from remediation where id = %(id)s for update

-- name: remediation
select * from remediation where id = %(id)s

-- name: remediations_of
select * from remediation where incident = %(incident)s order by number

-- name: open_remediation_of_target
select * from remediation
where target = %(target)s and state in ('proposed', 'approved', 'executing', 'unknown') and not is_drill and not is_by_hand

-- name: last_settled_of_target
select max(settled_at) as at from remediation
where target = %(target)s and started_at is not null and not is_drill and state in ('done', 'failed')

-- name: unbegun_remediations
select * from remediation where state in ('asked', 'proposed', 'approved')
    and (%(incident)s::bigint is null or incident = %(incident)s) order by id for update

-- name: expired_remediations
select id from remediation where state = 'proposed' and expires_at <= now() order by id limit %(limit)s

-- name: claim_remediations
-- What is due and belongs to nobody: also what a dead replica left behind, as in the outbox.
with free as (
    select r.id from remediation r
    where r.look_at <= now() and (r.lease_until is null or r.lease_until < now()
        or (r.lease_owner <> %(owner)s and not exists (
            select 1 from pg_locks k
            where k.locktype = 'advisory' and k.granted and k.objsubid = 2
              and k.classid::bigint = %(family)s and k.objid::bigint = r.lease_owner
              and k.database = (select d.oid from pg_database d where d.datname = current_database()))))
    order by r.look_at
    limit %(limit)s
    for update of r skip locked
)
update remediation r
set lease_owner = %(owner)s, lease_until = now() + %(lease)s::interval, attempts = r.attempts + 1
from free where r.id = free.id
returning r.*

-- name: release_remediation
update remediation set lease_owner = null, lease_until = null,
    look_at = case when %(after)s::interval > interval '0' then greatest(look_at, now() + %(after)s::interval) else look_at end
where id = %(id)s and lease_owner = %(owner)s

-- name: remediation_switch
select is_on, person, reason, agreed_by, at from remediation_switch order by id desc limit 1

-- name: set_remediation_switch
insert into remediation_switch (person, is_on, reason, agreed_by)
values (%(person)s, %(is_on)s, %(reason)s, %(agreed_by)s)

-- name: hold_remediation_switch
select pg_advisory_xact_lock(7301, 26)

-- name: run_of_request
select id, ended_at from look where request = %(request)s
