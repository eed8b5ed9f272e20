"""How findings are told: once where playbooks share them, and never as fine while something is open."""

import asyncio
import re

import pytest

from bot.domain.check_request import CheckRequest
from bot.domain.finding import Finding, Inconclusive, UnknownCause, Verdict
from sandbox.slack.plain_text import render_view_lines
from tests.scenarios.conftest import World
from tests.scenarios.test_evidence import LOGS, METRICS, Monitored, finding, shown, thread


@pytest.fixture
def monitored(world: World) -> Monitored:
    made = Monitored()
    world.systems = made.systems
    return made


async def test_a_question_that_playbooks_share_stands_once_and_says_whose_it_is(
    world: World, monitored: Monitored
) -> None:
    monitored.answers["Traffic and errors"] = finding(Verdict.BAD, "14% were answered 5xx.", measure="14%")
    monitored.held["Traffic and errors"] = asyncio.Event()
    async with world.bot():
        channel = await world.declared_soon("declare p1 something is odd")
        await world.until(lambda: "1 check running" in "".join(map(world.text, shown(world, channel))))
        assert world.text(shown(world, channel)[0]).count("⏳ Traffic and errors") == 1
        monitored.held["Traffic and errors"].set()
        await world.quiet()
        text = world.text(shown(world, channel)[0])
        line = (
            "🔴 Traffic and errors  14% were answered 5xx. In API COMPLETELY DOWN and HIGH ERROR RATE (> 5%)."
        )
        assert text.splitlines()[0] == "━ 🔎 Which playbook fits: 1 failing, 20 OK, 3 not checked"
        assert text.count("Traffic and errors") == 1 and line in text.splitlines()
        assert "1. API COMPLETELY DOWN fits: 14% were answered 5xx." in text
        assert "2. HIGH ERROR RATE (> 5%) fits: 14% were answered 5xx." in text
        (evidence,) = thread(world, channel, "Traffic and errors")
        assert "line 34 (" in evidence and "line 166 (" in evidence
        (alert,) = world.posts(channel, "INCIDENT ALERT")
        assert "🔴 Evidence: 1 failing, 20 OK, 3 not checked." in world.text(alert)


async def test_what_is_fine_for_all_who_ask_it_is_told_without_their_names(
    world: World, monitored: Monitored
) -> None:
    async with world.bot():
        channel = await world.declared("declare p1 something is odd")
        text = world.text(shown(world, channel)[0])
        assert text.count("Traffic and errors") == 1 and "; Traffic and errors 6/6; " in text


async def test_the_same_title_with_another_answer_says_whose_it_is(
    world: World, monitored: Monitored
) -> None:
    def by_playbook(question: CheckRequest) -> Finding:
        return finding(Verdict.OK, "As it should be.", measure="2%" if question.thresholds else "1%")

    monitored.judged["Traffic and errors"] = by_playbook
    async with world.bot():
        channel = await world.declared("declare p1 something is odd")
        text = world.text(shown(world, channel)[0])
        found = re.findall(r"Traffic and errors \(([^)]*(?:\(> 5%\))?)\) (\d%)", text)
        assert [whose for whose, _ in found] == ["API COMPLETELY DOWN", "HIGH ERROR RATE (> 5%)"], text


async def test_the_resolve_form_says_what_still_runs_and_what_could_not_be_checked(
    world: World, monitored: Monitored
) -> None:
    monitored.held = {METRICS: asyncio.Event(), LOGS: asyncio.Event()}
    async with world.bot():
        channel = await world.declared_soon()
        await world.until(lambda: "2 checks running" in "".join(map(world.text, shown(world, channel))))
        await world.incident("ana", "resolve", channel)
        words = "\n".join(render_view_lines(world.slack.workspace, await world.form("ana")))
        assert f"⏳ 2 checks are still running: {LOGS}; {METRICS}. Resolve anyway?" in words
        assert "All 6 checks are OK" not in words and "6 checks are OK so far" in words
        await world.incident("bruno", "ack", channel)
        await world.until(lambda: world.posts(channel, "⏳ Evidence: 6 OK, 2 checks running."))
        monitored.answers[LOGS] = Inconclusive(UnknownCause.FORBIDDEN, "AWS denies it.")
        for held in monitored.held.values():
            held.set()
        await world.quiet()
        await world.incident("bruno", "resolve", channel)
        words = "\n".join(render_view_lines(world.slack.workspace, await world.form("bruno")))
        assert "1 of 8 could not be checked. Resolve anyway?" in words
        assert f"❔ {LOGS}  AWS denies it, just now" in words and "checks are OK" not in words
