-- name: add_review_answer
insert into review_answer (incident, question, person, text)
values (%(incident)s, %(question)s, %(person)s, %(text)s)

-- name: review_answers
select question, person, text, at from (
    select question, person, text, at, id from review_answer where incident = %(incident)s
    union all
    select 'finding', person, text, at, id from review_pointer where incident = %(incident)s
) given order by at, id

-- name: add_review_pointer
insert into review_pointer (incident, person, text) values (%(incident)s, %(person)s, %(text)s)

-- name: request_review_proposal
-- Once for ever; gives whether it was asked for before.
insert into review_proposal (incident) values (%(incident)s) on conflict (incident) do nothing

-- name: lock_review_proposal
select state, link, why, entries from review_proposal where incident = %(incident)s for update

-- name: set_review_proposal
update review_proposal set state = %(state)s, link = %(link)s, why = %(why)s, entries = %(entries)s
where incident = %(incident)s

-- name: due_review_proposals
-- Reviews at a code host whose incident is over; one replica takes each.
select r.incident as number from review_proposal r join incident i on i.number = r.incident
where r.state in ('waiting', 'open') and r.look_at <= now() and i.status in ('resolved', 'closed')
order by r.look_at limit %(limit)s

-- name: postpone_review_proposal
-- Gives it when it was due, and whether the timeline tells more than its last commit.
update review_proposal r set look_at = now() + %(by)s::interval
where r.incident = %(incident)s and r.look_at <= now()
returning (select count(*) from timeline_entry t where t.incident = r.incident) <> r.entries as has_news

-- name: review_charts
-- Of each step the picture with the worst verdict, of those the newest.
select look, place, title, line, verdict, headline, words, digest, seen_at from (
    select distinct on (r.file, r.line, r.title) r.look, r.place, r.title, r.line, r.file, r.verdict, r.headline,
           coalesce(r.detail ->> 'chart', '') as words, r.digest, r.seen_at
    from look l join result r on r.look = l.id
    where l.incident = %(incident)s and r.chart is not null and r.removed_at is null
    order by r.file, r.line, r.title, array_position(array['bad', 'warn', 'ok', 'unknown'], r.verdict), l.number desc
) told
order by array_position(array['bad', 'warn', 'ok', 'unknown'], verdict), file, line, title limit %(limit)s
