-- runs from: 012
-- When it was noticed that this database is an older state of itself, put back from a backup, and the highest incident
-- number that had gone out by then; `held` says which pages were not sent by themselves.
create table restored (
    at timestamptz not null default now(),
    number bigint not null,
    held jsonb not null
);
