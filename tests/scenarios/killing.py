"""The bot as a program of its own beside the stand-in, which ends it at a chosen call and starts it again."""

import asyncio
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlencode

import aiohttp

from bot.adapters.slack import list_required_scopes
from handlers import EVENTS
from sandbox.demo.bot_process import BotProcess, Launch, build_environment
from sandbox.slack import Slack, WorkspaceMessage
from sandbox.slack.payloads import build_command_payload
from sandbox.slack.plain_text import render_message_lines
from sandbox.slack.request_signing import compute_signature
from sandbox.slack.seed_users import expect_team
from sandbox.slack.workspace_model import User
from tests.bot_template import TEMPLATE
from tests.looking import Looking, holds

ROOT = Path(__file__).resolve().parents[2]
RUNBOOK_URL = "https://git.example/runbook.md"
CONTACTS = """
[contacts]
"CTO" = "slack:U0BRUNO001"
"DevOps Lead" = "slack:devika@team.example"
"On-Call Engineer" = "slack:{group}"
"""
"""One contact by id, one by address, one by usergroup."""

WHOLE_WITHIN = 30.0
"""Seconds from the moment when the new program listens after which something is stuck. On a quiet machine nothing is
missing after 10; four bots side by side on a slow one need longer."""

WAITED_FOR = (10, 11)
"""Calls at which a recovery takes the seconds that it takes, one for each test of a sample; at all others the rows are
made older."""

Moment = Literal["before", "after"]


@dataclass(frozen=True, slots=True)
class Command:
    """A slash command as bytes on the wire: delivered again within three seconds it is the same, signature and all."""

    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Point:
    """Where a declare is struck: at call `call` (1 the first after the command, 0 the command's own answer)."""

    call: int
    moment: Moment

    def __str__(self) -> str:
        return f"{self.moment} the answer to call {self.call}"


