-- Somebody else answered: nobody is called by this way any more and its provider was told. Whose way it is has not
-- answered, and can be called anew.
alter table way add column quieted_at timestamptz;
-- Asked for by name: neither another's answer nor a change of the severity ends it.
alter table way add column by_hand boolean not null default false;
-- The provider said no for good: there is nothing to acknowledge or to end.
alter table way add column refused boolean not null default false;
