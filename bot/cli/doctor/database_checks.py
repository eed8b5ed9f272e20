"""Tocsin's own database: reached, of a version that serves, with the rights and the room that are needed."""

from collections.abc import AsyncIterator

from bot.adapters.database import (
    CROWDED,
    FULL,
    LOGIN,
    READ_ONLY,
    DatabaseFacts,
    PostgresStore,
    check_session,
    explain_untested_version,
    inspect_database,
    try_migration,
)
from bot.adapters.database_startup import open_database_address
from bot.cli.doctor.lines import CheckLine, Level, judge, split_mend
from bot.errors import DatabaseUnavailable, TocsinError
from bot.performance import MAX_CONNECTIONS
from bot.ports import BotIdentity
from bot.settings import StoreSettings
from bot.settings.setting_lookup import read_secret
from bot.workers.slack_identity import explain_other_workspace

MB = 1_000_000
MAX_CLOCK_SKEW_S = 60.0
BESIDE_POOL = 2
"""Connections of a replica that are none of its pool's: the one with its lock, and one that migrates."""

MENDS = {
    READ_ONLY: "Name the primary in TOCSIN_DATABASE_URL, or all hosts with target_session_attrs=read-write.",
    FULL: "Make room on the disk of the database server.",
    CROWDED: "Raise max_connections of the server or pooler, or let others go.",
    LOGIN: "Set role, password and database in TOCSIN_DATABASE_URL right, or pg_hba.conf at the server.",
}
"""What mends a database that is away, by what is said of it."""

START_IT = "Start it, or set TOCSIN_DATABASE_URL right (`@`, `:`, `/` of a password are %40, %3A, %2F)."


async def check_database(
    settings: StoreSettings, identity: BotIdentity | None = None
) -> AsyncIterator[CheckLine]:
    """That it is reached, may be changed, is of this workspace, keeps one session for a replica, and has room.
    Nothing is changed: steps of the schema that are due are tried, and taken back."""
    try:
        async with open_database_address(settings, beside=True) as address:
            if steps := await try_migration(address):
                lines = [await _try_session(settings, address, len(steps))]
            else:
                lines = await _try_store(settings, address, identity)
            facts = await inspect_database(address)
    except DatabaseUnavailable as error:
        yield CheckLine("Database", Level.RED, " ".join(str(error).split()), MENDS.get(error.why, START_IT))
        return
    except TocsinError as error:
        yield split_mend("Database", str(error))
        return
    for line in (*lines, *describe_facts(facts, private=settings.database_url is None)):
        yield line


async def _try_session(settings: StoreSettings, address: str, steps: int) -> CheckLine:
    """Of a schema that is not up to date. Raises PoolerProblem, DatabaseUnavailable."""
    direct = read_secret(settings.database_direct_url)
    await check_session(direct or address, "TOCSIN_DATABASE_DIRECT_URL" if direct else "TOCSIN_DATABASE_URL")
    text = (
        f"reached, takes changes, one session; the start makes {steps} steps of its schema, which were tried"
    )
    return CheckLine("Database", Level.GREEN, text)


async def _try_store(settings: StoreSettings, address: str, identity: BotIdentity | None) -> list[CheckLine]:
    """As a replica uses it. Raises PoolerProblem, DatabaseUnavailable."""
    async with PostgresStore(address, direct=read_secret(settings.database_direct_url)) as store:
        why = await store.trouble()
        other = await explain_other_workspace(store, identity) if identity else ""
        ahead = store.clock_ahead
    if why:
        lines = [CheckLine("Database", Level.RED, f"it {why}", MENDS.get(why, START_IT))]
    else:
        lines = [CheckLine("Database", Level.GREEN, "reached, up to date, takes changes, one session")]
    lines += [split_mend("Database", other)] if other else []
    return [*lines, describe_clock(ahead)]


def describe_clock(ahead: float) -> CheckLine:
    """This machine's clock beside the database's, which is `ahead` by so many seconds."""
    text = f"this machine's clock is {abs(ahead):.0f} s apart from the database's"
    return judge("Clock", text, "Set it right (NTP)." if abs(ahead) > MAX_CLOCK_SKEW_S else "")


def describe_facts(facts: DatabaseFacts, private: bool = False) -> list[CheckLine]:
    """The version, the role, and whether there is room for one more replica. A private server has no other role."""
    version = f"PostgreSQL {facts.version}, {facts.size_bytes / MB:.0f} MB"
    untested = explain_untested_version(facts.version_number)
    rank = "is a superuser" if facts.is_superuser else "is no superuser"
    does = "may bring the schema up to date" if facts.may_migrate else "works in the schema"
    role = f"the role {facts.role} {rank}, and {does}"
    free = facts.max_connections - facts.connections
    needed = MAX_CONNECTIONS + BESIDE_POOL
    crowded = (
        f"Raise max_connections, or let others go: a replica takes up to {needed}." if free < needed else ""
    )
    rights = "" if facts.may_migrate else "After an upgrade let the schema's owner run `tocsin migrate`."
    if facts.is_superuser and not private:
        rights = "Make Tocsin a role of its own (docs/DEPLOYING.md): that is more than it needs."
    return [
        judge("Database", version, untested, Level.YELLOW),
        judge("Database", role, rights, Level.YELLOW),
        judge("Database", f"{free} of {facts.max_connections} connections are free", crowded, Level.YELLOW),
    ]
