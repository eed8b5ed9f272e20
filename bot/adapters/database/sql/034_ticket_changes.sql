-- runs from: 012
-- What a tracker's webhook told: tickets that are to be read now, each once until it is read, and when it last told
-- anything. It may tell of tickets that are not ours: those rows go with the next reading.
create table ticket_change (
    tracker text not null,
    id text not null,
    at timestamptz not null default now(),
    primary key (tracker, id)
);
create table tracker_webhook (
    tracker text primary key,
    seen_at timestamptz not null default now()
);
