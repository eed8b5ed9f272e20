-- runs from: 012
-- What a runbook could learn from an incident. `text` is the file as it stood when the `hunks` were made for it, `chosen`
-- are their places that somebody wants, `secrets` and `worse` how many were left out for that.
create table runbook_draft (
    id bigint generated always as identity primary key,
    incident bigint not null references incident,
    state text not null default 'asked'
        check (state in ('asked', 'drafted', 'chosen', 'proposed', 'moved', 'refused')),
    text text not null default '',
    hunks jsonb not null default '[]',
    secrets int not null default 0,
    worse int not null default 0,
    chosen int[] not null default '{}',
    asked_by text not null,
    chosen_by text,
    link text not null default '',
    made_at timestamptz not null default now()
);
create index runbook_draft_of on runbook_draft (incident);
