-- runs from: 012
-- What a message carries in Slack, and a page as its key at the provider. It is decided when the row is written, with a
-- random part: numbers and keys come again after a restore from a backup, and what went out in the lost time is not ours
-- to find. A row of an older version has none and keeps the mark of installation and key; so does one that such a version
-- tried: `marked` counts the attempts that used `mark`.
alter table outbox add column mark text, add column marked integer not null default 0;

create function mark_of(o outbox) returns text stable language sql as $$
    select case when o.mark is not null and o.attempts <= o.marked then o.mark
                else (select id::text from installation) || ':' || o.key end
$$;
