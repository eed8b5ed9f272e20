-- runs from: 012
-- Which approvers were paged for a card and when (person to instant), who has clicked on it and when, and the reason that
-- one approver typed who carried it out alone; empty when two agreed.
alter table remediation
    add column paged jsonb not null default '{}',
    add column clicked jsonb not null default '{}',
    add column alone text not null default '';
