-- What was resolved lately is listed with how long it took.
create index incident_over on incident (resolved_at desc) where resolved_at is not null;
