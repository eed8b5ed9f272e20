-- One run of a playbook's steps. `request` is what asked for it, `what` a playbook's id or a step's title.
create table look (
    id bigint generated always as identity primary key,
    incident bigint not null references incident,
    number integer not null,
    request text not null unique,
    scope text not null check (scope in ('playbook', 'step', 'all')),
    what text not null,
    line integer,
    file text not null default '',
    asked_by text not null default '',
    begun_at timestamptz not null default now(),
    ended_at timestamptz,
    lease_owner bigint,
    lease_until timestamptz,
    attempts integer not null default 0,
    unique (incident, number)
);
create index look_open on look (id) where ended_at is null;

-- One step of a look, and what it found; redacted before it comes here.
create table result (
    look bigint not null references look,
    place integer not null,
    playbook text not null,
    line integer not null,
    file text not null,
    title text not null,
    kind text not null,
    runs text not null,
    note text not null default '',
    verdict text check (verdict in ('ok', 'warn', 'bad', 'unknown')),
    cause text,
    headline text not null default '',
    measure text not null default '',
    digest text not null default '',
    detail jsonb not null default '{}',
    chart bytea,
    collected_at timestamptz,
    seen_at timestamptz,
    primary key (look, place)
);

-- What was seen stays as it was seen.
create function refuse_change_of_result() returns trigger language plpgsql as $$
begin
    raise exception 'what was seen cannot be changed';
end $$;
create trigger result_stays before update or delete on result
    for each row when (old.verdict is not null) execute function refuse_change_of_result();
