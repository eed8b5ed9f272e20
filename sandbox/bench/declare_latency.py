"""From the form's submission to what people see, and how many calls it takes."""

import time
from collections.abc import Sequence

from sandbox.bench.environment import BenchEnvironment, BenchStage
from sandbox.bench.figures import BenchFigure, BenchRound, compute_median
from sandbox.slack.call_log import CallRecord

LATENCY = 0.1
"""Seconds that Slack takes for a call."""
LOOK_UPS = ("auth.test", "users.info", "users.lookupByEmail", "conversations.info", "bookmarks.list")


async def measure_declaration(house: BenchEnvironment, size: BenchRound) -> Sequence[BenchFigure]:
    """Forms submitted one after the other while each of Slack's answers takes 100 ms."""
    alerts, directs, counts, rows, whole = [], [], [], [], []
    async with house.open_stage() as stage:
        await _declare(stage, 0)
        for number in range(1, 2 * size.times + 1):
            stage.slack.api.latency = lambda number, method: LATENCY
            began, calls = await _declare(stage, number)
            stage.slack.api.latency = lambda number, method: 0.0
            room = next(call for call in calls if call.method == "conversations.create").answer or {}
            alert = next(
                call for call in calls if call.args.get("channel") == room["channel"]["id"] and _posts(call)
            )
            direct = next(call for call in calls if _posts(call) and _to_person(call))
            alerts.append(_milliseconds(began, alert))
            directs.append(_milliseconds(began, direct))
            counted = [
                call
                for call in calls
                if not _to_person(call) and call.method not in LOOK_UPS and not _shows_findings(call)
            ]
            counts.append(len(counted))
            whole.append(sum(call.method not in LOOK_UPS and not _shows_findings(call) for call in calls))
            rows.append(count_longest_chain(counted))
    return [
        BenchFigure(
            "submission to the alert in its channel, Slack at 100 ms",
            compute_median(alerts),
            240,
            "ms",
            "others 424, 568",
        ),
        BenchFigure(
            "submission to the first direct message, Slack at 100 ms", compute_median(directs), 130, "ms"
        ),
        BenchFigure(
            "Slack calls for one incident, direct messages, look-ups and diagnostics apart",
            compute_median(counts),
            10,
            "calls",
        ),
        BenchFigure(
            "Slack calls before the first acknowledgement, direct messages too",
            compute_median(whole),
            10,
            "calls",
        ),
        BenchFigure("the most calls in a row", compute_median(rows), 3, "calls", "others 8, 10"),
    ]


async def _declare(stage: BenchStage, number: int) -> tuple[float, list[CallRecord]]:
    """When a form was submitted (monotonic), and the calls that followed until all was delivered."""
    people = stage.slack.people
    stage.age_pages()
    await people.command("ana", "general", "/incident", "declare")
    await stage.wait_until(lambda: stage.slack.open_view("ana"))
    view = stage.slack.open_view("ana")
    assert view is not None
    stage.slack.calls.clear()
    began = time.monotonic()
    given = {"severity": {"severity": "P0"}, "title": {"title": f"Part {number} is down"}}
    answer = await people.submit("ana", view, given)
    assert answer.ok, answer
    await stage.wait_until_delivered()
    calls = list(stage.slack.calls)
    if (shown := stage.slack.open_view("ana")) is not None:
        await people.close(shown)
    return began, calls


def count_longest_chain(calls: Sequence[CallRecord]) -> int:
    """The longest chain of calls of which each began after the one before had its answer."""
    chain, free = 0, 0.0
    for request in sorted(calls, key=lambda call: call.finished or call.started):
        if request.started >= free:
            chain, free = chain + 1, request.finished or request.started
    return chain


def _milliseconds(began: float, call: CallRecord) -> float:
    assert call.finished is not None
    return (call.finished - began) * 1000


def _posts(call: CallRecord) -> bool:
    return call.method == "chat.postMessage"


def _shows_findings(call: CallRecord) -> bool:
    """Whether it posts or edits what the diagnostics found."""
    return any(f":{kind}:" in str(call.args.get("metadata", "")) for kind in ("evidence", "finding"))


def _to_person(call: CallRecord) -> bool:
    return str(call.args.get("channel", "")).startswith(("U", "D"))