@dataclass
class Theatre:
    """One workspace, one database, one bot, and the incidents that were declared there."""

    slack: Slack
    looking: Looking
    program: BotProcess
    environment: Mapping[str, str]
    folder: Path
    session: aiohttp.ClientSession
    earlier: list[BotProcess] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)
    longest: float = 0.0
    """Seconds that the slowest recovery took."""

    def command(self) -> Command:
        """A new declaration by somebody whom the bot has not met, when nobody was rung lately."""
        self.looking.calm()
        serial = len(self.titles) + 1
        self.titles.append(f"API is down, report {serial:03d}")
        person = self.slack.add_person(f"caller{serial:03d}", f"Caller {serial:03d}")
        return self.typed(person, f"declare p0 {self.titles[-1]}")

    def typed(self, person: User, words: str) -> Command:
        """What somebody types after `/incident`."""
        general = self.slack.channel("general")
        fields = build_command_payload(self.slack.workspace, person, general, "/incident", words)
        trigger = self.slack.workspace.new_trigger(person.id).id
        body = urlencode({**fields, "trigger_id": trigger, "response_url": self.slack.url}).encode()
        return self.signed(body)

    def signed(self, body: bytes) -> Command:
        """Sent now: what was signed seconds ago is not carried out any more."""
        timestamp = str(int(time.time()))
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": compute_signature(self.slack.signing_secret, timestamp, body),
        }
        return Command(body, headers)

    async def deliver(self, command: Command, within: float = WHOLE_WITHIN) -> str | None:
        """The bot's answer; None when it did not give one. A bot that is killed meanwhile gives none at once."""
        try:
            async with (
                asyncio.timeout(within),
                self.session.post(
                    self.slack.request_url, data=command.body, headers=command.headers
                ) as answer,
            ):
                text = await answer.text()
                assert answer.status == 200, text
                return text
        except (aiohttp.ClientError, TimeoutError):
            return None

    async def start(self) -> None:
        """Start the bot and let Slack know where it listens."""
        await self.program.start()
        self.slack.request_url = self.program.request_url

    async def start_second(self) -> None:
        """Start another replica, which is the bot from here on: Slack's requests go there."""
        self.earlier.append(self.program)
        self.program = BotProcess(
            self.environment, self.folder / f"log-{len(self.earlier)}", launch=TEMPLATE.launch
        )
        await self.start()

    def end(self) -> None:
        """End every replica, the frozen ones too."""
        for program in (self.program, *self.earlier):
            program.kill()

    def quiet(self) -> bool:
        """Whether nothing waits and nothing is under way."""
        return not self.looking.waiting()

    async def until(self, true: Callable[[], object], within: float = WHOLE_WITHIN, what: str = "") -> None:
        """Wait for something that is seen from outside."""
        deadline = time.monotonic() + within
        while not holds(true):
            if time.monotonic() > deadline:
                waiting, log = self.looking.waiting(), self.program.last_words()
                raise AssertionError(f"{what}: not within {within:.1f} s: {waiting}\n{log}")
            await asyncio.sleep(0.1)

    async def declared(self) -> str:
        """Declare undisturbed; the incident's title when everything is delivered."""
        assert await self.deliver(self.command())
        await self.until(self.quiet, what="an undisturbed declare")
        return self.titles[-1]

    @asynccontextmanager
    async def strike(self, point: Point, blow: Callable[[], None]) -> AsyncIterator[asyncio.Event]:
        """Have the stand-in do `blow` at the point; calls count from 1 from here on. The event: it was done."""
        done = asyncio.Event()
        self.slack.calls.clear()

        async def hook(number: int, method: str) -> None:
            if number == point.call and not done.is_set():
                done.set()
                blow()

        api = self.slack.api
        if point.moment == "before":
            api.before_answer = hook
        else:
            api.after_answer = hook
        try:
            yield done
        finally:
            api.before_answer = api.after_answer = None

    def quiet_soon(self) -> bool:
        """The same, and the seconds after which an unanswered call is asked about are not waited for. They matter where
        a call can be under way still; here the stand-in has carried out what it was sent."""
        self.looking.pass_uncertainty()
        return self.quiet()

    async def survives(self, point: Point) -> bool:
        """Declare, kill the bot at the point, start it again, and wait until nothing of the incident waits. Then what
        was declared is delivered once more; at every other point it came twice at first, too.

        Whether the point was reached: else the bot was killed after the last call.
        """
        command = self.command()
        title = self.titles[-1]
        async with self.strike(point, self.program.kill) as struck:
            sent = await asyncio.gather(*(self.deliver(command) for _ in range(1 + point.call % 2)))
            if point.call == 0:
                self.program.kill()
            else:
                await self.until(lambda: struck.is_set() or self.quiet(), what=f"{title}, {point}")
        self.program.kill()
        await self.start()
        restarted = time.monotonic()
        answers = {each for each in sent if each is not None}
        quiet = self.quiet if point.call in WAITED_FOR else self.quiet_soon
        if self.recorded(title):
            await self.until(quiet, what=f"{title}, {point}")
        again = await self.deliver(self.signed(command.body))
        assert again is not None, f"{title}, {point}: the restarted bot did not answer"
        answers.add(again)
        assert len(answers) == 1, f"{title}, {point}: the same request was answered differently: {answers}"
        left = WHOLE_WITHIN - (time.monotonic() - restarted)
        await self.until(lambda: self.recorded(title) and quiet(), left, f"{title}, {point}")
        self.longest = max(self.longest, time.monotonic() - restarted)
        return struck.is_set() or point.call == 0

    async def hounded(self, calls: Iterable[int]) -> None:
        """Kill the bot after so many calls since it listens, each time it is started again; then let it be."""
        for call in calls:
            async with self.strike(Point(call, "before"), self.program.kill) as struck:
                await self.until(struck.is_set, what=f"call {call} of a restarted bot")
            await self.start()
        await self.until(self.quiet, what="left in peace")

    def recorded(self, title: str) -> int:
        """How many incidents have this title."""
        return len(self.looking.rows("select number from incident where title = %s", title))

    def seen(self, title: str) -> dict[str, object]:
        """What people find of the incident, counted; its own number and title left out."""
        (incident,) = self.looking.rows(
            "select number, channel, commander from incident where title = %s", title
        )
        number, slack = incident["number"], self.slack
        ours = [each for each in slack.channels(of_bot=True) if each.name.startswith(f"inc-{number}-")]
        room = slack.channel(incident["channel"])
        said = [
            self.text(message) for message in slack.messages(room, of_bot=True) if message.subtype is None
        ]
        announced = [self.text(message) for message in slack.messages("incident-response", of_bot=True)]
        people = [user for user in slack.workspace.users.values() if not user.is_bot]
        pages = {each.handle: self._pages(each.id, title, room.name) for each in people}
        pinned = [self.text(room.messages[pin.ts]) for pin in room.pins]
        called = re.findall(
            r"@(\S+ \S+)", " ".join(each for each in said if "you're being paged for" in each)
        )
        dead = self.looking.rows("select key, error from outbox where state = 'dead'")
        return {
            "channels": len(ours),
            "alerts in the room": _count(said, "INCIDENT ALERT"),
            "announcements": [each.count(f"War Room: #{room.name}") for each in announced if title in each],
            "pinned": ["INCIDENT ALERT" in each for each in pinned],
            "bookmarks": [bookmark["link"] for bookmark in room.bookmarks.values()],
            "topic": room.topic["value"].replace(title, "TITLE"),
            "in the room": sorted(
                "caller" if member == incident["commander"] else slack.person(member).handle
                for member in room.members
            ),
            "paged by direct message": {who: count for who, count in pages.items() if count},
            "mentioned": Counter("caller" if each.startswith("Caller") else each for each in called),
            "playbook": _count(said, "Playbook: "),
            "said in the room": len(said),
            "told": Counter(kind for kind in self.looking.kinds(number) if kind != "joined"),
            "said to have come twice": self._twice(number),
            "dead": dead,
        }

    def _twice(self, number: int) -> list[str]:
        """Who came into the room according to more than one timeline entry; Slack may give up telling a dead bot."""
        query = """select actor from timeline_entry where incident = %s and kind = 'joined'
                   group by actor having count(*) > 1"""
        return [row["actor"] for row in self.looking.rows(query, number)]

    def _pages(self, person: str, title: str, room: str) -> list[bool]:
        """One value for each direct message of the incident: whether it leads to the room."""
        texts = [self.text(message) for message in self.slack.direct_messages(person)]
        return [f"#{room}" in each for each in texts if title in each]

    def text(self, message: WorkspaceMessage) -> str:
        """A message as a person reads it."""
        return "\n".join(render_message_lines(self.slack.workspace, message))


