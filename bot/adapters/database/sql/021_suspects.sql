-- runs from: 012
-- What a finding points to (bot.evidence.Suspect); null for most.
alter table result add column suspect jsonb;
