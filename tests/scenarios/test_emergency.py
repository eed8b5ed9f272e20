"""The emergency answer, from outside: whom to call, mentioned, with numbers only where no other company reads."""

from pathlib import Path

import pytest

from bot.adapters.embedded_postgres import PrivatePostgres
from sandbox.slack.faults import make_refusal, plan_always
from tests.scenarios.conftest import World
from tests.scenarios.test_database_away import away, fragile, server

__all__ = ["fragile", "server"]

BOOK = """[contacts]
"CTO" = ["slack:U0BRUNO001", "tel:+91 98765 43210"]
"Night Desk" = "tel:+49 30 901820"
"DevOps Lead" = "slack:devika@team.example"
"""


@pytest.mark.parametrize("reads", ["the team", "another company", "nobody knows"])
async def test_numbers_stand_only_in_a_channel_that_is_known_not_to_be_shared(
    fragile: World, server: PrivatePostgres, tmp_path: Path, reads: str
) -> None:
    world = fragile
    path = tmp_path / "book.toml"
    path.write_text(BOOK)
    async with world.bot(contacts=path):
        channel = await world.declared("declare p3 Search is slow")
        room = world.slack.workspace.find_channel(channel)
        assert room is not None
        room.is_ext_shared = reads == "another company"
        async with away(server, "stopped"):
            if reads == "nobody knows":
                world.slack.api.faults = plan_always(make_refusal("channel_not_found"))
            answer = await world.incident("ana", "update It is the index", channel)
            assert answer.elapsed < 2
            heard = world.heard("ana")
            assert "CTO: @Bruno" in heard and "Night Desk: " in heard
            assert ("DevOps Lead: @Devika" in heard) == (reads != "nobody knows")
            for number in ("+919876543210", "+4930901820"):
                assert (number in heard) == (reads == "the team")
            world.slack.api.faults = lambda number, method: None
