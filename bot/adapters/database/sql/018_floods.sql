-- runs from: 012
-- The first way to a contact beside Slack that does not ring at once, as `page.held_until` says it of a direct message. The
-- version before asks it at its `due_at`, which is a while after `held_until`.
create table held_way (
    way bigint primary key references way,
    joined bigint not null references incident,
    held_until timestamptz not null
);

create index way_recent on way (handle, requested_at) where requested_at is not null;
