"""A PagerDuty on this machine, and the real clients that ask it."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import pytest
from pydantic import SecretStr

from bot.pager import Pagers
from bot.pager.clients import Account
from bot.pager.pace import Pace
from sandbox.pagerduty import PagerDuty

SETTINGS = {"OPS_KEY": "5a11d0000000000000000000000000e1"}
Opened = Callable[..., Pagers]


@pytest.fixture
async def duty() -> AsyncIterator[PagerDuty]:
    server = PagerDuty()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
def account(duty: PagerDuty) -> Account:
    return Account(
        api_key=SecretStr(duty.api_key),
        sender="tocsin@team.example",
        service="PSRV001",
        api_url=duty.url,
        events_url=duty.url,
        named=lambda name: SecretStr(SETTINGS[name]) if name in SETTINGS else None,
    )


@pytest.fixture
async def opened(account: Account) -> AsyncIterator[Opened]:
    """Pagers with this account, some of it changed: `opened(within=0.5, sender="")`."""
    made: list[Pagers] = []

    def make(within: float = 10.0, pace: Pace | None = None, **changes: Any) -> Pagers:
        made.append(Pagers(replace(account, **changes), within, pace))
        return made[-1]

    yield make
    for pagers in made:
        pagers.duty.close()
