-- A way whose page was ended is past: when the incident is reopened, or the severity raised again, the same person can be
-- called by it anew, with another key at the provider.
alter table way add column past boolean not null default false;
alter table way drop constraint way_incident_contact_place_key;
alter table way drop constraint way_incident_handle_key;
create unique index way_in_order on way (incident, contact, place) where not past;
create unique index way_once on way (incident, handle) where not past;
