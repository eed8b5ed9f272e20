-- name: add_action
-- Its incident is locked, so numbers have no gaps and none comes twice.
insert into action_item (incident, number, text, purpose, owner, due_on, added_by, remind_at)
select %(incident)s, coalesce(max(number), 0) + 1, %(text)s, %(purpose)s, %(owner)s, %(due_on)s, %(added_by)s, %(remind_at)s
from action_item where incident = %(incident)s
returning *

-- name: action_item
select a.*, coalesce(t.name, '') as ticket, coalesce(t.url, '') as ticket_url, coalesce(t.problem, '') as ticket_problem,
       coalesce(t.state = 'deleted', false) as is_ticket_gone
from action_item a left join action_ticket t using (incident, number) where incident = %(incident)s and number = %(number)s

-- name: actions_of
select a.*, coalesce(t.name, '') as ticket, coalesce(t.url, '') as ticket_url, coalesce(t.problem, '') as ticket_problem,
       coalesce(t.state = 'deleted', false) as is_ticket_gone
from action_item a left join action_ticket t using (incident, number) where incident = %(incident)s order by number

-- name: end_action
update action_item set state = %(state)s, ended_by = %(by)s, ended_at = now(), remind_at = null
where incident = %(incident)s and number = %(number)s and state = 'open' returning *

-- name: reopen_action
update action_item set state = 'open', ended_by = null, ended_at = null, remind_at = %(remind_at)s
where incident = %(incident)s and number = %(number)s and state <> 'open' returning *

-- name: due_actions
select distinct incident from action_item where state = 'open' and remind_at <= now() limit %(limit)s

-- name: due_actions_of
select * from action_item
where incident = %(incident)s and state = 'open' and remind_at <= now() order by number

-- name: set_action_reminder
update action_item set remind_at = %(remind_at)s, reminders = reminders + 1
where incident = %(incident)s and number = %(number)s

-- name: postpone_actions
update action_item set remind_at = now() + %(by)s::interval where incident = %(incident)s and remind_at <= now()

-- name: open_actions
-- The open action items of all incidents that somebody may see, or only theirs: what is due first in front.
select a.*, i.title as incident_title, i.channel as incident_channel, coalesce(t.name, '') as ticket,
       coalesce(t.url, '') as ticket_url
from action_item a join incident i on i.number = a.incident
left join action_ticket t on t.incident = a.incident and t.number = a.number
where a.state = 'open' and (%(owner)s::text is null or a.owner = %(owner)s)
  and (not i.private or may_see(i, %(viewer)s))
order by a.due_on nulls last, a.incident, a.number limit %(limit)s

-- name: plan_ticket
insert into action_ticket (incident, number, tracker) values (%(incident)s, %(number)s, %(tracker)s)
on conflict do nothing

-- name: ticket_of
select * from action_ticket where incident = %(incident)s and number = %(number)s

-- name: record_ticket
update action_ticket set id = %(id)s, name = %(name)s, url = %(url)s, state = %(state)s, problem = '',
       made_at = coalesce(made_at, now()),
       read_at = case when %(state)s = 'open' then now() + interval '1 minute'
                      when coalesce(made_at, now()) > now() - interval '90 days' then now() + interval '1 hour' end
where incident = %(incident)s and number = %(number)s

-- name: end_ticket
update action_ticket set state = 'deleted', problem = '', read_at = null
where incident = %(incident)s and number = %(number)s

-- name: set_ticket_wish
update action_ticket set wanted = %(state)s where incident = %(incident)s and number = %(number)s

-- name: set_ticket_problem
update action_ticket set problem = %(why)s where incident = %(incident)s and number = %(number)s

-- name: note_ticket_changes
with seen as (
    insert into tracker_webhook (tracker) values (%(tracker)s) on conflict (tracker) do update set seen_at = now()
)
insert into ticket_change (tracker, id) select %(tracker)s, unnest(%(ids)s::text[]) on conflict do nothing

-- name: webhook_time
select seen_at from tracker_webhook where tracker = %(tracker)s

-- name: claim_due_tickets
-- Each is read by one replica: it is due again in some minutes, however the reading ends. What the tracker told of goes
-- in front, and is told when it is claimed; so is what is no ticket of ours.
with claimed as (
    update action_ticket set read_at = now() + interval '5 minutes'
    where (incident, number) in (
        select t.incident, t.number from action_ticket t
        left join ticket_change c on c.tracker = t.tracker and c.id = t.id
        where t.tracker = %(tracker)s and t.wanted = '' and t.id <> '' and (t.read_at <= now() or c.id is not null)
        order by c.at, t.read_at limit %(limit)s for update of t skip locked
    ) returning *
), told as (
    delete from ticket_change c where c.tracker = %(tracker)s
      and (c.id in (select id from claimed)
           or not exists (select 1 from action_ticket t where t.tracker = c.tracker and t.id = c.id))
)
select * from claimed
