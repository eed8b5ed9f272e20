-- A private incident is seen by its members only: its commander, and who was called, invited or is in its channel.
alter table incident add column private boolean not null default false;

create table incident_member (
    incident bigint not null references incident,
    person text not null,
    primary key (incident, person)
);

-- The one place that says who sees an incident.
create function may_see(i incident, viewer text) returns boolean stable language sql as $$
    select not i.private or i.commander = viewer
        or exists (select 1 from incident_member m where m.incident = i.number and m.person = viewer)
$$;
