-- The ways to a contact beside Slack, in the order of the contacts file. `handle` is as people may see it: an integration
-- key is looked up in the contacts file when it is needed. `due_at` is when this way is looked at next.
create table way (
    id bigint generated always as identity primary key,
    incident bigint not null references incident,
    contact text not null,
    place integer not null,
    handle text not null,
    requested_at timestamptz,
    accepted_at timestamptz,
    delivered_at timestamptz,
    acknowledged_at timestamptz,
    ended_at timestamptz,
    failed text not null default '',
    due_at timestamptz,
    unique (incident, contact, place),
    unique (incident, handle)
);
create index way_due on way (due_at) where due_at is not null;

-- Where an incident stands on the ladder: who is called next (`rung`), and when that is looked at.
alter table incident add column ladder text not null default ''
    check (ladder in ('', 'climbing', 'answered', 'asked', 'waiting'));
alter table incident add column rung integer not null default 0;
alter table incident add column look_at timestamptz;
create index incident_look on incident (look_at) where look_at is not null;

-- The last good copy of each on-call calendar; `source` is a digest, since a calendar's address may be secret.
create table calendar_copy (
    source text primary key,
    text text not null,
    read_at timestamptz not null
);
