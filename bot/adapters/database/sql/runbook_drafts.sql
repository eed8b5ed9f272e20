-- name: add_runbook_draft
insert into runbook_draft (incident, asked_by) values (%(incident)s, %(asked_by)s) returning id

-- name: runbook_draft
select id, incident, state, text, hunks, secrets, worse, chosen, asked_by, chosen_by, link
from runbook_draft where id = %(id)s

-- name: lock_runbook_draft
select id, incident, state, text, hunks, secrets, worse, chosen, asked_by, chosen_by, link
from runbook_draft where id = %(id)s for update

-- name: fill_runbook_draft
update runbook_draft set state = 'drafted', text = %(text)s, hunks = %(hunks)s, secrets = %(secrets)s, worse = %(worse)s
where id = %(id)s

-- name: choose_hunks
update runbook_draft set state = 'chosen', chosen = %(chosen)s, chosen_by = %(by)s where id = %(id)s

-- name: end_runbook_draft
update runbook_draft set state = %(state)s, link = %(link)s where id = %(id)s

-- name: keep_typed_command
insert into typed_command (incident, text)
select %(incident)s, %(text)s where (select count(*) from typed_command where incident = %(incident)s) < %(most)s
on conflict (incident, text) do nothing

-- name: typed_commands
select text from typed_command where incident = %(incident)s order by id

-- name: drop_typed_commands
delete from typed_command where incident = %(incident)s

-- name: step_records
-- In how many incidents of this playbook, real ones that are nobody's secret, each step was judged, and in how many of them
-- it was out of bounds, in any of the runs.
select title, count(*) filter (where is_out) as out_of_bounds, count(*) as count
from (
    select r.title, bool_or(r.verdict in ('warn', 'bad')) as is_out
    from look l join result r on r.look = l.id join incident i on i.number = l.incident
    where r.playbook = %(playbook)s and r.verdict in ('ok', 'warn', 'bad') and not i.private and not i.drill
    group by l.incident, r.title) judged
group by title
