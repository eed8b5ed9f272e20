"""The drill of docs/OPERATING.md: a backup is made while people work, and put back by the command."""

import asyncio
from pathlib import Path

from tests.operators import operate
from tests.scenarios.conftest import World


async def test_what_went_out_between_backup_and_restore_is_not_sent_again(
    world: World, tmp_path: Path
) -> None:
    assert world.settings.database_url is not None
    database, file = world.settings.database_url.get_secret_value(), str(tmp_path / "tocsin.backup")

    async def run(*words: str) -> str:
        told = await asyncio.to_thread(operate, database, *words)
        assert told.exit_code == 0, told.output
        return told.output

    async with world.bot():
        room = await world.declared("declare p0 API is down")
        await world.incident("ana", "update the pool is full", room)
        await world.quiet()
        await run("backup", file)
        await world.incident("ana", "update we restart the pods", room)
        await world.incident("bruno", "ack", room)
        await world.declared("declare p3 Search is slow")
        head = await run("export", "INC-1")
        used = await asyncio.to_thread(operate, database, "restore", file, "--replace")
        assert "in use by 1 replica of Tocsin: stop them first" in used.output
    before = [world.text(post) for post in world.posts(room)]
    assert "Restored: 1 incidents, the newest is INC-1." in await run("restore", file, "--replace")
    async with world.bot():
        await world.until(lambda: world.posts(room, "restored from a backup"))
        await world.quiet()
        after = [world.text(post) for post in world.posts(room)]
        for words in ("INCIDENT ALERT", "> the pool is full", "> we restart the pods"):
            assert sum(words in text for text in after) == sum(words in text for text in before) == 1, words
        assert len(world.posts("incident-response", "API is down")) >= 1
        assert len(world.posts("incident-response", "Search is slow")) == 1
        await world.declared("declare p3 Login is slow")
        assert world.looking.rows("select max(number) as n from incident") == [{"n": 3}]
        proven = await asyncio.to_thread(operate, database, "verify", "--heads", "-", given=head)
    # What came after the backup is lost, and the head that left before the restore says so.
    assert proven.exit_code == 1
    assert "is not there any more" in proven.output
