-- runs from: 012
-- Who reads along an incident by direct messages without joining it; until it ends.
create table follower (
    incident bigint not null references incident,
    person text not null,
    since timestamptz not null default now(),
    primary key (incident, person)
);
create index follower_of on follower (person);

-- When it is looked at next whether the shift of an incident's commander ends; no row for one that was not looked at yet.
create table shift_look (
    incident bigint primary key references incident,
    commander text not null,
    due_at timestamptz not null
);
