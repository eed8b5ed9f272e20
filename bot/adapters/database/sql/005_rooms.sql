-- The channel that an incident had and cannot use for now: archived, deleted, or without Tocsin in it.
alter table incident add column lost_channel text unique;
