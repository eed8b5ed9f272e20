-- runs from: 012
-- Changes to production that two people agree on. `request` is what asked for it and the key by which it is found again;
-- `plan` is what was read when it was proposed, `receipt` what the call gave back. `look_at` is when it is due for work.
create table remediation (
    id bigint generated always as identity primary key,
    incident bigint not null references incident,
    number integer not null,
    request text not null unique,
    kind text not null,
    parameters jsonb not null default '{}',
    state text not null check (state in (
        'asked', 'proposed', 'approved', 'executing', 'unknown', 'done', 'failed', 'rejected', 'expired', 'void')),
    asked_by text not null,
    asked_at timestamptz not null default now(),
    reason text not null default '',
    target text,
    plan jsonb,
    plan_hash text,
    expires_at timestamptz,
    approved_by text,
    approved_at timestamptz,
    started_at timestamptz,
    settled_at timestamptz,
    watch_until timestamptz,
    look_at timestamptz,
    why text not null default '',
    receipt jsonb not null default '{}',
    verdict text not null default '',
    checked_by text,
    is_by_hand boolean not null default false,
    is_drill boolean not null default false,
    undo_of bigint references remediation,
    lease_owner bigint,
    lease_until timestamptz,
    attempts integer not null default 0,
    unique (incident, number)
);
create index remediation_due on remediation (look_at) where look_at is not null;

-- One open remediation of a target at most; what is only played, or done by a person, holds nothing up.
create unique index remediation_of_target on remediation (target)
    where state in ('proposed', 'approved', 'executing', 'unknown') and not is_drill and not is_by_hand;
create index remediation_settled on remediation (target, settled_at) where settled_at is not null;

-- What was begun is never begun again, whoever writes it.
create function refuse_second_remediation() returns trigger language plpgsql as $$
begin
    raise exception 'a remediation that was begun cannot be begun again';
end $$;
create trigger remediation_once before update on remediation
    for each row when (old.started_at is not null
        and (new.started_at is distinct from old.started_at or new.state in ('asked', 'proposed', 'approved')))
    execute function refuse_second_remediation();

-- Whether anything may be carried out at all: the last row says it. Without a row it may.
create table remediation_switch (
    id bigint generated always as identity primary key,
    at timestamptz not null default now(),
    person text not null,
    is_on boolean not null,
    agreed_by text,
    reason text not null default ''
);
