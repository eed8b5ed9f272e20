create table installation (
    only_one boolean primary key default true check (only_one),
    id uuid not null default gen_random_uuid(),
    created_at timestamptz not null default now()
);
insert into installation default values;

-- Every runbook text that an incident was declared with, and the last good one for a start without the file.
create table edition (
    sha text primary key,
    source text not null,
    text text not null,
    loaded_at timestamptz not null default now()
);

create table incident (
    number bigint generated always as identity primary key,
    title text not null,
    severity text not null,
    status text not null default 'investigating'
        check (status in ('investigating', 'identified', 'monitoring', 'resolved', 'closed', 'cancelled')),
    commander text not null,
    declared_by text not null,
    declared_at timestamptz not null default now(),
    edition text not null references edition,
    playbook text,
    impact text not null default '',
    affected_users text not null default '',
    fields jsonb not null default '{}',
    cadence interval,
    next_update_at timestamptz,
    notice_at timestamptz,
    notice_stage integer not null default 0,
    snoozed boolean not null default false,
    channel text unique,
    acknowledged_at timestamptz,
    acknowledged_by text,
    resolved_at timestamptz,
    resolved_by text,
    root_cause text not null default '',
    resolution text not null default '',
    postmortem_at timestamptz,
    closed_at timestamptz,
    closed_by text,
    close_reason text not null default '',
    resolutions integer not null default 0,
    offered_to text
);
create index incident_open on incident (number desc) where status in ('investigating', 'identified', 'monitoring');
create index incident_notice on incident (notice_at) where notice_at is not null;

create table page (
    incident bigint not null references incident,
    person text not null,
    contact text not null,
    requested_at timestamptz not null default now(),
    accepted_at timestamptz,
    failed text not null default '',
    acknowledged_at timestamptz,
    primary key (incident, person)
);

create table role (
    incident bigint not null references incident,
    role text not null check (role in ('deputy', 'scribe', 'communications', 'operations')),
    person text not null,
    primary key (incident, role)
);

create table timeline_entry (
    id bigint generated always as identity primary key,
    incident bigint not null references incident,
    at timestamptz not null default now(),
    actor text not null,
    kind text not null,
    detail jsonb not null default '{}'
);
create index timeline_of on timeline_entry (incident, id);

-- What happened stays as it was written: response times are measured from these rows.
create function refuse_rewriting() returns trigger language plpgsql as $$
begin
    raise exception 'timeline entries cannot be changed or removed';
end
$$;
create trigger timeline_is_append_only before update or delete on timeline_entry
    for each row execute function refuse_rewriting();

create table status_update (
    id bigint generated always as identity primary key,
    incident bigint not null references incident,
    at timestamptz not null default now(),
    author text not null,
    status text not null,
    text text not null,
    next_update_at timestamptz
);
create index status_update_of on status_update (incident, id);

create table checklist_item (
    incident bigint not null references incident,
    position integer not null,
    within interval not null,
    text text not null,
    line integer not null,
    due_at timestamptz not null,
    done_by text,
    done_at timestamptz,
    primary key (incident, position)
);

-- One row for each end of a checklist window that still has to be looked at.
create table checklist_window (
    incident bigint not null references incident,
    within interval not null,
    due_at timestamptz not null,
    primary key (incident, within)
);
create index checklist_window_due on checklist_window (due_at);
