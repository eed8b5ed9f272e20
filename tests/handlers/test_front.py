"""The front desk: what is said when the database goes away after the deed was recorded."""

import asyncio
from dataclasses import dataclass
from typing import Any, cast

from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import StoreAway
from bot.incident import Outcome, Situation
from bot.lifecycle import Desk, Editions, edition
from bot.ports import Message, Store
from handlers.errands import Errands
from handlers.front import Front, Problem
from tests.fakes import FakeChat

DECLARED = Outcome(
    "declared",
    7,
    dict.fromkeys(("called", "everyone", "missing", "similar"), "") | {"severity": "P0", "title": "x"},
)


@dataclass
class Gone:
    """A store that took the change and is gone when it is asked to tell about it."""

    hangs: bool

    async def situation(self, number: int) -> Situation | None:
        if self.hangs:
            await asyncio.Event().wait()
        raise StoreAway("The database does not answer.")

    def is_committing(self, task: asyncio.Future[Any]) -> bool:
        return False


def front(hangs: bool) -> Front:
    store = cast(Store, Gone(hangs))
    desk = Desk(store, Editions(edition("# Runbook", "here"), store), "incident-response", {})
    return Front(desk, FakeChat(), AsyncWebClient(), Errands())


async def test_what_is_recorded_is_not_denied_when_the_database_goes_away_before_the_answer() -> None:
    at_the_desk = front(hangs=False)
    message = await at_the_desk.answered(lambda: at_the_desk.told(DECLARED))
    assert "is declared: P0 x" in message.text
    assert "Nothing was recorded" not in message.text


async def test_what_is_recorded_is_in_doubt_when_the_database_stands_still_before_the_answer() -> None:
    at_the_desk = front(hangs=True)
    came: Message | Problem = await at_the_desk.attempt(lambda: at_the_desk.told(DECLARED))
    assert isinstance(came, Problem)
    assert "Look whether it is there before you repeat it." in came.message.text
