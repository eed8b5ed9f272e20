-- runs from: 012
-- What people wrote for the review of an incident. Nothing is replaced: several people add.
create table review_answer (
    id bigint generated always as identity primary key,
    incident bigint not null references incident,
    question text not null,
    person text not null,
    text text not null,
    at timestamptz not null default now()
);
create index review_answer_of on review_answer (incident, id);
