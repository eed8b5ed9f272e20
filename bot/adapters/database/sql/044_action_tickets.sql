-- runs from: 012
-- Action items at the team's tracker. `id` is empty until the ticket is there, `wanted` is the state that people gave the
-- item here and that the tracker was not told yet, `problem` why it did not do what it was asked. A row is there from the
-- moment that a ticket is to be made. `read_at` is when its state is read next.
create table action_ticket (
    incident bigint not null,
    number integer not null,
    tracker text not null,
    id text not null default '',
    name text not null default '',
    url text not null default '',
    state text not null default 'open' check (state in ('open', 'done', 'dropped', 'ended', 'deleted')),
    wanted text not null default '' check (wanted in ('', 'open', 'done', 'dropped')),
    problem text not null default '',
    made_at timestamptz,
    read_at timestamptz,
    primary key (incident, number),
    foreign key (incident, number) references action_item (incident, number)
);
create index action_ticket_due on action_ticket (read_at) where read_at is not null;
