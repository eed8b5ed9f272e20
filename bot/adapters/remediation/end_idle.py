"""`postgres.end_idle`: end sessions that have done nothing for long, each by its pid and its start.

Without `pg_read_all_stats` the state of other roles' sessions is hidden, and it would look as if nothing were idle; so
that is asked first. A session that woke up, or a pid that another session has by now, is spared by the statement.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg

from bot.adapters.remediation.database_address import build_act_address, build_read_address
from bot.adapters.remediation.postgres_session import (
    ABOUT,
    explain_error,
    explain_unfit,
    fetch_one,
    name_target,
    open_session,
)
from bot.adapters.remediation.protocol import Task
from bot.domain.remediation_plan import Change, Plan
from bot.ports.remediation import Observation, Receipt, Refusal, RemediationUnavailable

MAX_SESSIONS = 50
DEFAULT_AGE_S = 300
MAX_GROUPS = 8
IN_TRANSACTION = "idle in transaction"
SPARED = "^(tocsin|pgbouncer|odyssey|pgcat|pgpool|rdsproxy|supavisor)"
"""Applications whose sessions are never ended: ours, and poolers, whose sessions serve others."""

IDLE = """
select pid, backend_start, coalesce(application_name, '') as application,
    coalesce(host(client_addr), 'local') as address, usename, extract(epoch from now() - state_change)::int as idle
from pg_stat_activity
where state = %(state)s and state_change < now() - make_interval(secs => %(age)s)
    and backend_type = 'client backend' and datname = current_database() and pid <> pg_backend_pid()
    and coalesce(application_name, '') !~* %(spared)s
order by state_change
"""
END = """
with target(pid, started) as (select * from unnest(%(pids)s::int[], %(starts)s::timestamptz[]))
select a.pid, pg_terminate_backend(a.pid) as ended from target t
    join pg_stat_activity a on a.pid = t.pid and a.backend_start = t.started
where a.state = %(state)s and a.state_change < now() - make_interval(secs => %(age)s)
    and a.backend_type = 'client backend' and a.datname = current_database() and a.pid <> pg_backend_pid()
    and coalesce(a.application_name, '') !~* %(spared)s
"""
COMMAND = (
    "select pid, pg_terminate_backend(pid) from pg_stat_activity where pid in ({pids}) and state = '{state}'"
)
"""What a person would type; it is never run."""

LEFT = """
with target(pid, started) as (select * from unnest(%(pids)s::int[], %(starts)s::timestamptz[]))
select count(*)::int as left from target t
    join pg_stat_activity a on a.pid = t.pid and a.backend_start = t.started
