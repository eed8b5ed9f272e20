-- runs from: 012
-- What happened and what was seen cannot be emptied either.
create trigger timeline_is_not_emptied before truncate on timeline_entry
    for each statement execute function refuse_rewriting();
create trigger result_is_not_emptied before truncate on result
    for each statement execute function refuse_change_of_result();

-- Whose incidents these are: asked for each command outside a room, and for each look at the home.
create index incident_open_of on incident (commander, number desc)
    where status in ('investigating', 'identified', 'monitoring');
create index incident_resolved_of on incident (commander, number desc) where status = 'resolved';
create index page_of_person on page (person, incident desc);

-- What is not delivered, among very many that are.
create index outbox_undelivered on outbox (id) where settled_at is null or state = 'dead';
