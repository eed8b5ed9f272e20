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

from bot.adapters.slack import list_required_scopes
from bot.app import RunningBot, open_bot
from bot.ports.diagnostics import DiagnosticExecutor
from bot.ports.remediation import RemediationExecutor
from bot.runbook import Runbook, classify_steps
from bot.services import RunbookVersion
from bot.settings import Settings
from bot.settings.setting_lookup import find_monitored_value
from diagnostics.engine.configuration_check import build_missing_check
from diagnostics.engine.executor import InProcessExecutor
from diagnostics.engine.registry import build_registry
from diagnostics.engine.router import LazyDiagnostics
from diagnostics.engine.runner import Runner
from diagnostics.engine.worker_client import DiagnosticsWorkerClient
from handlers import EVENTS
from sandbox.demo.bot_process import NOWHERE
from sandbox.pagerduty.api_server import PagerDutyStandIn
from sandbox.slack import BotAnswer, Slack, WorkspaceMessage, WorkspaceView
from sandbox.slack.seed_users import expect_team
from tests.looking import Looking, holds
from tests.schemas.overheard import overhear, problems

RUNBOOK = Path(__file__).parents[2] / "templates" / "runbook.md"
CONTACTS = """
[contacts]
"CTO" = "slack:U0BRUNO001"
"DevOps Lead" = "slack:devika@team.example"
"On-Call Engineer" = "slack:U0CHIDI001"
"""


PATIENCE = 30.0
"""Seconds for what takes none on an idle machine: only what never comes is waited for so long."""

ACKNOWLEDGED_WITHIN = 10.0
"""Seconds that the stand-in waits for an answer. Slack waits for three: what has to be faster says so itself, and a
busy machine makes no other test fail."""

RECOGNISED: dict[str, Runbook] = {}
"""What was understood by a test before, by the text's hash."""


async def recognised_here(found: RunbookVersion) -> Runbook:
    """In a thread of this process, and each text once."""
    if found.sha not in RECOGNISED:
        RECOGNISED[found.sha] = await asyncio.to_thread(classify_steps, found.runbook)
    return RECOGNISED[found.sha]


