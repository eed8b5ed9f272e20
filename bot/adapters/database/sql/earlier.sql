-- name: earlier_incidents
-- Public incidents of the last year that are over and like this one, drills with drills: a check found the same bad thing
-- but for its numbers, or the title is the same but for its numbers, or the playbook is the same and an action item of
-- it is still open. The most alike in front, then the newest.
with this as (
    select number, drill, playbook, regexp_replace(lower(title), '[0-9]+([.,][0-9]+)*', '#', 'g') as words
    from incident where number = %(number)s
), own as (
    select distinct r.runs, r.title, regexp_replace(r.headline, '[0-9]+([.,][0-9]+)*', '#', 'g') as pattern
    from result r join look l on l.id = r.look where l.incident = %(number)s and r.verdict = 'bad'
), alike as (
    select i.number, i.title, i.declared_at,
           coalesce(f.found, '{}') as findings,
           regexp_replace(lower(i.title), '[0-9]+([.,][0-9]+)*', '#', 'g') = this.words as has_same_title,
           coalesce(i.playbook = this.playbook, false) as has_same_playbook,
           exists (select 1 from action_item a where a.incident = i.number and a.state = 'open') as is_unfinished
    from this join incident i on i.number < this.number and i.drill = this.drill
    left join lateral (
        select array_agg(distinct r.headline) as found
        from look l join result r on r.look = l.id
        join own o on o.runs = r.runs and o.title = r.title
             and o.pattern = regexp_replace(r.headline, '[0-9]+([.,][0-9]+)*', '#', 'g')
        where l.incident = i.number and r.verdict = 'bad'
    ) f on true
    where not i.private and i.status in ('resolved', 'closed') and i.declared_at > now() - interval '365 days'
      and not exists (select 1 from merged m where m.incident = i.number)
)
select number, title, declared_at, findings, has_same_title, has_same_playbook from alike
where cardinality(findings) > 0 or has_same_title or (has_same_playbook and is_unfinished)
order by cardinality(findings) desc, has_same_title desc, is_unfinished desc, number desc limit %(limit)s

-- name: open_actions_of
select * from action_item where incident = any(%(numbers)s) and state = 'open' order by incident, number
