"""A running stand-in, slack_sdk's client on it, and a bot that listens."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.monitored_systems import SystemsProcess
from sandbox.slack import Slack
from tests.sandbox.stub_bot import StubBot


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    running = await Slack.start(events_again=(0.0,))
    yield running
    await running.stop()


@pytest.fixture
async def client(slack: Slack) -> AsyncWebClient:
    """Without slack_sdk's own second try, so that a dropped answer is seen."""
    return AsyncWebClient(slack.bot_token, base_url=slack.api_url, timeout=5, retry_handlers=[])


@pytest.fixture
async def bot(slack: Slack) -> AsyncIterator[StubBot]:
    stub = StubBot(slack)
    await stub.start()
    yield stub
    await stub.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[SystemsProcess]:
    """A world for all tests of a module, which run in one loop for it; each leaves it as it likes."""
    async with SystemsProcess.start(tmp_path_factory.mktemp("world")) as running:
        yield running
