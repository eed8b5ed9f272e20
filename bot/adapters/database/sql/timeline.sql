-- name: chain_entries
-- The entries of an incident with what proves them, and the noted end of their chain, from one snapshot; without entries one
-- row without an id. `said` is the text of which the trigger made the digest.
select e.id, e.at, e.kind, jsonb_build_array(e.actor, e.detail, e.newer)::text as said,
       (extract(epoch from e.at) * 1000000)::bigint as micros, e.position, e.salt, e.digest, e.chain, e.removed_at,
       h.position as head_position, encode(h.chain, 'hex') as head_chain
from (select %(number)s::bigint as number) i
left join timeline_entry e on e.incident = i.number
left join timeline_head h on h.incident = i.number
order by e.id

-- name: incident_numbers
select number from incident order by number

-- name: removed_incidents
select number, closed_at, entries, position, encode(chain, 'hex') as chain, file, file_sha, at
from removed_incident order by number

-- name: heads_since
-- The heads of the timelines that were added to since then.
select incident, position, encode(chain, 'hex') as chain from timeline_head
where at > now() - %(since)s::interval order by incident

-- name: exported_evidence
-- What each step found, the newest of each.
select distinct on (r.file, r.line, r.title)
       r.title, r.file, r.line, r.verdict, r.cause, r.headline, r.measure, r.digest, r.detail, r.collected_at, r.removed_at
from look l join result r on r.look = l.id
where l.incident = %(number)s and r.verdict is not null
order by r.file, r.line, r.title, l.number desc

-- name: closed_long_ago
select number from incident
where status in ('closed', 'cancelled') and coalesce(closed_at, resolved_at, declared_at) < now() - make_interval(months => %(months)s)
  and not exists (select 1 from outbox o where o.incident = number and o.settled_at is null)
  and not exists (select 1 from action_item a where a.incident = number and a.state = 'open')
order by number

-- name: add_removed_incident
insert into removed_incident (number, closed_at, entries, position, chain, file, file_sha)
select number, coalesce(closed_at, resolved_at), %(entries)s, %(position)s, %(chain)s, %(file)s, %(file_sha)s
from incident where number = %(number)s
returning number

-- name: add_removed_person
insert into removed_person (alias, changed) values (%(alias)s, %(changed)s) returning alias

-- name: lock_closed_incident
-- The incident that nobody changes meanwhile, while it still is over since so long.
select number from incident
where number = %(number)s and status in ('closed', 'cancelled')
  and coalesce(closed_at, resolved_at, declared_at) < now() - make_interval(months => %(months)s)
for update

-- name: forget_person
-- What Slack said of somebody is asked again.
delete from person where id = %(person)s returning id
