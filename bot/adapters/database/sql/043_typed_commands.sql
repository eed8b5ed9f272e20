-- runs from: 012
-- Commands that people typed as code in the room of an incident that is neither private nor a drill: kept until it is
-- closed. One with a secret is kept without its words, to be counted.
create table typed_command (
    id bigint generated always as identity primary key,
    incident bigint not null references incident,
    text text not null,
    at timestamptz not null default now(),
    unique (incident, text)
);
