-- runs from: 012
-- Versions run beside each other: each says what it can perform, and leaves the rest to those that can.
--
-- `format` is raised when what a kind's fields mean changes. `for_newer`: the version before this step cannot perform the
-- row and would fail on it; its `state` is 'newer' while it is open, at which that version does not look. Open is what has
-- no `settled_at`, under way what has a `lease_owner`. `passed_over`: no version that runs can perform it, its lane goes on
-- without it; `unreadable`: nor can one that knows its kind.
alter table outbox add column format integer not null default 1;
alter table outbox add column for_newer boolean not null default false;
alter table outbox add column passed_over boolean not null default false;
alter table outbox add column unreadable boolean not null default false;
alter table outbox drop constraint outbox_state_check;
alter table outbox add constraint outbox_state_check
    check (state in ('pending', 'sending', 'newer', 'sent', 'dead')) not valid;
create index outbox_due on outbox (lane, id) where settled_at is null;

-- What each replica can perform: by kind its format, its fields and, where it names one, its sentences. `seen_at` says that
-- it runs; it is written every few seconds.
create table replica_known (
    replica bigint primary key,
    known jsonb not null,
    seen_at timestamptz not null default now()
);

-- No subquery in it, and not immutable: so that it is drawn into the statement that asks.
create function can_perform(known jsonb, kind text, format integer, payload jsonb) returns boolean
stable language sql as $$
    select case
        when known -> kind is null or jsonb_typeof(payload) <> 'object' then false
        else format <= (known -> kind ->> 'format')::integer
            and payload - (known -> kind ->> 'fields')::text[] = '{}'
            and (known -> kind -> 'sentences' is null
                 or coalesce(known -> kind -> 'sentences' ? (payload ->> 'words'), false))
    end
$$;

-- An entry of a kind that the version before cannot draw: what it is, as {"kind": ..., "detail": {...}}. `kind` and `detail`
-- are then those of a note, which that version draws.
alter table timeline_entry add column newer jsonb;
