create table outbox (
    id bigint generated always as identity primary key,
    key text not null unique,
    lane text not null,
    after text,
    urgency integer not null,
    coalesces boolean not null,
    kind text not null,
    payload jsonb not null,
    incident bigint references incident,
    state text not null default 'pending' check (state in ('pending', 'sending', 'sent', 'dead')),
    created_at timestamptz not null default now(),
    not_before timestamptz not null default now(),
    attempts integer not null default 0,
    first_sent_at timestamptz,
    uncertain_since timestamptz,
    lease_owner bigint,
    lease_until timestamptz,
    settled_at timestamptz,
    channel text,
    ts text,
    error text
);
create index outbox_open on outbox (lane, id) where state in ('pending', 'sending');
create index outbox_posts on outbox (incident) where ts is not null;

-- One row for each request of Slack that was acted on, with the answer that it got.
create table inbound (
    key text primary key,
    at timestamptz not null default now(),
    answer jsonb
);
create index inbound_age on inbound (at);

-- Channels that Tocsin needs by name, with the id that Slack gave them.
create table place (
    name text primary key,
    channel text not null
);

-- What Slack told of new channels: the way to know again a channel whose creation was never answered.
create table channel_seen (
    channel text primary key,
    name text not null,
    creator text not null,
    created_at timestamptz not null
);
create index channel_seen_name on channel_seen (name);

create table person (
    id text primary key,
    name text not null,
    guest boolean not null,
    bot boolean not null,
    stranger boolean not null,
    checked_at timestamptz not null default now()
);

create sequence replica;
