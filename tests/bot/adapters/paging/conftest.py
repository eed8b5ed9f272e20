"""A PagerDuty on this machine, and the real clients that ask it."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import pytest
from pydantic import SecretStr

from bot.adapters.paging import PagingGateway
from bot.adapters.paging.pagerduty_clients import PagerDutyAccount
from bot.adapters.paging.rate_limiter import RateLimiter
from sandbox.pagerduty.api_server import PagerDutyStandIn

SETTINGS = {"OPS_KEY": "5a11d0000000000000000000000000e1"}
Opened = Callable[..., PagingGateway]


@pytest.fixture
async def duty() -> AsyncIterator[PagerDutyStandIn]:
    server = PagerDutyStandIn()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
def account(duty: PagerDutyStandIn) -> PagerDutyAccount:
    return PagerDutyAccount(
        api_key=SecretStr(duty.api_key),
        sender="tocsin@team.example",
        service="PSRV001",
        api_url=duty.url,
        events_url=duty.url,
        named=lambda name: SecretStr(SETTINGS[name]) if name in SETTINGS else None,
    )


@pytest.fixture
async def opened(account: PagerDutyAccount) -> AsyncIterator[Opened]:
    """Pagers with this account, some of it changed: `opened(within=0.5, sender="")`."""
    made: list[PagingGateway] = []

    def make(within: float = 10.0, pace: RateLimiter | None = None, **changes: Any) -> PagingGateway:
        made.append(PagingGateway(replace(account, **changes), within, pace))
        return made[-1]

    yield make
    for pagers in made:
        pagers.duty.close()
