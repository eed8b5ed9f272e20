-- runs from: 012
-- What customers are told of an incident. One row for each text that was drafted; `accepted_by` are those who let it out.
-- `opening` counts how often the incident was opened on the pages: one that was resolved there is not opened again.
create table public_update (
    id bigint generated always as identity primary key,
    incident bigint not null references incident,
    number int not null,
    opening int not null,
    state text not null default 'draft'
        check (state in ('draft', 'seconded', 'accepted', 'withheld', 'outdated')),
    status text not null,
    title text not null,
    text text not null default '',
    impact text not null,
    components jsonb not null default '{}',
    drafted_by text not null,
    drafted_at timestamptz not null default now(),
    accepted_by text[] not null default '{}',
    accepted_at timestamptz,
    promised_at timestamptz,
    unique (incident, number)
);

-- An incident that is public, since its first text was published, and what its readers are promised.
create table public_incident (
    incident bigint primary key references incident,
    since timestamptz not null default now(),
    promised_at timestamptz,
    notice_at timestamptz,
    notice_stage int not null default 0,
    ended_at timestamptz
);
create index public_incident_due on public_incident (notice_at) where notice_at is not null;

-- The same incident at each page: the provider's id, and why nothing more is published there; empty while it is.
create table page_incident (
    incident bigint not null references incident,
    page text not null,
    opening int not null,
    provider_id text not null,
    link text not null default '',
    closed_there text not null default '',
    primary key (incident, page, opening)
);

-- Each text at each page: once. `why` says why it could not be published.
create table public_post (
    update bigint not null references public_update,
    page text not null,
    provider_id text not null default '',
    link text not null default '',
    posted_at timestamptz not null default now(),
    why text not null default '',
    primary key (update, page)
);

-- A text for customers names nobody, neither as Slack shows them nor by the whole name.
alter table person add column real_name text not null default '';