@dataclass
class World:
    """Slack, the bot and its database."""

    slack: Slack
    looking: Looking
    settings: Settings
    running: RunningBot | None = None
    systems: LazyDiagnostics | None = None
    apart: bool = False
    remediator: RemediationExecutor | None = None

    @asynccontextmanager
    async def bot(self, **settings: Any) -> AsyncIterator[RunningBot]:
        """The bot, up and reachable for Slack; `settings` replace some of the world's."""
        changed = self.settings.model_copy(update=settings)
        async with open_bot(changed, recognised_here, self.asking(changed), self.remediator) as running:
            host, port = running.address
            self.slack.request_url = f"http://{host}:{port}/slack/events"
            self.running = running
            yield running

    def asking(self, settings: Settings) -> DiagnosticExecutor:
        """In this process, where a test can hold what it answers with; or as in production."""
        if self.apart:
            return DiagnosticsWorkerClient(settings, build_missing_check(settings))
        systems = self.systems or LazyDiagnostics(
            build_missing_check(settings), lambda: build_registry(settings)
        )
        return InProcessExecutor(Runner(lambda: datetime.now(UTC)), systems, find_monitored_value)

    def ask_anew(self) -> None:
        """From now on nothing that was read before serves again."""
        assert self.running is not None and isinstance(self.running.looking.executor, InProcessExecutor)
        self.running.looking.executor.runner.fresh = 0.0

    async def incident(self, who: str, text: str, channel: str = "general", **options: Any) -> BotAnswer:
        """Type `/incident …`."""
        return await self.slack.people.command(who, channel, "/incident", text, **options)

    async def cancel(self, who: str, words: str = "", channel: str = "general") -> BotAnswer:
        """Type `/incident cancel` and say yes to the question."""
        await self.incident(who, f"cancel {words}", channel)
        return await self.slack.people.click(who, self.slack.ephemerals(who)[-1], "cancel")

    async def declared(self, text: str = "declare p0 API is down", who: str = "ana") -> str:
        """Declare, wait until everything is delivered, and give the incident's channel id."""
        assert (answer := await self._declare(who, text)).status == 200, answer
        await self.quiet()
        rows = self.looking.rows("select channel from incident order by number desc limit 1")
        assert rows and rows[0]["channel"], (answer.body, self.looking.waiting())
        return str(rows[0]["channel"])

    async def declared_soon(self, text: str = "declare p0 API is down", who: str = "ana") -> str:
        """Declare, and give the channel's id as soon as there is one: something else takes its time."""
        await self._declare(who, text)
        opened = "select channel from incident where channel is not null order by number desc"
        await self.until(lambda: self.looking.rows(opened))
        return str(self.looking.rows(opened)[0]["channel"])

    async def _declare(self, who: str, text: str) -> BotAnswer:
        """As a person does it: again when the bot names no incident, since its database or Slack was too slow, and
        there is none."""
        known = self._count_incidents()
        answer = await self.incident(who, text)
        for _ in range(2):
            if "INC-" not in answer.body and self._count_incidents() == known:
                answer = await self.incident(who, text)
        return answer

    def _count_incidents(self) -> int:
        return len(self.looking.rows("select 1 from incident"))

    async def quiet(self, within: float = PATIENCE) -> None:
        """Wait until nothing is waiting in the outbox."""
        try:
            await self.until(lambda: not self.looking.waiting(), within)
        except TimeoutError:
            raise AssertionError(f"still waiting: {self.looking.waiting()}") from None

    async def quiet_but(self, key: str, within: float = PATIENCE) -> None:
        """Wait until nothing is waiting but what has this key."""
        await self.until(lambda: all(each["key"] == key for each in self.looking.waiting()), within)

    async def until(self, true: Callable[[], object], within: float = PATIENCE) -> None:
        """Wait for anything that is seen from outside."""
        try:
            async with asyncio.timeout(within):
                while not holds(true):
                    await asyncio.sleep(0.03)
        except TimeoutError:
            true()  # what it looked for to the end and did not find says more
            raise

    def posts(self, channel: str, words: str = "") -> list[WorkspaceMessage]:
        """The bot's messages in a channel that contain the words, as a person reads them."""
        return [
            message for message in self.slack.messages(channel, of_bot=True) if words in self.text(message)
        ]

    def text(self, message: Any) -> str:
        """A message as plain text."""
        from sandbox.slack.plain_text import render_message_lines

        return "\n".join(render_message_lines(self.slack.workspace, message))

    async def form(self, who: str) -> WorkspaceView:
        """The form to fill in that opens for this person; an answer that still stands there is none."""
        return await self._opened(who, lambda view: "submit" in view.payload)

    async def shown(self, who: str) -> WorkspaceView:
        """The view without anything to fill in that opens for this person."""
        return await self._opened(who, lambda view: "submit" not in view.payload)

    async def _opened(self, who: str, wanted: Callable[[WorkspaceView], bool]) -> WorkspaceView:
        def opened() -> WorkspaceView | None:
            view = self.slack.open_view(who)
            return view if view is not None and wanted(view) else None

        view = await self.slack.wait_for(opened, PATIENCE, f"a view for {who}")
        assert view is not None
        return view

    def heard(self, who: str) -> str:
        """The last thing that only this person sees, as plain text; empty while there is none."""
        return "".join(self.text(ephemeral) for ephemeral in self.slack.ephemerals(who)[-1:])

    def button(self, channel: str, action: str) -> tuple[WorkspaceMessage, str]:
        """The newest message with a button whose action id begins so, and that action id."""
        for message in reversed(self.slack.messages(channel, of_bot=True)):
            for block in message.blocks:
                for element in [*block.get("elements", []), block.get("accessory") or {}]:
                    if str(element.get("action_id", "")).startswith(action):
                        return message, element["action_id"]
        raise AssertionError(f"no button {action} in {channel}")


@pytest.fixture
async def duty(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[PagerDutyStandIn]:
    server = PagerDutyStandIn()
    await server.start()
    monkeypatch.setenv("OPS_KEY", next(iter(server.services)))
    yield server
    await server.stop()


@pytest.fixture
async def slack(request: pytest.FixtureRequest) -> AsyncIterator[Slack]:
    """The stand-in, patient unless a test gives it the seconds that Slack waits. At the end, everything that the bot
    sent is held against Slack's own types and limits."""
    patience = getattr(request, "param", ACKNOWLEDGED_WITHIN)
    slack = await Slack.start(scopes=list_required_scopes(), events=EVENTS, acknowledge_within=patience)
    expect_team(slack.workspace)
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
