"""Why the monitored PostgreSQL cannot be asked: what is wrong with it is a finding, what is wrong with us is unknown.

Source: PostgreSQL's error codes, postgresql.org/docs/current/errcodes-appendix.html.
"""

import re
from datetime import datetime

import psycopg
from psycopg import errors

from diagnostics.finding import CannotTell, Cause, Finding, Verdict
from diagnostics.redaction import redacted

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


def not_connected(error: psycopg.Error, host: str, now: datetime) -> Finding:
    """A finding for what the server itself said when it was called. Raises CannotTell for everything else."""
    said = " ".join(str(error).split())
    is_named = bool(host) and not host.startswith("/")
    where = f"PostgreSQL at {redacted(host) if is_named else 'its socket'}"
    if OUR_LIMIT.search(said):
        raise CannotTell(
            Cause.FORBIDDEN,
            f"{where} lets no more of Tocsin's own sessions in: its role has a limit, and that is reached.",
            "ALTER ROLE … CONNECTION LIMIT: Tocsin asks twice at the same time.",
        )
    if isinstance(error, errors.TooManyConnections) or FULL.search(said):
        return Finding(
            Verdict.BAD,
            f"{where}: every connection is taken, nobody gets in.",
            now,
            measure="full",
            next_look="End idle sessions, or give the pool a limit; only a superuser gets in now.",
        )
    if found := STARTING.search(said):
        return Finding(
            Verdict.BAD, f"{where} is {found['state']}: it serves nobody.", now, measure=found["state"]
        )
    if NAMELESS.search(said):
        raise CannotTell(
            Cause.UNREACHABLE, f"{where} has no address: its name is not known.", "Look at PGHOST."
        )
    if OUR_FILES.search(said):
        raise CannotTell(
            Cause.NOT_CONFIGURED,
            "A certificate for the database cannot be read.",
            "Look at PGSSLROOTCERT, PGSSLCERT and PGSSLKEY.",
        )
    if REFUSED.search(said):
        return Finding(
            Verdict.BAD,
            f"{where} refuses connections: nothing listens there.",
            now,
            measure="refused",
            next_look="Look whether it runs, and at PGHOST and PGPORT.",
        )
    if SLOW.search(said) or isinstance(error, errors.ConnectionTimeout):
        raise CannotTell(
            Cause.TIMEOUT, f"{where} lets nobody in within 2 s.", "Look at the network and at its load."
        )
    if NOT_LET_IN.search(said):
        raise CannotTell(
            Cause.FORBIDDEN,
            f"{where} does not let Tocsin in.",
            "Look at PGUSER, its password and pg_hba.conf.",
        )
    if NOT_THERE.search(said):
        raise CannotTell(Cause.NOT_FOUND, f"{where} has no such database.", "Look at PGDATABASE.")
    if SECURED.search(said):
        raise CannotTell(
            Cause.UNREACHABLE, f"{where}: no agreement on encryption.", "Look at PGSSLMODE and PGSSLROOTCERT."
        )
    raise CannotTell(Cause.UNREACHABLE, f"{where} cannot be reached: {redacted(said)[:160]}")


def not_answered(error: psycopg.Error) -> CannotTell:
    """Why a statement has no result."""
    said = redacted(" ".join(str(error).split()))[:200]
    match error:
        case errors.QueryCanceled():
            return CannotTell(Cause.TIMEOUT, "The database took longer than 3 s for it: it was stopped.")
        case errors.LockNotAvailable():
            return CannotTell(
                Cause.TIMEOUT, "It waited for a lock for 1 s and gave up.", "Look at locks and waits."
            )
        case errors.InsufficientPrivilege():
            return CannotTell(
                Cause.FORBIDDEN, f"The database denies it: {said}", "GRANT pg_monitor to Tocsin's role."
            )
        case errors.ReadOnlySqlTransaction():
            return CannotTell(Cause.NOT_UNDERSTOOD, "It would write: it was not done.")
        case errors.UndefinedTable() if "pg_stat_statements" in said:
            return CannotTell(
                Cause.NOT_CONFIGURED,
                "pg_stat_statements is not there.",
                "CREATE EXTENSION pg_stat_statements.",
            )
        case errors.ObjectNotInPrerequisiteState():
            return CannotTell(
                Cause.NOT_CONFIGURED,
                "pg_stat_statements is not loaded.",
                "Add it to shared_preload_libraries and restart the server.",
            )
        case errors.UndefinedTable() | errors.UndefinedColumn() | errors.UndefinedFunction():
            return CannotTell(Cause.NOT_FOUND, f"The database does not know it: {said}")
        case psycopg.OperationalError():
            return CannotTell(Cause.UNREACHABLE, f"The connection to the database broke: {said}")
    return CannotTell(Cause.NOT_UNDERSTOOD, f"The database did not take it: {said}")
