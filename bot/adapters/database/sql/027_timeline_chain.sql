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

-- At the end of the transaction, so that the one lock that it takes, the head's, is the last one there: who inserts holds
-- locks in any order. With the owner's rights, since the role that inserts may not change an entry.
create function chain_timeline() returns trigger language plpgsql security definer set search_path from current as $$
declare
    latest timeline_head;
    place integer;
    grain bytea := uuid_send(gen_random_uuid());
    told bytea;
    link bytea;
begin
    insert into timeline_head (incident, position, chain) values (new.incident, 0, '') on conflict (incident) do nothing;
    select * into latest from timeline_head where incident = new.incident for update;
    place := latest.position + 1;
    told := sha256(grain || convert_to(jsonb_build_array(new.actor, new.detail, new.newer)::text, 'UTF8'));
    link := sha256(latest.chain || convert_to(concat_ws('/', new.incident, place,
        (extract(epoch from new.at) * 1000000)::bigint, new.kind, ''), 'UTF8') || told);
    update timeline_entry set position = place, salt = grain, digest = told, chain = link where id = new.id;
    update timeline_head set position = place, chain = link, at = now() where incident = new.incident;
    return null;
end
$$;
create constraint trigger timeline_is_chained after insert on timeline_entry deferrable initially deferred
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
        if old.chain is null and new.chain is not null
            and (new.id, new.incident, new.at, new.actor, new.kind, new.detail, new.newer, new.removed_at)
                is not distinct from
                (old.id, old.incident, old.at, old.actor, old.kind, old.detail, old.newer, old.removed_at) then
            return new;
        end if;
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
