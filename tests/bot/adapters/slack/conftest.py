"""SlackChat before a server that answers what the test wants."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.adapters.slack import SlackGateway
from tests.answering import TOKEN, Answering


@pytest.fixture
def answering() -> Answering:
    return Answering()


@pytest.fixture
async def server(answering: Answering) -> AsyncIterator[TestServer]:
    app = web.Application()
    app.router.add_post("/api/{method}", answering.answer)
    server = TestServer(app)
    await server.start_server()
    yield server
    await server.close()


@pytest.fixture
async def chat(server: TestServer) -> AsyncIterator[SlackGateway]:
    async with SlackGateway(TOKEN, str(server.make_url("/api/"))) as chat:
        yield chat
