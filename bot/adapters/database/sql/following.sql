-- name: merge
-- One that an older version reopened has a row still.
insert into merged (incident, into_incident, person) values (%(number)s, %(into)s, %(person)s)
on conflict (incident) do update set into_incident = excluded.into_incident, person = excluded.person, at = now()

-- name: unmerge
delete from merged where incident = %(number)s

-- name: merged_into
select into_incident from merged where incident = %(number)s

-- name: add_follower
insert into follower (incident, person) values (%(number)s, %(person)s) on conflict do nothing returning 1

-- name: drop_follower
delete from follower where incident = %(number)s and person = %(person)s returning 1

-- name: drop_followers
delete from follower where incident = %(number)s

-- name: followers
-- Those who may see the incident still.
select f.person from follower f join incident i on i.number = f.incident
where f.incident = %(number)s and may_see(i, f.person) order by f.since, f.person

-- name: followed
select i.* from follower f join incident i on i.number = f.incident
where f.person = %(person)s and i.status in ('investigating', 'identified', 'monitoring') and may_see(i, %(person)s)
order by i.number desc limit %(limit)s

-- name: due_shifts
-- Open incidents of which the commander's shift was not looked at yet, or is to be looked at now.
select i.number from incident i left join shift_look s on s.incident = i.number
where i.status in ('investigating', 'identified', 'monitoring') and not i.drill
  and (s.incident is null or s.due_at <= now() or s.commander <> i.commander)
order by i.number limit %(limit)s

-- name: begin_shift_look
-- Whoever comes second finds that nothing is due. Gives the instant of the look, in milliseconds.
insert into shift_look (incident, commander, due_at)
values (%(number)s, %(commander)s, now() + %(again)s::interval)
on conflict (incident) do update set commander = excluded.commander, due_at = excluded.due_at
where shift_look.due_at <= now() or shift_look.commander <> excluded.commander
returning (extract(epoch from now()) * 1000)::bigint as look

-- name: put_shift_look
update shift_look set due_at = %(at)s where incident = %(number)s and commander = %(commander)s
