-- runs from: 012
-- Since when somebody is not called any more: a severity that does not call them, or the end and nobody called them when
-- it was reopened. Null for who is called.
alter table page add column ended_at timestamptz;
