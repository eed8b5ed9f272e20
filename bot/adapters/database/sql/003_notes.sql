-- The message that a note came from, to find the note again when the message is edited or deleted.
create index timeline_source on timeline_entry ((detail ->> 'source')) where detail ? 'source';

-- The thread of an announcement means its incident too.
create index outbox_announced on outbox (channel, ts) where kind = 'AnnounceIncident' and ts is not null;
