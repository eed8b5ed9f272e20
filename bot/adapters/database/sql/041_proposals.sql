-- runs from: 012
-- The pull request with the review of an incident: one for ever. `entries` is how many timeline entries its last commit
-- knew; at `look_at` it is asked whether there are more.
create table review_proposal (
    incident bigint primary key references incident,
    state text not null default 'waiting' check (state in ('waiting', 'open', 'merged', 'closed')),
    link text not null default '',
    why text not null default '',
    entries int not null default 0,
    look_at timestamptz not null default now()
);
create index review_proposal_due on review_proposal (look_at) where state in ('waiting', 'open');
