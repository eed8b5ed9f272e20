-- runs from: 012
-- What is done after an incident, each with an owner and a day. `remind_at` is when its owner is reminded next.
create table action_item (
    incident bigint not null references incident,
    number integer not null,
    text text not null,
    purpose text not null check (purpose in ('prevent', 'mitigate', 'detect', 'process')),
    owner text,
    due_on date,
    state text not null default 'open' check (state in ('open', 'done', 'dropped')),
    added_by text not null,
    added_at timestamptz not null default now(),
    ended_by text,
    ended_at timestamptz,
    remind_at timestamptz,
    reminders integer not null default 0,
    primary key (incident, number)
);
create index action_item_of on action_item (owner, due_on) where state = 'open' and owner is not null;
create index action_item_open on action_item (due_on, incident, number) where state = 'open';
create index action_item_reminder on action_item (remind_at) where state = 'open' and remind_at is not null;
