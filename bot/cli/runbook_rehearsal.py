"""A folder's runbooks used for real: the bot is started with each, and somebody declares at its worst severity."""

import json
import re
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.cli.runbook_corpus import LIMITS, CorpusFigure, read_runbook, say_figures
from bot.cli.scratch import open_scratch
from bot.errors import TocsinError

if TYPE_CHECKING:
    from sandbox.bench.environment import BenchEnvironment
    from sandbox.slack.slack import Slack

MOMENT = re.compile(r"<!date\^[^<>]*>")
"""A date that Slack draws, in a text."""

TITLE = "Nothing works"
"""What is declared; no runbook's word."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What came of one runbook: whether the bot started with it, and what it then posted, message by message."""

    path: Path
    has_started: bool
    posted: Sequence[str] = ()

    def list_facts(self) -> tuple[Sequence[str], Sequence[str]]:
        """The facts that must not be posted, and those of them that were."""
        beside = self.path.with_suffix(".expected.json")
        facts: Sequence[str] = json.loads(beside.read_text()).get("facts", ()) if beside.exists() else ()
        return facts, [fact for fact in facts if any(fact in text for text in self.posted)]


async def rehearse_runbooks(folder: Path) -> AsyncIterator[Rehearsal]:
    """Each Markdown file of a folder, one after another, on a database of its own."""
    from bot.adapters.slack import list_required_scopes
    from handlers import EVENTS
    from sandbox.bench.environment import open_bench_environment

    async with (
        open_scratch("rehearsal") as (place, server),
        open_bench_environment(server.conninfo, place, sorted(list_required_scopes()), EVENTS) as house,
    ):
        for path in sorted(folder.glob("*.md")):
            yield await _rehearse(house, path)


async def report_rehearsals(folder: Path, say: Callable[[str], None]) -> int:
    """Print a line for each figure. Gives 0 when both are reached, else 1."""
    return say_figures([*count_rehearsals([each async for each in rehearse_runbooks(folder)])], say)


def count_rehearsals(rehearsals: Sequence[Rehearsal]) -> Iterator[CorpusFigure]:
    """With how many the bot started, and how many of a stranger's facts reached Slack."""
    started = sum(each.has_started for each in rehearsals)
    yield CorpusFigure("bot starts", started, len(rehearsals), 0, *LIMITS["starts"])
    facts = sum(len(each.list_facts()[0]) for each in rehearsals)
    told = sum(len(each.list_facts()[1]) for each in rehearsals)
    if facts:
        yield CorpusFigure("facts posted", facts - told, facts, told, *LIMITS["facts"])


async def _rehearse(house: "BenchEnvironment", path: Path) -> Rehearsal:
    runbook = read_runbook(path)
    if runbook is None:
        return Rehearsal(path, has_started=False)
    told = {"TOCSIN_RUNBOOK": str(path.resolve())}
    with suppress(TocsinError):  # it did not start, which is what is counted
        async with house.open_stage(contacts="", more=told) as stage:
            words = f"declare {runbook.severities[0].id.lower()} {TITLE}"
            await stage.slack.people.command("ana", "general", "/incident", words)
            await stage.wait_until_delivered()
            own = re.compile(rf"\b{re.escape(runbook.severities[0].id)}\b", re.I)
            posted = [own.sub("(its severity)", text) for text in _list_alerts(stage.slack)]
            return Rehearsal(path, has_started=True, posted=posted)
    return Rehearsal(path, has_started=False)


def _list_alerts(slack: "Slack") -> Iterator[str]:
    """What the bot has said of it, as people read it: in the incidents channel, and what is pinned in the room. Its own
    moments are left out."""
    from sandbox.slack.plain_text import render_message_lines

    for channel in slack.channels(of_bot=True):
        pins = {pin.ts for pin in channel.pins}
        for message in slack.messages(channel.id, of_bot=True):
            if not channel.name.startswith("inc-") or message.ts in pins:
                blocks = _hide_moments(message.blocks)
                yield "\n".join(render_message_lines(slack.workspace, replace(message, blocks=blocks)))


def _hide_moments(value: Any) -> Any:
    """Blocks without the dates that Slack draws, as elements or in texts: a runbook's own words are never one."""
    if isinstance(value, str):
        return MOMENT.sub("(a moment)", value)
    if isinstance(value, dict):
        if value.get("type") == "date":
            return {"type": "text", "text": "(a moment)"}
        return {name: _hide_moments(each) for name, each in value.items()}
    return [_hide_moments(each) for each in value] if isinstance(value, list | tuple) else value
