"""The bot is killed while it takes the button off an offer of command; started again, the message says how it ended."""

import asyncio
from pathlib import Path

import pytest

from tests.scenarios.conftest import PATIENCE
from tests.scenarios.killing import theatre


@pytest.mark.parametrize("moment", ["before_answer", "after_answer"])
async def test_killed_while_an_offer_is_closed_it_is_closed_once(
    database: str, tmp_path: Path, moment: str
) -> None:
    async with theatre(database, tmp_path) as scene:
        people = scene.slack.people
        await people.command("ana", "general", "/incident", "declare p3 Payments are failing")
        await scene.until(lambda: scene.looking.rows("select 1 from incident where channel is not null"))
        room = scene.looking.rows("select channel from incident")[0]["channel"]
        await people.command("ana", room, "/incident", "handover @devika the rollback runs")

        def offers() -> list[str]:
            said = [scene.text(each) for each in scene.slack.messages(room, of_bot=True)]
            return [text for text in said if "the rollback runs" in text]

        await scene.until(lambda: offers() and scene.quiet(), PATIENCE, "the offer")
        (offer,) = offers()
        assert "[Accept command]" in offer
        struck = asyncio.Event()

        async def hook(number: int, method: str) -> None:
            closing = "select 1 from outbox where kind = 'SettleOffer' and lease_owner is not null"
            if method == "chat.update" and not struck.is_set() and scene.looking.rows(closing):
                struck.set()
                scene.program.kill()

        setattr(scene.slack.api, moment, hook)
        message = next(
            each for each in scene.slack.messages(room, of_bot=True) if "[Accept command]" in scene.text(each)
        )
        await people.click("devika", message, "accept_command")
        await scene.until(struck.is_set, PATIENCE, "the blow")
        setattr(scene.slack.api, moment, None)
        await scene.start()
        await scene.until(scene.quiet, PATIENCE, "after the kill")
        (offer,) = offers()
        assert "@Devika Rao accepted." in offer and "[Accept command]" not in offer
        assert scene.looking.kinds(1).count("commander_changed") == 1
        assert scene.looking.rows("select commander from incident") == [{"commander": "U0DEVIKA01"}]
