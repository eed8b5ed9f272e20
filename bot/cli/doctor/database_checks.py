"""Tocsin's own database: reached, of a version that serves, with the rights and the room that are needed."""

from collections.abc import AsyncIterator

from bot.adapters.database import (
    DatabaseFacts,
    PostgresStore,
    SchemaProblem,
    explain_untested_version,
    inspect_database,
    migrate,
)
from bot.adapters.database_startup import open_database_address
from bot.cli.doctor.lines import CheckLine, Level, judge
from bot.errors import DatabaseUnavailable, SettingsProblem, TocsinError
from bot.performance import MAX_CONNECTIONS
from bot.ports import BotIdentity
from bot.settings import StoreSettings
from bot.settings.setting_lookup import read_secret
from bot.workers.slack_identity import explain_other_workspace

MB = 1_000_000
BESIDE_POOL = 2
"""Connections of a replica that are none of its pool's: the one with its lock, and one that migrates."""


async def check_database(
    settings: StoreSettings, identity: BotIdentity | None = None
) -> AsyncIterator[CheckLine]:
    """That it is reached, may be changed, is of this workspace, keeps one session for a replica, and has room."""
    other = ""
    try:
        async with open_database_address(settings, beside=True) as address:
            await migrate(address)
            async with PostgresStore(address, direct=read_secret(settings.database_direct_url)) as store:
                why = await store.trouble()
                if identity:
                    other = await explain_other_workspace(store, identity)
            facts = await inspect_database(address)
    except (DatabaseUnavailable, SchemaProblem, SettingsProblem, TocsinError) as error:
        yield CheckLine("Database", Level.RED, str(error), "See docs/PRODUCTION.md, the database.")
        return
    if why:
        yield CheckLine("Database", Level.RED, f"it {why}", "See docs/OPERATING.md, database.")
    else:
        yield CheckLine("Database", Level.GREEN, "reached, up to date, takes changes, one session")
    if other:
        yield CheckLine("Database", Level.RED, other)
    for line in describe_facts(facts, private=settings.database_url is None):
        yield line


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
