"""The demo: how soon it answers, and how soon a click in one window is seen in another."""

import asyncio
import re
import signal
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import aiohttp
from playwright.async_api import Page, async_playwright

from bot.errors import TocsinError
from sandbox.bench.environment import BenchEnvironment, BenchStage
from sandbox.bench.figures import BenchFigure, BenchRound, compute_median, compute_percentile
from sandbox.demo.bot_process import ROOT
from sandbox.demo.screenshots import find_browser
from sandbox.web_ui import AppCommands, build_page_routes

ADDRESS = re.compile(rb"http://127\.0\.0\.1:\d+/")
FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run")
ITEM = 'main .entry [data-action="set_item:0"]'
WATCH = """() => {
  const entry = [...document.querySelectorAll("main .entry")].find(each => each.textContent.includes("of 12 done"));
  const before = entry.dataset.mark;
  window.seen = new Promise(resolve => new MutationObserver((changes, watching) => {
    if (entry.dataset.mark === before) return;
    watching.disconnect();
    requestAnimationFrame(() => resolve(Date.now()));
  }).observe(entry, { childList: true, attributes: true }));
}"""
"""In the other window: the moment in which the checklist is drawn anew, in milliseconds since 1970."""


async def measure_page(house: BenchEnvironment, size: BenchRound) -> Sequence[BenchFigure]:
    """Ticks of the checklist in one Chromium window, seen in another; and the demo started as a person would."""
    async with house.open_stage(also=build_page_routes(AppCommands())) as stage:
        room = await _resolve_incident(stage)
        clicks = [one async for one in _ticks(stage, room, size.times * 8)]
    answers = [await _demo_answers() for _ in range(min(3, size.times))]
    return [
        BenchFigure(
            "a click to the changed message in another window, p95",
            compute_percentile(clicks, 0.95),
            150,
            "ms",
        ),
        BenchFigure("demo to the page answering, not its first time", compute_median(answers), 4.0, "s"),
        BenchFigure("demo --script, a whole incident", await _script(), 10.0, "s"),
    ]


async def _resolve_incident(stage: BenchStage) -> str:
    """The channel of an incident whose checklist waits to be ticked."""
    people = stage.slack.people
    await people.command("ana", "general", "/incident", "declare p0 API is down")
    await stage.wait_until_delivered()
    room = next(
        channel.id for channel in stage.slack.channels(of_bot=True) if channel.name.startswith("inc-")
    )
    await people.command("ana", room, "/incident", "resolve rolled back")
    await stage.wait_until(lambda: stage.slack.open_view("ana"))
    view = stage.slack.open_view("ana")
    assert view is not None
    await people.submit("ana", view)
    await stage.wait_until(
        lambda: any("0 of 12 done" in message.text for message in stage.slack.messages(room))
    )
    await stage.wait_until_delivered()
    return room


async def _ticks(stage: BenchStage, room: str, times: int) -> AsyncIterator[float]:
    """Milliseconds from each click to the frame that shows it in the other window."""
    async with _windows(stage, room, "ana", "bruno") as (hers, his):
        for _ in range(times):
            await his.evaluate(WATCH)
            clicked = await hers.locator(ITEM).evaluate(
                "button => { const at = Date.now(); button.click(); return at; }"
            )
            yield float(await his.evaluate("window.seen")) - float(clicked)
            await stage.wait_until_delivered()


@asynccontextmanager
async def _windows(stage: BenchStage, room: str, *people: str) -> AsyncIterator[list[Page]]:
    """The room before the eyes of each of these people, each with a browser profile of their own."""
    found = find_browser()
    if found is None:
        raise TocsinError(
            "The page is measured in Chromium, and there is none: install it (Debian: chromium)."
        )
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=found, args=FLAGS)
        opened = []
        for who in people:
            context = await chromium.new_context()
            opened.append(await context.new_page())
            await opened[-1].goto(f"{stage.slack.url}/?as={who}&at={room}")
            await opened[-1].locator(ITEM).wait_for()
        yield opened
        await chromium.close()


async def _demo_answers() -> float:
    """Seconds from `./tocsin demo` to its page."""
    began = time.monotonic()
    program = await _start_process("demo")
    assert program.stdout is not None
    try:
        async for line in program.stdout:
            if found := ADDRESS.search(line):
                async with aiohttp.ClientSession() as session, session.get(found[0].decode()) as answer:
                    await answer.text()
                return time.monotonic() - began
        raise TocsinError("The demo ended without an address.")
    finally:
        if program.returncode is None:
            program.send_signal(signal.SIGINT)
        await program.communicate()


async def _script() -> float:
    """Seconds that `./tocsin demo --script` takes."""
    began = time.monotonic()
    program = await _start_process("demo", "--script")
    said, _ = await program.communicate()
    if program.returncode:
        raise TocsinError(f"The script did not go well:\n{said.decode()[-800:]}")
    return time.monotonic() - began


async def _start_process(*words: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        ROOT / "tocsin", *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
