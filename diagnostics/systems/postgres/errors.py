"""Maps errors of the monitored PostgreSQL: its faults are findings, ours are unknown.

Source: PostgreSQL's error codes, postgresql.org/docs/current/errcodes-appendix.html.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg import errors

from bot.domain.diagnostic_run import Suspect
from bot.domain.finding import Finding, Inconclusive, UnknownCause, Verdict
from bot.text.redaction import redact

FULL = re.compile(
    r"remaining connection slots are reserved|too many clients already|too many connections"
    r"|no more connections allowed",
    re.I,
)
"""The last one is PgBouncer's."""

STARTING = re.compile(
    r"the database system is (?P<state>starting up|shutting down|in recovery mode|not (?:yet )?accepting connections)",
    re.I,
)
OUR_LIMIT = re.compile(r"too many connections for role", re.I)
REFUSED = re.compile(r"connection refused|no such file or directory", re.I)
NAMELESS = re.compile(
    r"could not translate host name|name or service not known|nodename nor servname|resolve host", re.I
)
OUR_FILES = re.compile(r"(?:certificate|private key|root).{0,20} file \"", re.I)
SLOW = re.compile(r"timeout expired|timed out", re.I)
NOT_LET_IN = re.compile(
    r"authentication failed|no pg_hba\.conf entry|no password supplied|role \".*\" does not exist"
    r"|is not permitted to log in",
    re.I,
)
NOT_THERE = re.compile(r"database \".*\" does not exist", re.I)
SECURED = re.compile(r"SSL|certificate", re.I)


@dataclass(frozen=True, slots=True)
class _Refusal:
    """What the server, or the way to it, said when it was called at `now`."""

    error: psycopg.Error
    said: str
    where: str
    now: datetime

    @property
    def state(self) -> str:
        """What the server is doing that keeps it from serving: `starting up`; empty where that is not it."""
        found = STARTING.search(self.said)
        return found["state"] if found else ""


def _full(its: _Refusal) -> Finding:
    return Finding(
        Verdict.BAD,
        f"{its.where}: all connections are in use, so nobody can connect.",
        its.now,
        measure="full",
        next_look="End idle sessions, or give the pool a limit; only roles with reserved connections get in now.",
        suspect=Suspect("connections", "the database's connections", "every one is taken"),
    )


def _nothing_listens(its: _Refusal) -> Finding:
    return Finding(
        Verdict.BAD,
        f"{its.where} refuses connections: nothing is listening there.",
        its.now,
        measure="refused",
        next_look="Check PGHOST and PGPORT, and whether it is running.",
    )


def _our_limit(its: _Refusal) -> Inconclusive:
    return Inconclusive(
        UnknownCause.FORBIDDEN,
        f"{its.where} lets no more of Tocsin's own sessions in: its role has a limit, and that is reached.",
        "ALTER ROLE … CONNECTION LIMIT: Tocsin asks twice at the same time.",
    )


