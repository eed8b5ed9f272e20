-- runs from: 012
-- The tables in which the restore was noticed, as `made` of `takes_changes`: it is noticed once, by whichever replica.
alter table restored add column made text;
