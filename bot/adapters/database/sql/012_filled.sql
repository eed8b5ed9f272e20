-- What a person filled in for the gaps of the one step that is run, by the gap as typed.
alter table look add column inputs jsonb not null default '{}';
