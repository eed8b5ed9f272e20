-- runs from: 012
-- The Slack workspace that this database was first used with: its incidents are nobody else's.
create table workspace (
    only_one boolean primary key default true check (only_one),
    team text not null,
    url text not null,
    since timestamptz not null default now()
);
