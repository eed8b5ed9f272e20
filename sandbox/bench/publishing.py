"""How soon customers read what somebody let out: a provider whose every answer takes a tenth of a second."""

import time
from collections.abc import Sequence

from sandbox.bench.environment import BenchEnvironment, BenchStage
from sandbox.bench.figures import BenchFigure, BenchRound, compute_median
from sandbox.slack.workspace_model import WorkspaceMessage
from sandbox.status_pages.statuspage_api import StatuspageStandIn

LATENCY_S, AT_MOST_MS, PER_MINUTE = 0.1, 500, 60


async def measure_publishing(house: BenchEnvironment, size: BenchRound) -> Sequence[BenchFigure]:
    """From the click on Publish until the provider has the text, each in an incident of its own."""
    page = StatuspageStandIn(latency=LATENCY_S)
    await page.start()
    settings = {
        "STATUSPAGE_API_KEY": page.key,
        "STATUSPAGE_PAGE_ID": page.page,
        "STATUSPAGE_API_URL": page.url,
    }
    try:
        async with house.open_stage(more=settings) as stage:
            taken = [await _publish(stage, page, place) for place in range(size.times)]
    finally:
        await page.stop()
    return [
        BenchFigure("Publish to published, at 100 ms a call", compute_median(taken), AT_MOST_MS, "ms"),
        BenchFigure("requests of a page in any minute", page.count_busiest_minute(), PER_MINUTE, "requests"),
        BenchFigure("doubled or lost texts", abs(len(page.mails) - size.times), 0, "texts"),
    ]


async def _publish(stage: BenchStage, page: StatuspageStandIn, place: int) -> float:
    """Milliseconds from the click until the text is there."""
    answer = await stage.slack.people.command(
        "ana", "general", "/incident", f"declare p1 checkout fails, case {place} of many"
    )
    assert answer.ok, answer.body
    before = len(page.mails)
    await stage.wait_until(lambda: _find_draft(stage, place))
    await stage.wait_until_delivered()
    draft = _find_draft(stage, place)
    assert draft is not None
    began = time.perf_counter()
    await stage.slack.people.click("ana", draft, "publish")
    await stage.wait_until(lambda: len(page.mails) > before)
    return (time.perf_counter() - began) * 1000


def _find_draft(stage: BenchStage, place: int) -> WorkspaceMessage | None:
    """The message with the draft of this incident."""
    found = [
        message
        for channel in stage.slack.channels(of_bot=True)
        for message in stage.slack.messages(channel, of_bot=True)
        if f"case {place} of" in message.text and "not public yet" in message.text
    ]
    return found[-1] if found else None
