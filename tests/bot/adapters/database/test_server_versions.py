"""On an older PostgreSQL nothing is started, and a newer one is named."""

import pytest

from bot.adapters.database import (
    SchemaProblem,
    explain_untested_version,
    inspect_database,
    migrate,
    migrations,
)
from bot.adapters.database.server_versions import explain_old_version
from tests.looking import Looking


@pytest.mark.parametrize(
    ("number", "is_old", "is_new"),
    [
        (130_023, True, False),
        (149_999, True, False),
        (150_000, False, False),
        (180_001, False, False),
        (190_000, False, True),
    ],
)
def test_what_is_older_or_newer_than_what_was_tried_is_said(number: int, is_old: bool, is_new: bool) -> None:
    assert bool(explain_old_version(number)) is is_old
    assert bool(explain_untested_version(number)) is is_new
    if is_old:
        assert f"PostgreSQL {number // 10_000}" in explain_old_version(number)


async def test_a_server_that_is_too_old_gets_no_schema(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[int] = []

    def refuse(number: int) -> str:
        told.append(number)
        return "The database is PostgreSQL 13. Nothing was changed."

    monkeypatch.setattr(migrations, "explain_old_version", refuse)
    with pytest.raises(SchemaProblem, match="Nothing was changed"):
        await migrate(database)
    assert told[0] // 10_000 >= 15, "asked of the server"


async def test_the_facts_are_the_servers_own(database: str) -> None:
    facts = await inspect_database(database)
    looking = Looking(database)
    (row,) = looking.rows("select current_setting('server_version') as version, current_user::text as role")
    assert (facts.version, facts.role) == (row["version"], row["role"])
    assert facts.is_superuser and facts.may_migrate
    assert 0 < facts.connections < facts.max_connections
    assert facts.size_bytes > 1_000_000
