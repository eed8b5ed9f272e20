-- name: meeting
select m.*, (select json_agg(g order by g.person) from meeting_guest g where g.incident = m.incident) as guests
from meeting m where m.incident = %(incident)s

-- name: set_meeting
-- Each change has a sequence of its own: what is sent later about an earlier one is out of date.
insert into meeting (incident, state, starts_at, minutes, place, arranged_by)
values (%(incident)s, %(state)s, %(starts_at)s, %(minutes)s, %(place)s, %(by)s)
on conflict (incident) do update set state = excluded.state, sequence = meeting.sequence + 1,
    starts_at = excluded.starts_at, minutes = excluded.minutes, place = excluded.place,
    arranged_by = excluded.arranged_by, changed_at = now()

-- name: set_meeting_guests
-- Who is not named any more stays in the table: they are told that it is cancelled for them.
with named as (select unnest(%(people)s::text[]) as person), dropped as (
    update meeting_guest set is_invited = false
    where incident = %(incident)s and is_invited and person <> all (%(people)s::text[])
)
insert into meeting_guest (incident, person) select %(incident)s, person from named
on conflict (incident, person) do update set is_invited = true

-- name: record_meeting_told
update meeting_guest set told = greatest(told, %(sequence)s), way = %(way)s, problem = %(problem)s
where incident = %(incident)s and person = %(person)s

-- name: set_meeting_problem
update meeting_guest set problem = %(problem)s
where incident = %(incident)s and person = %(person)s and problem <> %(problem)s returning person
