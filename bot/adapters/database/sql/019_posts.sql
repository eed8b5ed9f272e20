-- runs from: 012
-- Where each message stands in Slack, with what it carries there: kept when the outbox's row is pruned. A trigger writes it,
-- since the version before knows only the outbox.
create table post (
    key text primary key,
    incident bigint references incident,
    kind text not null,
    channel text not null,
    ts text not null,
    mark text not null
);
create index post_of on post (incident);
create index post_announced on post (channel, ts) where kind = 'AnnounceIncident';

create function keep_post() returns trigger language plpgsql as $$
begin
    insert into post (key, incident, kind, channel, ts, mark)
    values (new.key, new.incident, new.kind, new.channel, new.ts, mark_of(new))
    on conflict (key) do update set channel = excluded.channel, ts = excluded.ts, mark = excluded.mark;
    return null;
end
$$;
create trigger outbox_posts after insert or update of ts on outbox
    for each row when (new.ts is not null and new.channel is not null) execute function keep_post();

insert into post (key, incident, kind, channel, ts, mark)
select key, incident, kind, channel, ts, mark_of(o) from outbox o where ts is not null and channel is not null;

-- What is pruned is found by its incident.
create index outbox_of on outbox (incident) where settled_at is not null;
create index incident_ended on incident (coalesce(closed_at, resolved_at)) where status in ('closed', 'cancelled');
