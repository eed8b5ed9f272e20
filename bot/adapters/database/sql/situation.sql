-- name: situation
-- An incident and all that stands around it, as JSON: one statement is one snapshot, and is read four times as fast as
-- one for each table. Of the evidence the newest of what each step found (that it was stopped only where nothing else is
-- known; what was run to see which playbook fits while none is chosen), and the steps that are waited for.
select i.*,
    (select json_agg(p) from (
        select person, contact, requested_at, accepted_at, failed, acknowledged_at, ended_at, held_until
        from page where incident = i.number order by requested_at, person) p) as pages,
    (select json_agg(j) from (
        select p.person, b.number, b.title, b.severity, b.channel, p.held_until as until
        from page p join incident b on b.number = p.incident
        where p.joined = i.number and p.held_until is not null order by b.number) j) as joined,
    (select json_agg(e) from (
        select at, actor, coalesce(newer ->> 'kind', kind) as kind, coalesce(newer -> 'detail', detail) as detail
        from timeline_entry where incident = i.number order by id) e) as entries,
    (select json_agg(u) from (
        select id, at, author, status, text, next_update_at
        from status_update where incident = i.number order by id) u) as updates,
    (select json_agg(c) from (
        select position, extract(epoch from within) as "window", text, line, due_at, done_by, done_at, owner, due_on
        from checklist_item left join item_owner using (incident, position)
        where incident = i.number order by position) c) as items,
    (select json_agg(o) from (
        select key, channel, ts, mark from post where incident = i.number) o) as posts,
    (select json_build_object('incident', incident, 'position', position, 'chain', encode(chain, 'hex'))
     from timeline_head where incident = i.number) as head,
    (select json_build_object('since', since, 'promised_at', promised_at, 'ended_at', ended_at, 'link', coalesce(
        (select p.link from page_incident p where p.incident = i.number and p.link <> '' order by opening desc, page limit 1), ''))
     from public_incident where incident = i.number) as public,
    (select json_build_object('state', state, 'link', link, 'why', why, 'entries', entries)
     from review_proposal where incident = i.number) as proposal,
    (select row_to_json(t) from (
        select m.*, (select json_agg(g order by g.person) from meeting_guest g where g.incident = m.incident) as guests
        from meeting m where m.incident = i.number) t) as meeting,
    (select json_object_agg(role, person) from role where incident = i.number) as roles,
    (select json_build_object('into', t.number, 'channel', t.channel)
     from merged m join incident t on t.number = m.into_incident where m.incident = i.number) as merged,
    (select json_agg(w) from (
        select * from way where incident = i.number and not past order by contact, place) w) as ways,
    (select json_agg(f) from (
        (select distinct on (r.file, r.line, r.title)
                r.place, r.playbook, r.line, r.file, r.title, r.kind, r.runs, r.note, r.verdict, r.cause, r.headline,
                r.measure, r.digest, r.suspect, r.collected_at, r.seen_at
         from look l join result r on r.look = l.id
         where l.incident = i.number and r.verdict is not null
           and (l.scope <> 'all' or i.playbook is null or r.playbook = i.playbook)
         order by r.file, r.line, r.title, r.cause is not distinct from 'stopped', l.number desc)
        union all
        (select r.place, r.playbook, r.line, r.file, r.title, r.kind, r.runs, r.note, r.verdict, r.cause, r.headline,
                r.measure, r.digest, r.suspect, r.collected_at, r.seen_at
         from look l join result r on r.look = l.id
         where l.incident = i.number and l.ended_at is null and r.verdict is null and r.note = ''
         order by l.number, r.place)) f) as evidence
from incident i where i.number = %(number)s
