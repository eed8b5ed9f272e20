"""The whole bot beside the Slack stand-in, in one loop: scenarios drive it from outside, as Slack does."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.app import Running, started
from bot.looking.apart import Apart
from bot.looking.asking import Asking, Here
from bot.looking.lacking import lacking
from bot.looking.sources import monitored
from bot.runbook import Runbook, recognised
from bot.settings import Settings, value_of
from bot.slack import needed_scopes
from diagnostics.runner import Runner
from diagnostics.systems import Later
from handlers import EVENTS
from sandbox import Answer, Message, Slack, View
from sandbox.pagerduty import PagerDuty
from sandbox.programs import NOWHERE
from tests.looking import Looking
from tests.schemas.overheard import overhear, problems

RUNBOOK = Path(__file__).parents[2] / "templates" / "runbook.md"
CONTACTS = """
[contacts]
"CTO" = "slack:U0BRUNO001"
"DevOps Lead" = "slack:devika@team.example"
"On-Call Engineer" = "slack:U0CHIDI001"
"""


async def recognised_here(runbook: Runbook) -> Runbook:
    """In a thread of this process, where the second time costs nothing."""
    return await asyncio.to_thread(recognised, runbook)


@dataclass
class World:
    """Slack, the bot and its database."""

    slack: Slack
    looking: Looking
    settings: Settings
    running: Running | None = None
    systems: Later | None = None
    apart: bool = False

    @asynccontextmanager
    async def bot(self, **settings: Any) -> AsyncIterator[Running]:
        """The bot, up and reachable for Slack; `settings` replace some of the world's."""
        changed = self.settings.model_copy(update=settings)
        async with started(changed, recognised_here, self.asking(changed)) as running:
            host, port = running.address
            self.slack.request_url = f"http://{host}:{port}/slack/events"
            self.running = running
            yield running

    def asking(self, settings: Settings) -> Asking:
        """In this process, where a test can hold what it answers with; or as in production."""
        if self.apart:
            return Apart(settings, lacking(settings))
        systems = self.systems or Later(lacking(settings), lambda: monitored(settings))
        return Here(Runner(lambda: datetime.now(UTC)), systems, value_of)

    def ask_anew(self) -> None:
        """From now on nothing that was read before serves again."""
        assert self.running is not None and isinstance(self.running.looking.asking, Here)
        self.running.looking.asking.runner.fresh = 0.0

    async def incident(self, who: str, text: str, channel: str = "general", **options: Any) -> Answer:
        """Type `/incident …`."""
        return await self.slack.people.command(who, channel, "/incident", text, **options)

    async def declared(self, text: str = "declare p0 API is down", who: str = "ana") -> str:
        """Declare, wait until everything is delivered, and give the incident's channel id."""
        answer = await self.incident(who, text)
        assert answer.status == 200, answer
        await self.quiet()
        row = self.looking.rows("select channel from incident order by number desc limit 1")[0]
        assert row["channel"], self.looking.waiting()
        return str(row["channel"])

    async def declared_soon(self, text: str = "declare p0 API is down", who: str = "ana") -> str:
        """Declare, and give the channel's id as soon as there is one: something else takes its time."""
        await self.incident(who, text)
        opened = "select channel from incident where channel is not null order by number desc"
        await self.until(lambda: self.looking.rows(opened))
        return str(self.looking.rows(opened)[0]["channel"])

    async def quiet(self, within: float = 10.0) -> None:
        """Wait until nothing is waiting in the outbox."""
        try:
            await self.until(lambda: not self.looking.waiting(), within)
        except TimeoutError:
            raise AssertionError(f"still waiting: {self.looking.waiting()}") from None

    async def until(self, true: Callable[[], object], within: float = 10.0) -> None:
        """Wait for anything that is seen from outside."""
        import asyncio

        async with asyncio.timeout(within):
            while not true():
                await asyncio.sleep(0.03)

    def posts(self, channel: str, words: str = "") -> list[Message]:
        """The bot's messages in a channel that contain the words, as a person reads them."""
        return [each for each in self.slack.messages(channel, of_bot=True) if words in self.text(each)]

    def text(self, message: Any) -> str:
        """A message as plain text."""
        from sandbox.plain import message_lines

        return "\n".join(message_lines(self.slack.workspace, message))

    async def form(self, who: str) -> View:
        """The form to fill in that opens for this person; an answer that still stands there is none."""
        return await self._opened(who, lambda view: "submit" in view.payload)

    async def shown(self, who: str) -> View:
        """The view without anything to fill in that opens for this person."""
        return await self._opened(who, lambda view: "submit" not in view.payload)

    async def _opened(self, who: str, wanted: Callable[[View], bool]) -> View:
        def opened() -> View | None:
            view = self.slack.open_view(who)
            return view if view is not None and wanted(view) else None

        view = await self.slack.wait_for(opened, 5, f"a view for {who}")
        assert view is not None
        return view

    def heard(self, who: str) -> str:
        """The last thing that only this person sees, as plain text; empty while there is none."""
        return "".join(self.text(each) for each in self.slack.ephemerals(who)[-1:])

    def button(self, channel: str, action: str) -> tuple[Message, str]:
        """The newest message with a button whose action id begins so, and that action id."""
        for message in reversed(self.slack.messages(channel, of_bot=True)):
            for block in message.blocks:
                for element in [*block.get("elements", []), block.get("accessory") or {}]:
                    if str(element.get("action_id", "")).startswith(action):
                        return message, element["action_id"]
        raise AssertionError(f"no button {action} in {channel}")


@pytest.fixture
async def duty(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[PagerDuty]:
    server = PagerDuty()
    await server.start()
    monkeypatch.setenv("OPS_KEY", next(iter(server.services)))
    yield server
    await server.stop()


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    """The stand-in. At the end, everything that the bot sent is held against Slack's own types and limits."""
    slack = await Slack.start(scopes=needed_scopes(), events=EVENTS)
    overheard = overhear(slack)
    yield slack
    await slack.stop()
    if found := problems(slack, overheard):
        pytest.fail("\n".join(found), pytrace=False)


@pytest.fixture
def world(slack: Slack, database: str, tmp_path: Path) -> World:
    contacts = tmp_path / "contacts.toml"
    contacts.write_text(CONTACTS)
    settings = Settings.model_validate(
        {
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_SIGNING_SECRET": slack.signing_secret,
            "SLACK_API_URL": slack.api_url,
            "TOCSIN_DATABASE_URL": database,
            "TOCSIN_RUNBOOK": RUNBOOK,
            "TOCSIN_RUNBOOK_URL": "https://git.example/runbook.md",
            "TOCSIN_CONTACTS": contacts,
            "TOCSIN_HTTP": "127.0.0.1:0",
            "TOCSIN_ADDRESSES": json.loads(NOWHERE),
        }
    )
    return World(slack, Looking(database), settings)
