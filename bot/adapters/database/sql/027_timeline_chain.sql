-- runs from: 012
-- Each timeline entry is chained to the one before it in its incident, whichever version writes it: `chain` is the SHA-256
-- of the one before and of incident, position, microseconds, kind and digest; `digest` that of a salt and of what the entry
-- says. Who removes what an entry says (`removed_at`) takes the salt away too: the digest stays, and tells nobody what it was
-- made of. Entries of before have none of it and are unproven. bot/domain/timeline_proof.py reckons the same.
alter table timeline_entry
    add column position integer,
    add column salt bytea,
    add column digest bytea,
    add column chain bytea,
    add column removed_at timestamptz;

-- How many entries are chained, and the newest of the chain.
create table timeline_head (
    incident bigint primary key references incident,
    position integer not null,
    chain bytea not null,
    at timestamptz not null default now()
);

create function chain_timeline() returns trigger language plpgsql set search_path from current as $$
declare
    latest timeline_head;
begin
    -- One at a time in an incident: whoever changes it has this lock already.
    perform 1 from incident where number = new.incident for no key update;
    select * into latest from timeline_head where incident = new.incident;
    new.position := coalesce(latest.position, 0) + 1;
    new.salt := uuid_send(gen_random_uuid());
    new.digest := sha256(new.salt || convert_to(
        jsonb_build_array(new.actor, new.detail, new.newer)::text, 'UTF8'));
    new.chain := sha256(coalesce(latest.chain, ''::bytea) || convert_to(concat_ws('/', new.incident, new.position,
        (extract(epoch from new.at) * 1000000)::bigint, new.kind, ''), 'UTF8') || new.digest);
    new.removed_at := null;
    insert into timeline_head (incident, position, chain) values (new.incident, new.position, new.chain)
    on conflict (incident) do update set position = excluded.position, chain = excluded.chain, at = now();
    return new;
end
$$;
create trigger timeline_is_chained before insert on timeline_entry
    for each row execute function chain_timeline();

-- An incident that was exported and removed when the time was over for which it is kept: the end of its chain, and the
-- SHA-256 of the file that it went into.
create table removed_incident (
    number bigint primary key,
    closed_at timestamptz,
    entries integer not null,
    position integer,
    chain bytea,
    file text not null,
    file_sha text not null,
    at timestamptz not null default now()
);

-- A person whose data was removed on request: by what they are named since, and in how much.
create table removed_person (
    alias text primary key,
    changed integer not null,
    at timestamptz not null default now()
);

-- What happened stays, but for what an entry says of a person, and for an incident that is kept no longer.
create or replace function refuse_rewriting() returns trigger language plpgsql set search_path from current as $$
begin
    if tg_level = 'ROW' and tg_op = 'UPDATE' then
        if new.removed_at is not null and new.salt is null
            and (new.id, new.incident, new.at, new.kind, new.position, new.digest, new.chain)
                is not distinct from (old.id, old.incident, old.at, old.kind, old.position, old.digest, old.chain) then
            return new;
        end if;
    elsif tg_level = 'ROW' and tg_op = 'DELETE' then
        if exists (select 1 from removed_incident r where r.number = old.incident) then
            return old;
        end if;
    end if;
    raise exception 'timeline entries cannot be changed or removed';
end
$$;

-- What was seen likewise: a person may be named in it.
alter table result add column removed_at timestamptz;
create or replace function refuse_change_of_result() returns trigger language plpgsql set search_path from current as $$
begin
    if tg_level = 'ROW' and tg_op = 'UPDATE' then
        if new.removed_at is not null and (old.removed_at is null or new.removed_at > old.removed_at)
            and (new.look, new.place, new.verdict, new.cause, new.digest, new.collected_at)
                is not distinct from (old.look, old.place, old.verdict, old.cause, old.digest, old.collected_at) then
            return new;
        end if;
    elsif tg_level = 'ROW' and tg_op = 'DELETE' then
        if exists (select 1 from removed_incident r join look l on l.incident = r.number where l.id = old.look) then
            return old;
        end if;
    end if;
    raise exception 'what was seen cannot be changed';
end
$$;
