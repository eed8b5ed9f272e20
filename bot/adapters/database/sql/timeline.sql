-- name: chain_entries
-- The entries of incidents with what proves them. `said` is the text of which the trigger made the digest.
select incident, id, at, kind, jsonb_build_array(actor, detail, newer)::text as said,
       (extract(epoch from at) * 1000000)::bigint as micros, position, salt, digest, chain, removed_at
from timeline_entry where incident = %(number)s order by id

-- name: chain_head
select position, encode(chain, 'hex') as chain from timeline_head where incident = %(number)s

-- name: incident_numbers
select number from incident order by number

-- name: removed_incidents
select number, closed_at, entries, position, encode(chain, 'hex') as chain, file, file_sha, at
from removed_incident order by number

-- name: heads_since
-- The heads of the timelines that were added to since then.
select incident, position, encode(chain, 'hex') as chain from timeline_head
where at > now() - %(since)s::interval order by incident

-- name: latest_head
select incident, position, encode(chain, 'hex') as chain from timeline_head where incident = %(number)s

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
order by number
