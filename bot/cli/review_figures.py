"""Figures of reviews without a bot, for the bench, as JSON: how long one is made, and what is doubled at a code host
that loses answers and before which the program is ended in the middle of a call."""

import asyncio
import json
import random
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from bot.adapters.repositories.github_repository import GitHubRepository
from bot.adapters.repositories.gitlab_project import GitLabRepository
from bot.domain.incident import Incident, Situation, Status, TimelineEntry
from bot.domain.review import ReviewRecords
from bot.domain.timeline_details import NoteAddedDetail
from bot.ports.code_host import CodeHost, HostAnswerLost, HostBusy
from handlers.outbox.proposals import Proposal, propose
from sandbox.provider_server import AFTER
from sandbox.repositories import BareRepository, GitHubStandIn, GitLabStandIn, HostStandIn
from templates.review_document import format_review

ENDED, LOST = 0.4, 0.2
"""How often an attempt is ended in the middle of a call, and how often an answer is lost."""

CALLS = 9
WORDS = (
    "The pool of the API was full; psql said “too many connections”, see https://grafana.example/d/1 and #42. "
    * 2
)


async def measure(entries: int, proposals: int) -> dict[str, float]:
    """By name: the seconds of a review of so many entries, and the wrong proposals at each host."""
    found = {"seconds": _time_review(entries)}
    with tempfile.TemporaryDirectory() as folder:
        for title, stand_in_of, host_of in (
            ("GitHub", GitHubStandIn, GitHubRepository),
            ("GitLab", GitLabStandIn, GitLabRepository),
        ):
            git = BareRepository(Path(folder) / title, {"README.md": "Ours.\n"})
            stand_in: HostStandIn = stand_in_of(git)
            await stand_in.start()
            host: CodeHost = host_of(stand_in.TOKEN, stand_in.NAME, stand_in.url)
            try:
                found[title] = await _count_wrong(host, stand_in, proposals)
            finally:
                await host.aclose()
                await stand_in.stop()
    return found


def _time_review(entries: int) -> float:
    begun = datetime(2026, 11, 23, 3, tzinfo=UTC)
    incident = Incident(42, "API is down", "P0", Status.RESOLVED, "U0ANA", "U0ANA", begun, "")
    told = tuple(
        TimelineEntry(begun + timedelta(seconds=n), "U0ANA", NoteAddedDetail(text=f"{n}: {WORDS}"))
        for n in range(entries)
    )
    began = time.perf_counter()
    format_review(Situation(replace(incident), entries=told), ReviewRecords(), {})
    return time.perf_counter() - began


async def _count_wrong(host: CodeHost, stand_in: HostStandIn, count: int) -> int:
    """Propose so many reviews, each with a later change; how many are not there as one pull request of two commits."""
    chance = random.Random(7)  # noqa: S311 - always the same ends and losses
    wrong = 0
    for number in range(count):
        branch = f"tocsin/inc-{number}-review"
        for text in ("First.\n", "Second.\n"):
            wanted = Proposal(
                branch, f"mark {number}", "Review", "Words.", "Review", {"a.md": partial(_write, text)}
            )
            while not await _try(host, stand_in, wanted, chance):
                pass
        ours = [pull for pull in stand_in.pulls if pull.branch == branch]
        wrong += len(ours) != 1 or len(stand_in.repository.list_messages(branch)) != 2
    return wrong


def _write(text: str, before: str | None) -> str:
    return text


async def _try(host: CodeHost, stand_in: HostStandIn, wanted: Proposal, chance: random.Random) -> bool:
    """One attempt, as of a program of its own. Whether it came to its end."""
    left = [chance.randrange(1, CALLS)] if chance.random() < ENDED else []
    attempt = asyncio.create_task(propose(host, wanted))

    def end(moment: str, method: str, path: str) -> None:
        if left:
            left[0] -= moment == "request"
            if left[0] == 0:
                left.clear()
                attempt.cancel()

    stand_in.told = end
    if chance.random() < LOST:
        stand_in.fail(*[0] * chance.randrange(CALLS), AFTER)
    try:
        await attempt
    except (asyncio.CancelledError, HostAnswerLost, HostBusy):
        return False
    finally:
        stand_in.forget_failures()
    return True


if __name__ == "__main__":
    print(json.dumps(asyncio.run(measure(int(sys.argv[1]), int(sys.argv[2])))))
