-- runs from: 012
-- The post-mortem meeting of an incident: one, that is moved and cancelled. `sequence` rises with each change; it is the
-- SEQUENCE of the invitations. `minutes` is how long it takes, `place` the address where people meet.
create table meeting (
    incident bigint primary key references incident,
    state text not null check (state in ('arranged', 'cancelled')),
    sequence integer not null default 0,
    starts_at timestamptz not null,
    minutes integer not null check (minutes > 0),
    place text not null default '',
    arranged_by text not null,
    changed_at timestamptz not null default now()
);
-- Who is invited, or was: `is_invited` says whether the person is now. `told` is the sequence of the last invitation that went
-- out to them, -1 for none; `way` how it went (mail, message), `problem` why it was no mail.
create table meeting_guest (
    incident bigint not null references meeting,
    person text not null,
    is_invited boolean not null default true,
    told integer not null default -1,
    way text not null default '' check (way in ('', 'mail', 'message')),
    problem text not null default '',
    primary key (incident, person)
);
