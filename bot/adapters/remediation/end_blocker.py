"""`postgres.end_blocker`: end the one session that others wait for, the root of a tree of locks.

Who runs a query has it cancelled first, and the session is ended only where that did not let the others go on. It is
always the same transaction of the same session: one that let go by itself, or whose pid another one has by now, is
spared. https://www.postgresql.org/docs/current/functions-info.html (pg_blocking_pids)
"""

import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import psycopg

from bot.adapters.remediation.database_address import build_act_address, build_read_address
from bot.adapters.remediation.postgres_session import (
    ABOUT,
    Connection,
    count_waiting,
    explain_error,
    explain_unfit,
    fetch_one,
    name_target,
    open_session,
)
from bot.adapters.remediation.protocol import Task
from bot.domain.remediation_plan import Change, Plan
from bot.ports.remediation import Observation, Receipt, Refusal, RemediationUnavailable
from bot.text.redaction import strip_literals
from bot.text.truncation import cut

MAX_QUERY_LENGTH, MAX_WAITING = 200, 6
LETS_GO_WITHIN_S, LOOKS_EVERY_S = 3.0, 0.1
PREPARED = 0
"""What pg_blocking_pids gives for a prepared transaction: no session holds it."""

ACTIVE = "active"
POOLERS = ("pgbouncer", "odyssey", "pgcat", "pgpool", "rdsproxy", "supavisor")

WAITS = """
select pid, unnest(pg_blocking_pids(pid)) as blocker from pg_stat_activity
where wait_event_type = 'Lock' and datname = current_database()
"""
SESSIONS = """
select pid, backend_start, backend_type, coalesce(application_name, '') as application, usename, state, xact_start,
    coalesce(host(client_addr), 'local') as address, coalesce(query, '') as query,
    datname = current_database() as is_here,
    extract(epoch from now() - xact_start)::int as open_for,
    coalesce((select rolsuper from pg_roles where oid = usesysid), false) as is_superuser
from pg_stat_activity where pid = any(%(pids)s)
"""
CANCEL = """
select pg_cancel_backend(pid) as told from pg_stat_activity
where pid = %(pid)s and backend_start = %(start)s and xact_start = %(began)s and state = 'active'
"""
END = """
select pg_terminate_backend(pid) as told from pg_stat_activity
where pid = %(pid)s and backend_start = %(start)s and xact_start = %(began)s
"""
STANDS = """
select exists(select 1 from pg_stat_activity
        where pid = %(pid)s and backend_start = %(start)s and xact_start = %(began)s) as is_open,
    (select count(*)::int from pg_stat_activity
        where wait_event_type = 'Lock' and %(pid)s = any(pg_blocking_pids(pid))) as held_up,
    (select count(*)::int from pg_stat_activity
        where wait_event_type = 'Lock' and datname = current_database()) as waiting
"""


def preview(task: Task) -> Plan | Refusal:
    """Which session others wait for now, and what ending it would cost."""
    address = build_read_address(task)
    if not address:
        return Refusal("No database is named to read from: set TOCSIN_MONITORED_DATABASE_URL.")
    try:
        with open_session(address) as connection:
            about = fetch_one(connection, ABOUT)
            if why := explain_unfit(about):
                return Refusal(why)
            waits = connection.execute(WAITS.encode()).fetchall()
            trees = build_trees((row["pid"], row["blocker"]) for row in waits)
            pids = [*trees, *(pid for waiting in trees.values() for pid in waiting)]
            rows = connection.execute(SESSIONS.encode(), {"pids": pids}).fetchall()
    except psycopg.Error as error:
        raise RemediationUnavailable(f"The database cannot be read: {explain_error(error)}") from None
    return _choose(about, trees, {row["pid"]: row for row in rows}, task, address)


def build_trees(waits: Iterable[tuple[int, int]]) -> dict[int, list[int]]:
    """Who waits for whom, as (who waits, for whom): the roots, each with all that wait for it, the largest first."""
    holders: dict[int, set[int]] = defaultdict(set)
    for pid, blocker in waits:
        holders[blocker].add(pid)
    waiting = {pid for pids in holders.values() for pid in pids}
    trees = {root: sorted(_collect(root, holders)) for root in holders if root not in waiting}
    return dict(sorted(trees.items(), key=lambda tree: (-len(tree[1]), tree[0])))


def _collect(root: int, holders: Mapping[int, set[int]]) -> set[int]:
    found: set[int] = set()
    left = [root]
    while left:
        new = holders.get(left.pop(), set()) - found
        found |= new
        left += new
    return found


def _choose(
    about: Mapping[str, Any],
    trees: Mapping[int, Sequence[int]],
    sessions: Mapping[int, Mapping[str, Any]],
    task: Task,
    address: str,
) -> Plan | Refusal:
    """The root that most wait for, or the one that was named."""
    named = task.parameters.get("pid")
    pid = int(named) if named else next(iter(trees), None)
    if pid is None:
        return Refusal(f"Nobody waits for a lock in {about['database']}. There is nothing to end.")
    if pid not in trees:
        return Refusal(f"Nobody waits for {pid} at the root of a tree of locks. There is nothing to end.")
    root = sessions.get(pid)
    if why := _explain_unendable(pid, root):
        return Refusal(why)
    assert root is not None
    return _build_plan(about, root, [sessions[each] for each in trees[pid] if each in sessions], address)


