"""`./tocsin demo`: the bot, its database and the Slack stand-in with its page on this machine."""

import asyncio
import os
import socket
import sys
import time
import webbrowser
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from sandbox.demo.bot_process import ROOT, BotProcess, build_environment
from sandbox.demo.code_host import open_hosts
from sandbox.demo.fast_forward import shorten_durations
from sandbox.demo.review_script import StoryStuckError
from sandbox.demo.scenes import build_settings
from sandbox.demo.scripted_incident import CONTACTS, EVERY, IncidentScript
from sandbox.demo.terminal_output import print_messages
from sandbox.monitored_systems import SystemsProcess, SystemsProcessError
from sandbox.pagerduty.api_server import PagerDutyStandIn
from sandbox.slack.seed_users import expect_team
from sandbox.slack.slack import Slack
from sandbox.web_ui import AppCommands, build_page_routes
from sandbox.web_ui.fault_panel import FaultPanel

PORTS = range(8911, 8931)
"""The page's port: the first of these that is free."""

TRYING = "2m"
"""The rhythm of updates while somebody tries it: soon enough to be seen, late enough to read."""

RUNBOOK = ROOT / "templates" / "runbook.md"
NOTE = (
    "Here a status update falls due every 2 minutes; all other times are the runbook's. "
    "With ./tocsin demo --fast time runs 60 times faster."
)
FAST_NOTE = "Time runs 60 times faster here: what the runbook gives 15 minutes falls due after 15 seconds."


def say(line: str) -> None:
    """One line on standard output, at once."""
    print(line, flush=True)


@dataclass(frozen=True, slots=True)
class DemoApp:
    """What the stand-in knows of the app: its scopes, its events, and what it offers to people."""

    scopes: Iterable[str]
    events: Iterable[str]
    offer: AppCommands


async def open_page(folder: Path, database: Callable[[], Awaitable[str]], app: DemoApp, fast: bool) -> int:
    """Serve the page until Ctrl-C. Gives 1 when the bot ends by itself. `folder` is ours, `database` gives an address
    when it is up."""
    say("Starting the Slack stand-in and the bot …")
    panel, page = FaultPanel(), build_page_settings()
    slack = await _on_a_free_port(app, FAST_NOTE if fast else NOTE, panel)
    try:
        async with (
            _world(folder, panel) as monitored,
            open_hosts(folder / "repository", RUNBOOK) as hosts,
            open_bot(
                slack,
                folder,
                await database(),
                **{**monitored, **hosts.settings, **_durations(folder, fast), **page},
            ) as program,
        ):
            say(f"\n    {slack.url}/\n    {page['TOCSIN_STATUS_URL']}/  (what customers read)\n")
            say("Open it in a browser. Nothing leaves this machine. Ctrl-C ends it.")
            await _show(f"{slack.url}/")
            await program.wait_until_exit()
            say(f"The bot has ended by itself. Its last words:\n{program.last_words()}")
            return 1
    finally:
        await slack.stop()


async def play_script(folder: Path, database: str, app: DemoApp) -> int:
    """Play one whole incident in the terminal. Gives 0 when all went well."""
    began = time.monotonic()
    say("Starting the Slack stand-in and the bot …")
    slack = await Slack.start(scopes=app.scopes, events=app.events)
    try:
        async with (
            open_hosts(folder / "repository", RUNBOOK) as hosts,
            open_bot(slack, folder, database, TOCSIN_UPDATE_EVERY=EVERY, **hosts.settings) as program,
            print_messages(slack, say),
        ):
            say(f"Ready after {time.monotonic() - began:.1f} s. Nothing leaves this machine.")
            try:
                await IncidentScript(slack, say, hosts=hosts).play()
            except StoryStuckError as stuck:
                say(f"\nThe story is stuck: {stuck}. The bot's log:\n{program.last_words()}")
                return 1
        took = time.monotonic() - began
        say(f"\nAll went well: one incident, {len(slack.calls)} Slack calls, {took:.1f} s.")
        return 0
    finally:
        await slack.stop()


@asynccontextmanager
async def _world(folder: Path, panel: FaultPanel) -> AsyncIterator[Mapping[str, str]]:
    """What the runbook looks at, and the settings that lead the bot to it; without it the rest goes on."""
    try:
        async with SystemsProcess.start(folder / "world") as world:
            panel.ready(world)
            yield build_settings(world)
            return
    except SystemsProcessError as why:
        panel.mark_failed(str(why))
    yield {}


async def _on_a_free_port(app: DemoApp, note: str, panel: FaultPanel) -> Slack:
    """The stand-in on the first port that is free; says so when that is another than usual."""
    for port in (*PORTS, 0):
        try:
            slack = await Slack.start(
                port=port,
                scopes=app.scopes,
                events=app.events,
                also=build_page_routes(app.offer, note, panel),
            )
        except OSError:
            continue
        if port != PORTS[0]:
            say(f"Port {PORTS[0]} is taken, perhaps by another demo: this one has {slack.port}.")
        return slack
    raise OSError("no port of this machine can be listened on")


@asynccontextmanager
async def open_bot(slack: Slack, folder: Path, database: str, **more: str) -> AsyncIterator[BotProcess]:
    """The real bot as a program of its own, and a PagerDuty, so that paging is seen: the only difference to production
    are the addresses of both."""
    contacts = folder / "contacts.toml"
    contacts.write_text(CONTACTS, encoding="utf-8")
    expect_team(slack.workspace)
    duty = PagerDutyStandIn()
    await duty.start()
    told = build_environment(
        slack,
        folder,
        TOCSIN_DATABASE_URL=database,
        TOCSIN_CONTACTS=str(contacts),
        PAGERDUTY_API_KEY=duty.api_key,
        PAGERDUTY_FROM="tocsin@team.example",
        PAGERDUTY_SERVICE="PSRV001",
        PAGERDUTY_API_URL=duty.url,
        PAGERDUTY_EVENTS_URL=duty.url,
        **more,
    )
    program = BotProcess(told, folder / "bot.log")
    try:
        await program.start()
        slack.request_url = program.request_url
        yield program
    finally:
        await program.stop()
        await duty.stop()


def build_page_settings() -> dict[str, str]:
    """A status page served by the bot itself, at a port that is free now."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    return {
        "TOCSIN_HTTP": address,
        "TOCSIN_STATUS_PAGE": "serve",
        "TOCSIN_STATUS_URL": f"http://{address}/status",
        "TOCSIN_STATUS_NAME": "Rodistaa status",
        "TOCSIN_STATUS_COMPONENTS": "API, Website, Payments, Mobile apps",
    }


def _durations(folder: Path, fast: bool) -> dict[str, str]:
    """The settings by which promises fall due while somebody looks."""
    if not fast:
        return {"TOCSIN_UPDATE_EVERY": TRYING}
    runbook = folder / "runbook.md"
    runbook.write_text(shorten_durations(RUNBOOK.read_text(encoding="utf-8")), encoding="utf-8")
    return {"TOCSIN_RUNBOOK": str(runbook), "TOCSIN_STILL_ON_IT": "30s"}


async def _show(url: str) -> None:
    """Open the page where somebody looks at a screen; elsewhere the address is enough."""
    has_screen = sys.platform == "darwin" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if has_screen and sys.stdout.isatty():
        await asyncio.to_thread(webbrowser.open, url)
