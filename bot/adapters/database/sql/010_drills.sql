-- A drill: the same life, nobody is called, and it is counted apart.
alter table incident add column drill boolean not null default false;
