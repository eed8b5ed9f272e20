-- name: add_public_update
-- Held by the lock on its incident, the numbers follow each other.
insert into public_update (incident, number, opening, status, title, text, impact, components, drafted_by)
select %(incident)s, 1 + (select count(*) from public_update where incident = %(incident)s), %(opening)s,
       %(status)s, %(title)s,
       %(text)s, %(impact)s, %(components)s, %(drafted_by)s
returning *, null::json as posts

-- name: public_update
select u.*, (select json_agg(p) from public_post p where p.update = u.id) as posts
from public_update u where u.id = %(id)s

-- name: lock_public_update
select u.*, (select json_agg(p) from public_post p where p.update = u.id) as posts
from public_update u where u.id = %(id)s for update

-- name: public_updates_of
select u.*, (select json_agg(p) from public_post p where p.update = u.id) as posts
from public_update u where u.incident = %(incident)s order by u.number

-- name: last_components_of_playbook
-- What was chosen the last time that this playbook was used.
select u.components from public_update u join incident i on i.number = u.incident
where i.playbook = %(playbook)s and u.state = 'accepted' and u.components <> '{}' and u.status <> 'resolved'
order by u.accepted_at desc limit 1

-- name: outdate_public_updates
-- A later text took their place; gives those that nobody can decide on any more.
update public_update set state = 'outdated'
where incident = %(incident)s and id <> %(id)s and state in ('draft', 'seconded') returning id

-- name: page_incident
select provider_id, link, closed_there from page_incident
where incident = %(incident)s and page = %(page)s and opening = %(opening)s

-- name: set_page_incident
insert into page_incident (incident, page, opening, provider_id, link)
values (%(incident)s, %(page)s, %(opening)s, %(provider_id)s, %(link)s)
on conflict (incident, page, opening) do update set provider_id = excluded.provider_id, link = excluded.link

-- name: close_page_incident
insert into page_incident (incident, page, opening, provider_id, closed_there)
values (%(incident)s, %(page)s, %(opening)s, %(provider_id)s, %(closed_there)s)
on conflict (incident, page, opening) do update set closed_there = excluded.closed_there

-- name: add_public_post
insert into public_post (update, page, provider_id, link, why)
values (%(update)s, %(page)s, %(provider_id)s, %(link)s, %(why)s)
on conflict (update, page) do update
set provider_id = excluded.provider_id, link = excluded.link, why = excluded.why, posted_at = now()

-- name: set_public_incident
-- The first text that is published makes the incident public; each says what is promised from then on.
insert into public_incident (incident, promised_at, notice_at, ended_at)
values (%(incident)s, %(promised_at)s, %(promised_at)s, case when %(is_end)s then now() end)
on conflict (incident) do update
set promised_at = excluded.promised_at, notice_at = excluded.notice_at, notice_stage = 0, ended_at = excluded.ended_at

-- name: public_incident
select since, promised_at, ended_at,
       coalesce((select link from page_incident p where p.incident = i.incident and p.link <> '' order by opening desc, page limit 1), '')
       as link
from public_incident i where incident = %(incident)s

-- name: due_public_promises
-- Incidents that are open and public, whose readers wait; one replica takes each.
select p.incident as number from public_incident p join incident i on i.number = p.incident
where p.notice_at <= now() and i.status in ('investigating', 'identified', 'monitoring')
order by p.notice_at limit %(limit)s

-- name: public_promise
select promised_at, notice_at, notice_stage from public_incident where incident = %(incident)s and notice_at <= now() for update

-- name: set_public_notice
update public_incident set notice_at = %(notice_at)s, notice_stage = %(stage)s where incident = %(incident)s

-- name: public_page
-- What our own page shows: every text that is public there, and the one that goes out with this reading.
select u.incident, u.opening, u.id, u.status, u.title, u.text, u.impact, u.components, u.promised_at, u.accepted_at as at
from public_update u
join incident i on i.number = u.incident and not i.private and not i.drill
left join public_post o on o.update = u.id and o.page = %(page)s
where u.state = 'accepted' and ((o.update is not null and o.why = '') or u.id = %(update)s)
order by u.incident, u.number

-- name: people_known
-- By what Slack shows and by the whole name: of these people, or of everybody who is kept.
select called.name from person p cross join lateral (values (p.name), (p.real_name)) called (name)
where not p.bot and called.name <> '' and (%(people)s::text[] is null or p.id = any(%(people)s::text[]))
order by p.checked_at desc limit %(limit)s