def _count(texts: list[str], words: str) -> int:
    return sum(words in text for text in texts)


@asynccontextmanager
async def theatre(
    database: str,
    folder: Path,
    data_dir: Path | None = None,
    contacts: str = CONTACTS,
    more: Mapping[str, str] | None = None,
    launch: Launch = TEMPLATE.launch,
) -> AsyncIterator[Theatre]:
    """A stand-in and a bot that runs, on this database (or on its own private one in `data_dir`), started by
    `launch`."""
    folder.mkdir(parents=True, exist_ok=True)
    slack = await Slack.start(scopes=list_required_scopes(), events=EVENTS)
    expect_team(slack.workspace)
    noor = slack.add_person("noor", "Noor Haddad")
    group = slack.add_usergroup("oncall", "On call", ["chidi", "bruno", noor])
    book = folder / "contacts.toml"
    book.write_text(contacts.format(group=group.id))
    where = {"TOCSIN_DATA_DIR": str(data_dir)} if data_dir else {"TOCSIN_DATABASE_URL": database}
    told = build_environment(
        slack, folder, TOCSIN_RUNBOOK_URL=RUNBOOK_URL, TOCSIN_CONTACTS=str(book), **where, **(more or {})
    )
    watching = Looking(database)
    async with aiohttp.ClientSession() as session:
        program = BotProcess(told, folder / "log", launch=launch)
        scene = Theatre(slack, watching, program, told, folder, session)
        try:
            await scene.start()
            await scene.until(lambda: scene.quiet() and slack.workspace.find_channel("incident-response"))
            yield scene
        finally:
            scene.end()
            await slack.stop()
