"""Each tracker in turn."""

from collections.abc import AsyncIterator

import pytest

from tests.bot.adapters.trackers.places import KINDS, Place


@pytest.fixture(params=KINDS)
async def place(request: pytest.FixtureRequest) -> AsyncIterator[Place]:
    make, build = KINDS[request.param]
    stand_in = make()
    await stand_in.start()
    built = build(stand_in)
    yield built
    for tracker in (built.tracker, built.wrong, built.elsewhere):
        await tracker.aclose()
    await stand_in.stop()
