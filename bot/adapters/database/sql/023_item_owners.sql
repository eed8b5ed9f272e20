-- runs from: 012
-- Who does an item of the checklist, and until which day. The item itself keeps its window's end.
create table item_owner (
    incident bigint not null,
    position integer not null,
    owner text,
    due_on date,
    set_by text not null,
    set_at timestamptz not null default now(),
    primary key (incident, position),
    foreign key (incident, position) references checklist_item
);
create index item_owner_of on item_owner (owner, incident desc) where owner is not null;