ANSWERS: tuple[tuple[Callable[[_Refusal], object], Callable[[_Refusal], Finding | Inconclusive]], ...] = (
    (lambda its: OUR_LIMIT.search(its.said), _our_limit),
    (lambda its: isinstance(its.error, errors.TooManyConnections) or FULL.search(its.said), _full),
    (
        lambda its: its.state,
        lambda its: Finding(
            Verdict.BAD, f"{its.where} is {its.state}: it serves nobody.", its.now, measure=its.state
        ),
    ),
    (
        lambda its: NAMELESS.search(its.said),
        lambda its: Inconclusive(
            UnknownCause.UNREACHABLE, f"{its.where} has no address: its name is not known.", "Check PGHOST."
        ),
    ),
    (
        lambda its: OUR_FILES.search(its.said),
        lambda its: Inconclusive(
            UnknownCause.NOT_CONFIGURED,
            "A certificate for the database cannot be read.",
            "Check PGSSLROOTCERT, PGSSLCERT and PGSSLKEY.",
        ),
    ),
    (lambda its: REFUSED.search(its.said), _nothing_listens),
    (
        lambda its: SLOW.search(its.said) or isinstance(its.error, errors.ConnectionTimeout),
        lambda its: Inconclusive(
            UnknownCause.TIMEOUT,
            f"{its.where} lets nobody in within 2 s.",
            "Check the network and its load.",
        ),
    ),
    (
        lambda its: NOT_LET_IN.search(its.said),
        lambda its: Inconclusive(
            UnknownCause.FORBIDDEN,
            f"{its.where} does not let Tocsin in.",
            "Check PGUSER, its password and pg_hba.conf.",
        ),
    ),
    (
        lambda its: NOT_THERE.search(its.said),
        lambda its: Inconclusive(
            UnknownCause.NOT_FOUND, f"{its.where} has no such database.", "Check PGDATABASE."
        ),
    ),
    (
        lambda its: SECURED.search(its.said),
        lambda its: Inconclusive(
            UnknownCause.UNREACHABLE,
            f"{its.where}: no agreement on encryption.",
            "Check PGSSLMODE and PGSSLROOTCERT.",
        ),
    ),
)
"""By what was said: what is wrong with the database is a finding, what is wrong with us is unknown. The first holds."""


def explain_connect_error(error: psycopg.Error, host: str, now: datetime) -> Finding:
    """A finding for what the server itself said when it was called. Raises Inconclusive for everything else."""
    is_named = bool(host) and not host.startswith("/")
    where = f"PostgreSQL at {redact(host) if is_named else 'its socket'}"
    refusal = _Refusal(error, " ".join(str(error).split()), where, now)
    answer = next((answer(refusal) for holds, answer in ANSWERS if holds(refusal)), None)
    if answer is None:
        said = f"{where} cannot be reached: {redact(refusal.said)[:160]}"
        raise Inconclusive(UnknownCause.UNREACHABLE, said)
    if isinstance(answer, Inconclusive):
        raise answer
    return answer


def explain_query_error(error: psycopg.Error) -> Inconclusive:
    """Why a statement has no result."""
    said = redact(" ".join(str(error).split()))[:200]
    match error:
        case errors.QueryCanceled():
            return Inconclusive(
                UnknownCause.TIMEOUT, "The database took longer than 3 s for it: it was stopped."
            )
        case errors.LockNotAvailable():
            return Inconclusive(
                UnknownCause.TIMEOUT, "It waited for a lock for 1 s and gave up.", "Check locks and waits."
            )
        case errors.InsufficientPrivilege():
            return Inconclusive(
                UnknownCause.FORBIDDEN,
                f"The database denies it: {said}",
                "GRANT pg_monitor to Tocsin's role.",
            )
        case errors.ReadOnlySqlTransaction():
            return Inconclusive(UnknownCause.NOT_UNDERSTOOD, "It would write: it was not done.")
        case errors.UndefinedTable() if "pg_stat_statements" in said:
            return Inconclusive(
                UnknownCause.NOT_CONFIGURED,
                "pg_stat_statements is not there.",
                "CREATE EXTENSION pg_stat_statements.",
            )
        case errors.ObjectNotInPrerequisiteState():
            return Inconclusive(
                UnknownCause.NOT_CONFIGURED,
                "pg_stat_statements is not loaded.",
                "Add it to shared_preload_libraries and restart the server.",
            )
        case errors.UndefinedTable() | errors.UndefinedColumn() | errors.UndefinedFunction():
            return Inconclusive(UnknownCause.NOT_FOUND, f"The database does not know it: {said}")
        case psycopg.OperationalError():
            return Inconclusive(UnknownCause.UNREACHABLE, f"The connection to the database broke: {said}")
    return Inconclusive(UnknownCause.NOT_UNDERSTOOD, f"The database did not take it: {said}")
