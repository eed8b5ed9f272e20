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
from sandbox.bench.figures import Figure, Round, median, percentile
from sandbox.bench.stage import House, Stage
from sandbox.page import Offer, page_of
from sandbox.programs import ROOT
from sandbox.shots import browser

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


async def page(house: House, size: Round) -> Sequence[Figure]:
    """Ticks of the checklist in one Chromium window, seen in another; and the demo started as a person would."""
    async with house.stage(also=page_of(Offer())) as stage:
        room = await _resolved(stage)
        clicks = [one async for one in _ticks(stage, room, size.times * 8)]
    answers = [await _demo_answers() for _ in range(min(3, size.times))]
    return [
        Figure("a click to the changed message in another window, p95", percentile(clicks, 0.95), 150, "ms"),
        Figure("demo to the page answering, not its first time", median(answers), 4.0, "s"),
        Figure("demo --script, a whole incident", await _script(), 10.0, "s"),
    ]


async def _resolved(stage: Stage) -> str:
    """The channel of an incident whose checklist waits to be ticked."""
    people = stage.slack.people
    await people.command("ana", "general", "/incident", "declare p0 API is down")
    await stage.quiet()
    room = next(each.id for each in stage.slack.channels(of_bot=True) if each.name.startswith("inc-"))
    await people.command("ana", room, "/incident", "resolve rolled back")
    await stage.until(lambda: stage.slack.open_view("ana"))
    view = stage.slack.open_view("ana")
    assert view is not None
    await people.submit("ana", view)
    await stage.until(lambda: any("0 of 12 done" in each.text for each in stage.slack.messages(room)))
    await stage.quiet()
    return room


async def _ticks(stage: Stage, room: str, times: int) -> AsyncIterator[float]:
    """Milliseconds from each click to the frame that shows it in the other window."""
    async with _windows(stage, room, "ana", "bruno") as (hers, his):
        for _ in range(times):
            await his.evaluate(WATCH)
            clicked = await hers.locator(ITEM).evaluate(
                "button => { const at = Date.now(); button.click(); return at; }"
            )
            yield float(await his.evaluate("window.seen")) - float(clicked)
            await stage.quiet()


@asynccontextmanager
async def _windows(stage: Stage, room: str, *people: str) -> AsyncIterator[list[Page]]:
    """The room before the eyes of each of these people, each with a browser profile of their own."""
    found = browser()
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
    program = await _started("demo")
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
    program = await _started("demo", "--script")
    said, _ = await program.communicate()
    if program.returncode:
        raise TocsinError(f"The script did not go well:\n{said.decode()[-800:]}")
    return time.monotonic() - began


async def _started(*words: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        ROOT / "tocsin", *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
