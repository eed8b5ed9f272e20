-- runs from: 012
-- Which finding pointed at the cause, as the review's form says it. Apart from the answers: the version before counts
-- every question that it finds there among those of the form. Rows that stand there already are read as well.
create table review_pointer (
    id bigint generated always as identity primary key,
    incident bigint not null references incident,
    person text not null,
    text text not null,
    at timestamptz not null default now()
);
create index review_pointer_of on review_pointer (incident, id);
