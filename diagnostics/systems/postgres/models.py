"""The monitored PostgreSQL as frozen values. Statements come without their literals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.text.redaction import redact, strip_literals

MAX_STATEMENT_LENGTH = 120

SESSIONS = """
select a.pid, coalesce(a.application_name, '') as application, coalesce(a.usename, '') as role, a.state,
       a.wait_event_type, a.wait_event,
       extract(epoch from clock_timestamp() - a.xact_start)::float8 as transaction,
       extract(epoch from clock_timestamp() - a.state_change)::float8 as unchanged,
       left(a.query, 400) as statement,
       case when a.wait_event_type = 'Lock' then pg_blocking_pids(a.pid) end as blocked_by
from pg_stat_activity a
where (a.backend_type = 'client backend' or a.backend_type is null and a.usesysid is not null)
  and a.pid <> pg_backend_pid() and not (a.application_name = 'tocsin' and a.usename = current_user)
limit 2000
"""
"""Of the sessions of others a role without pg_monitor sees who it is and nothing else, not even that it is a client.
Asking who blocks takes the lock table's own locks: only those that wait are asked about."""

ROOM = """
select current_setting('max_connections')::int as most,
       current_setting('superuser_reserved_connections')::int
           + coalesce(nullif(current_setting('reserved_connections', true), '')::int, 0) as kept,
       (select count(*) from pg_stat_activity
        where backend_type = 'client backend'
          and not (application_name = 'tocsin' and usename = current_user))::int as taken,
       pg_has_role(current_user, 'pg_read_all_stats', 'usage') as may_see_all
"""
"""Our own sessions do not count: several steps ask side by side, and each would count another number of them."""

NARROW = """
select 'role ' || r.rolname as whose, r.rolconnlimit as most, count(*)::int as taken
from pg_stat_activity a join pg_roles r on r.oid = a.usesysid
where a.backend_type = 'client backend' and r.rolconnlimit > 0 and not r.rolsuper
group by r.rolname, r.rolconnlimit
union all
select 'database ' || d.datname, d.datconnlimit, count(*)::int
from pg_stat_activity a join pg_database d on d.oid = a.datid
where a.backend_type = 'client backend' and d.datconnlimit > 0 group by d.datname, d.datconnlimit
"""
"""Roles and databases that may have only so many connections, however much room there is."""


@dataclass(frozen=True, slots=True)
class ConnectionQuota:
    """A role or a database that may have only `most` connections, and has `taken`."""

    whose: str
    most: int
    taken: int


@dataclass(frozen=True, slots=True)
class PostgresSession:
    """One client's session. `transaction` and `unchanged` in seconds: how old its transaction is, and for how long it
    has been in its state. `state` is None where the role may not see it."""

    pid: int
    application: str
    role: str
    state: str | None
    waits_for: str
    transaction: float | None
    unchanged: float | None
    statement: str
    blocked_by: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class PostgresActivity:
    """All sessions but our own. `most` connections there are, `kept` of them for superusers, `taken` by clients."""

    sessions: tuple[PostgresSession, ...]
    most: int
    kept: int
    taken: int
    may_see_all: bool
    narrow: tuple[ConnectionQuota, ...] = ()

    @property
    def is_hidden(self) -> bool:
        """Whether there are sessions that the role may not look at."""
        return not self.may_see_all and any(session.state is None for session in self.sessions)

    @property
    def share(self) -> float:
        """How full it is, in percent of what everybody may have."""
        return 100.0 * self.taken / max(1, self.most - self.kept)


def parse_activity(
    sessions: Sequence[Mapping[str, Any]], room: Mapping[str, Any], narrow: Sequence[Mapping[str, Any]] = ()
) -> PostgresActivity:
    """The rows of SESSIONS, of ROOM and of NARROW as values."""
    return PostgresActivity(
        tuple(
            PostgresSession(
                session["pid"],
                redact(session["application"]),
                redact(session["role"]),
                session["state"],
                f"{session['wait_event_type']}: {session['wait_event']}" if session["wait_event"] else "",
                session["transaction"],
                session["unchanged"],
                normalise_statement(session["statement"]),
                tuple(session["blocked_by"] or ()),
            )
            for session in sessions
        ),
        room["most"],
        room["kept"],
        room["taken"],
        room["may_see_all"],
        tuple(ConnectionQuota(redact(quota["whose"]), quota["most"], quota["taken"]) for quota in narrow),
    )


def normalise_statement(text: str | None) -> str:
    """A statement in one line without its literals, cut."""
    words = " ".join(strip_literals(text or "").split())
    return words if len(words) <= MAX_STATEMENT_LENGTH else f"{words[: MAX_STATEMENT_LENGTH - 1]}…"