"""


def preview(task: Task) -> Plan | Refusal:
    """Which sessions would be ended now, grouped by who they belong to."""
    address = build_read_address(task)
    if not address:
        return Refusal("No database is named to read from: set TOCSIN_MONITORED_DATABASE_URL.")
    state = task.parameters.get("states", "idle")
    age = int(task.parameters.get("age", DEFAULT_AGE_S))
    asked = {"state": state, "age": age, "spared": SPARED}
    try:
        with open_session(address) as connection:
            about = fetch_one(connection, ABOUT)
            found = connection.execute(IDLE.encode(), asked).fetchall() if about["may_see"] else []
    except psycopg.Error as error:
        raise RemediationUnavailable(f"The database cannot be read: {explain_error(error)}") from None
    if why := explain_unfit(about):
        return Refusal(why)
    if not found:
        return Refusal(
            f"No session of {about['database']} has been {state} for over {age} s. There is nothing to end."
        )
    return build_plan(about, found, state, age, address)


def build_plan(
    about: Mapping[str, Any], found: Sequence[Mapping[str, Any]], state: str, age: int, address: str
) -> Plan:
    """The plan for the oldest of the sessions that were found."""
    sessions, total = found[:MAX_SESSIONS], len(found)
    count = len(sessions)
    groups = Counter((session["application"] or "no name", session["address"]) for session in sessions)
    details = [f"{number} of {name} from {where}" for (name, where), number in groups.most_common(MAX_GROUPS)]
    if len(groups) > MAX_GROUPS:
        details.append(f"… and {len(groups) - MAX_GROUPS} more groups")
    share = about["used"] / max(1, about["room"])
    full = f"{about['used']} of the {about['room']} connections that are not reserved are in use."
    pids = ", ".join(str(session["pid"]) for session in sessions)
    return Plan(
        target=name_target(address, about["database"]),
        title=f"End {count} {state} {'session' if count == 1 else 'sessions'} of {about['database']}",
        changes=(
            Change("Sessions", f"{total} {state} for over {age} s", f"{total - count} left"),
            Change("Connections", f"{about['used']} of {about['most']}", f"about {about['used'] - count}"),
        ),
        meanwhile="Whoever holds one of them has to connect again.",
        affected="; ".join(details),
        undo="It cannot be taken back. The applications connect again by themselves.",
        command=COMMAND.format(pids=pids, state=state),
        supports=(full,) if share >= 0.8 else (),
        against=(full,) if share < 0.8 else (),
        red_lines=("Open transactions are rolled back: work that is not committed is lost.",)
        if state == IN_TRANSACTION
        else (),
        details=(
            "The lasting cure: idle_session_timeout (14 and later), idle_in_transaction_session_timeout.",
        ),
        fingerprint={"database": str(about["database"]), "server": f"started {about['started'].isoformat()}"},
        action={
            "pids": [session["pid"] for session in sessions],
            "starts": [session["backend_start"].isoformat() for session in sessions],
            "state": state,
            "age": age,
            "database": about["database"],
        },
        measure=f"{about['used']}/{about['most']} connections",
    )


def carry_out(task: Task) -> Receipt:
    """One statement, by the role for this. Sessions that woke up or are gone are spared."""
    action = task.action
    sent = False
    try:
        with open_session(build_act_address(task)) as connection:
            if fetch_one(connection, ABOUT)["database"] != action["database"]:
                return Receipt(False, "TOCSIN_REMEDIATION_DATABASE_URL names another database.")
            asked = {name: action[name] for name in ("pids", "starts", "state", "age")}
            sent = True
            rows = connection.execute(END.encode(), {**asked, "spared": SPARED}).fetchall()
    except psycopg.errors.InsufficientPrivilege as error:
        return Receipt(
            False, f"PostgreSQL denies it: {explain_error(error)} The role needs pg_signal_backend."
        )
    except psycopg.Error as error:
        return Receipt(None if sent else False, f"PostgreSQL did not answer: {explain_error(error)}")
    ended = sum(bool(row["ended"]) for row in rows)
    spared = len(action["pids"]) - len(rows)
    told = f"{ended} sessions were told to end" + (
        f", {spared} had woken up or were gone and are spared." if spared else "."
    )
    return Receipt(True, told, {"ended": str(ended), "spared": str(spared)})


def observe(task: Task) -> Observation:
    """Who of them is still there."""
    action = task.action
    asked = {"pids": action["pids"], "starts": action["starts"]}
    try:
        with open_session(build_read_address(task)) as connection:
            left = int(fetch_one(connection, LEFT, asked)["left"])
            about = fetch_one(connection, ABOUT)
    except psycopg.Error as error:
        raise RemediationUnavailable(f"The database cannot be read: {explain_error(error)}") from None
    measure = f"{about['used']}/{about['most']} connections"
    receipt = task.receipt or {}
    gone = len(action["pids"]) - left
    if "ended" not in receipt and not gone:
        return Observation(False, measure=measure)
    wanted = int(receipt.get("ended", len(action["pids"])))
    told = f"{gone} of {len(action['pids'])} sessions are gone: {measure}."
    return Observation(True, gone >= wanted, gone > 0 or wanted == 0, measure, told)
