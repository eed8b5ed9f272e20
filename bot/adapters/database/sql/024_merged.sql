-- runs from: 012
-- Incidents that were closed into another one: cancelled, with this as the reason. Reopening takes the row away.
create table merged (
    incident bigint primary key references incident,
    into_incident bigint not null references incident,
    person text not null,
    at timestamptz not null default now()
);