def _explain_unendable(pid: int, root: Mapping[str, Any] | None) -> str:
    """Why this one cannot be ended, in a sentence; empty when it can."""
    if pid == PREPARED:
        return (
            "A prepared transaction holds the lock, and no session: see pg_prepared_xacts, ROLLBACK PREPARED."
        )
    if root is None:
        return "The session that held the lock has just let go. There is nothing to end."
    if root["xact_start"] is None:
        return (
            f"{pid} of {root['application'] or root['usename']} has no transaction: it has just let go, or it holds an "
            "advisory lock of its session (pg_advisory_lock). I do not end that: it has to unlock it, or to leave."
        )
    rules = (
        (root["backend_type"] != "client backend", f"{pid} is PostgreSQL's own ({root['backend_type']})"),
        (not root["is_here"], f"{pid} is a session of another database"),
        (root["is_superuser"], f"{pid} is a superuser's, {root['usename']}: I may not end it"),
        (root["application"] == "tocsin", f"{pid} is mine: it ends by itself"),
    )
    return next((f"{sentence}. Nothing is ended." for is_so, sentence in rules if is_so), "")


def _build_plan(
    about: Mapping[str, Any], root: Mapping[str, Any], waiting: Sequence[Mapping[str, Any]], address: str
) -> Plan:
    pid, name = root["pid"], root["application"] or root["usename"]
    is_active = root["state"] == ACTIVE
    first = "its query is cancelled; where that does not help, the session is ended" if is_active else "ended"
    listed = [f"{each['pid']} of {each['application'] or each['usename']}" for each in waiting[:MAX_WAITING]]
    if len(waiting) > MAX_WAITING:
        listed.append(f"{len(waiting) - MAX_WAITING} more")
    end = f"select pg_terminate_backend({pid});"
    return Plan(
        target=name_target(address, about["database"]),
        title=f"End the session {pid} that {len(waiting)} wait for",
        changes=(
            Change("Session", f"{pid} of {name} from {root['address']}, {root['state']}", first),
            Change("Waiting for it", str(len(waiting)), "0"),
        ),
        meanwhile=f"{name} loses this connection, and what it did in its transaction.",
        affected=f"Waiting: {', '.join(listed)}.",
        undo="It cannot be taken back. The application has to do its transaction again.",
        command=f"select pg_cancel_backend({pid});\n{end}" if is_active else end,
        supports=(f"{count_waiting(len(waiting))} for a lock that it holds.",),
        against=("It works: its query may be about to end by itself.",) if is_active else (),
        red_lines=_list_warnings(root),
        details=(
            f"Its {'query' if is_active else 'last query'}: {cut(strip_literals(root['query']), MAX_QUERY_LENGTH)}",
            "The lasting cure: lock_timeout for migrations, idle_in_transaction_session_timeout.",
        ),
        fingerprint={
            "server": f"started {about['started'].isoformat()}",
            "session at the root": f"{pid}, begun {root['backend_start'].isoformat()}",
            "its transaction": f"begun {root['xact_start'].isoformat()}",
        },
        action={
            "pid": pid,
            "start": root["backend_start"].isoformat(),
            "began": root["xact_start"].isoformat(),
            "database": about["database"],
        },
        measure=f"{len(waiting)} waiting",
    )


def _list_warnings(root: Mapping[str, Any]) -> tuple[str, ...]:
    told = [f"Its transaction is open for {root['open_for']} s: what it has not committed is lost."]
    if root["application"].casefold().startswith(POOLERS):
        told.append("It is a pooler's session: whoever the pooler lends it to loses it.")
    return tuple(told)


def carry_out(task: Task) -> Receipt:
    """Cancel what runs, and end the session where that is not enough; by the role for this."""
    action, is_sent = task.action, False
    same = {name: action[name] for name in ("pid", "start", "began")}
    try:
        with open_session(build_act_address(task)) as connection:
            if fetch_one(connection, ABOUT)["database"] != action["database"]:
                return Receipt(False, "TOCSIN_REMEDIATION_DATABASE_URL names another database.")
            is_sent = True
            if _tell(connection, CANCEL, same) and _lets_go(connection, same):
                return Receipt(True, "Its query was cancelled, and that was enough.", {"told": "cancelled"})
            if _tell(connection, END, same):
                return Receipt(True, "The session was told to end.", {"told": "ended"})
    except psycopg.errors.InsufficientPrivilege as error:
        return Receipt(
            False, f"PostgreSQL denies it: {explain_error(error)} The role needs pg_signal_backend."
        )
    except psycopg.Error as error:
        return Receipt(None if is_sent else False, f"PostgreSQL did not answer: {explain_error(error)}")
    return Receipt(False, "Its transaction had ended by itself.")


def _tell(connection: Connection, query: str, same: Mapping[str, Any]) -> bool:
    row = connection.execute(query.encode(), same).fetchone()
    return row is not None and bool(row["told"])


def _lets_go(connection: Connection, same: Mapping[str, Any]) -> bool:
    """Whether nobody waits for it any more, soon."""
    until = time.monotonic() + LETS_GO_WITHIN_S
    while time.monotonic() < until:
        stands = fetch_one(connection, STANDS, same)
        if not stands["held_up"]:
            return True
        time.sleep(LOOKS_EVERY_S)
    return False


def observe(task: Task) -> Observation:
    """Whether its transaction is over, and who waits still."""
    same = {name: task.action[name] for name in ("pid", "start", "began")}
    try:
        with open_session(build_read_address(task)) as connection:
            stands = fetch_one(connection, STANDS, same)
    except psycopg.Error as error:
        raise RemediationUnavailable(f"The database cannot be read: {explain_error(error)}") from None
    measure = f"{stands['waiting']} waiting"
    if stands["is_open"] and stands["held_up"]:
        return Observation(False, measure=measure)
    told = f"{count_waiting(stands['waiting'])} for another lock." if stands["waiting"] else ""
    return Observation(True, True, True, measure, f"Nobody waits for it any more. {told}".strip())
