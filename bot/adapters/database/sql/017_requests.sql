-- runs from: 012
-- What a person asked for too late: it is carried out when they say so, by the key that the request had. `payload` is as
-- Slack sent it, without its tokens.
create table kept_request (
    key text primary key,
    actor text not null,
    payload jsonb not null,
    at timestamptz not null default now()
);
create index kept_request_age on kept_request (at);

-- Somebody who has an unanswered page is not rung at once for another incident: the page of the incident `joined` shows
-- this one as a note, and it rings by itself at `held_until` at the latest. Null once it rang.
alter table page add column joined bigint references incident;
alter table page add column held_until timestamptz;
create index page_held on page (person) where held_until is not null;
create index page_joined on page (joined) where joined is not null;
create index page_recent on page (person, requested_at);

-- Who declares the same again, or very many at once.
create index incident_declared on incident (declared_by, declared_at);
