-- name: claim_workspace
insert into workspace (team, url) values (%(team)s, %(url)s) on conflict (only_one) do nothing

-- name: workspace
select team, url from workspace

-- name: write_heartbeat
-- A change that is made for its own sake; gives whether a page failed within so many seconds.
with beat as (
    insert into inbound (key) values ('heartbeat') on conflict (key) do update set at = now() returning at
)
select exists (
    select 1 from (select kind, at from timeline_entry order by id desc limit 500) e
    where e.kind = 'page_failed' and e.at > beat.at - make_interval(secs => %(seconds)s)
) as failed from beat

-- name: count_operations
-- What is open, late, due and dead, in one statement.
with due as (
    select case when kind = any(%(kinds)s) then 'providers' else 'slack' end as whom, not_before
    from outbox where settled_at is null and not passed_over and not_before <= now()
)
select
    (select json_object_agg(severity, n) from (
        select severity, count(*) as n from incident
        where status in ('investigating', 'identified', 'monitoring') and not drill group by severity) s) as open_incidents,
    (select coalesce(max(extract(epoch from now() - declared_at)), 0)::float from incident
     where status in ('investigating', 'identified', 'monitoring') and not drill and acknowledged_at is null
       and exists (select 1 from page p where p.incident = number)) as unanswered_s,
    (select coalesce(max(extract(epoch from now() - next_update_at)), 0)::float from incident
     where status in ('investigating', 'identified', 'monitoring') and not drill and next_update_at < now()) as overdue_s,
    (select json_object_agg(whom, json_build_array(n, seconds)) from (
        select whom, count(*) as n, greatest(0, extract(epoch from now() - min(not_before)))::float as seconds
        from due group by whom) d) as due,
    (select count(*) from outbox where state = 'dead') as dead,
    (select count(*) from replica_known r
     where r.seen_at > now() - interval '15 seconds'
       -- Who only looked (doctor, the outbox's commands) has let its lock go.
       and exists (select 1 from pg_locks l
                   where l.locktype = 'advisory' and l.granted and l.objsubid = 2
                     and l.classid::bigint = %(family)s and l.objid::bigint = r.replica
                     and l.database = (select d.oid from pg_database d where d.datname = current_database()))
    ) as replicas
