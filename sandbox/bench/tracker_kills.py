"""The bot is killed in the middle of calls to a tracker and to a code host: what is there twice, and what is lost?

Nothing in the bot knows of it. What changes something there is held before it is carried out, or carried out and held
before it is answered; then the program is killed (`kill -9`) and started again.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

from aiohttp import web

from sandbox.bench.environment import BenchEnvironment, BenchStage
from sandbox.bench.figures import BenchFigure, BenchRound
from sandbox.demo.bot_process import ROOT
from sandbox.provider_server import ProviderServer
from sandbox.repositories import BareRepository, GitHubStandIn, GitLabStandIn, HostStandIn
from sandbox.slack import WorkspaceView
from sandbox.trackers.github_issues import GitHubIssues
from sandbox.trackers.gitlab_issues import GitLabIssues
from sandbox.trackers.jira_issues import JiraIssues
from sandbox.trackers.tracker_stand_in import TrackerStandIn

AT_ONCE = 8
"""Reviews that one kill strikes, beside one action item and one pull request of a runbook."""

STRUCK = AT_ONCE + 2
RUNBOOK = "docs/runbook.md"

GATHERED_WITHIN_S, WHOLE_WITHIN_S = 2.5, 120.0
"""Seconds from the first held call until the kill, less than the bot waits for an answer; and until all is there."""

MOMENTS = ("request", "answer")
INCIDENTS = """
insert into incident (title, severity, commander, declared_by, edition, status, cadence, declared_at)
select 'Part ' || n || ' is slow', 'P3', 'U0ANA00001', 'U0ANA00001', (select sha from edition limit 1),
       'closed', interval '15 minutes', now() - interval '1 hour'
from generate_series(1, %s) n returning number
"""
UNFINISHED = """
select 1 from action_ticket where id = ''
union all select 1 from review_proposal where link = ''
union all select 1 from runbook_draft where link = ''
union all select 1 from outbox
where settled_at is null and kind in ('CreateTicket', 'ProposeReview', 'ProposeRunbook') limit 1
"""
DECLARED = "select number, channel from incident where title = %s and channel is not null"


@dataclass(frozen=True, slots=True)
class HostKind:
    """A code host and a tracker: their stand-ins, the setting of the host's address, and how the paths of what changes
    something there end, in their order."""

    name: str
    tracker: Callable[[], TrackerStandIn]
    host: Callable[[BareRepository], HostStandIn]
    setting: str
    writes: tuple[str, ...]
    code: str
    item: str = "/issues"


GITHUB = ("GITHUB_API_URL", ("/git/refs", "/graphql", "/pulls"), "github")
KINDS = (
    HostKind("github", GitHubIssues, GitHubStandIn, *GITHUB),
    HostKind("gitlab", GitLabIssues, GitLabStandIn, "GITLAB_HOST", ("/commits", "/merge_requests"), "gitlab"),
    HostKind("jira", JiraIssues, GitHubStandIn, *GITHUB, item="/issue"),
)
"""Jira is no code host: GitHub's goes with it."""


@dataclass(slots=True)
class HeldCalls:
    """Calls that wait at one moment, where their path ends so, until the gate opens; before it those that were not
    carried out never are."""

    moment: str = ""
    ends: tuple[str, ...] = ()
    count: int = 0
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    async def hold(self, moment: str, method: str, path: str) -> None:
        if method == "GET" or moment != self.moment or not path.endswith(self.ends):
            return
        self.count += 1
        await self.gate.wait()
        if moment == "request":
            raise web.HTTPBadGateway

    def close(self, moment: str, *ends: str) -> None:
        self.moment, self.ends, self.count, self.gate = moment, ends, 0, asyncio.Event()

    def open(self) -> None:
        self.moment = ""
        self.gate.set()


@dataclass(slots=True)
class TrackerScene:
    """A bot with a tracker and a code host, and the incidents whose reviews were answered."""

    stage: BenchStage
    tracker: TrackerStandIn
    host: HostStandIn
    item: str
    numbers: list[int] = field(default_factory=list)
    runbooks: list[int] = field(default_factory=list)
    items: int = 0
    struck: int = 0
    forms: set[str] = field(default_factory=set)
    held: HeldCalls = field(default_factory=HeldCalls)

    async def strike(self, moment: str, end: str) -> None:
        """New reviews, a new action item and what a runbook learns: the bot is killed in the calls that write them;
        then all has to come."""
        draft = await self._draft_runbook()
        self.held.close(moment, end, self.item)
        found = [row["number"] for row in self.stage.rows(INCIDENTS, AT_ONCE)]
        self.numbers += found
        await self.stage.slack.people.submit("ana", draft)
        await self._answer(found)
        await self._gather()
        self.struck += self.held.count
        self.stage.program.kill()
        self.held.open()
        await self.stage.program.start()
        self.stage.slack.request_url = self.stage.program.request_url
        await self._wait_until_whole()

    async def _draft_runbook(self) -> WorkspaceView:
        """The form in which what the runbook learns from one more incident is chosen."""
        slack, title = self.stage.slack, f"Cache {len(self.runbooks) + 1} is cold"
        await slack.people.command("ana", "general", "/incident", f"declare p3 {title}")
        async with asyncio.timeout(WHOLE_WITHIN_S):
            while not (rows := await asyncio.to_thread(self.stage.rows, DECLARED, title)):
                await asyncio.sleep(0.1)
        number, channel = rows[0]["number"], rows[0]["channel"]
        self.runbooks.append(number)
        await slack.people.command("ana", channel, "/incident", "resolve")
        await slack.people.submit("ana", await self._wait_for_form(), {"resolution": {"resolution": "Warm."}})
        await slack.people.command("ana", "general", "/incident", f"runbook improve INC-{number}")
        choose = "Choose and propose"
        draft = await slack.wait_for(
            lambda: next((m for m in slack.messages(channel, of_bot=True) if choose in str(m.blocks)), None),
            WHOLE_WITHIN_S,
            "what the runbook learns",
        )
        assert draft is not None
        await slack.people.click("ana", draft, "choose_learnings")
        return await self._wait_for_form()

    async def _answer(self, numbers: Sequence[int]) -> None:
        people = self.stage.slack.people
        await people.command("ana", "general", "/incident", f"action INC-{numbers[0]} Add an index")
        self.items += 1
        for number in numbers:
            await people.command("ana", "general", "/incident", f"review INC-{number}")
            form = await self._wait_for_form()
            await people.submit("ana", form, {"summary": {"summary": f"A deploy filled pool {number}."}})

    async def _wait_for_form(self) -> WorkspaceView:
        """One that was not open before."""

        def find() -> WorkspaceView | None:
            view = self.stage.slack.open_view("ana")
            return (
                view if view is not None and view.id not in self.forms and "submit" in view.payload else None
            )

        view = await self.stage.slack.wait_for(find, WHOLE_WITHIN_S, "a form")
        assert view is not None
        self.forms.add(view.id)
        return view

    async def _gather(self) -> None:
        """Until all wait, or those that came first would not wait longer."""
        loop = asyncio.get_running_loop()
        await self.stage.wait_until(lambda: self.held.count)
        until = loop.time() + GATHERED_WITHIN_S
        while self.held.count < STRUCK and loop.time() < until:
            await asyncio.sleep(0.02)

    async def _wait_until_whole(self) -> None:
        async with asyncio.timeout(WHOLE_WITHIN_S):
            while await asyncio.to_thread(self.stage.rows, UNFINISHED):
                await asyncio.sleep(0.1)

    def count_twice(self) -> int:
        """Issues and pull requests that are there again."""
        branches = Counter(pull.branch for pull in self.host.pulls)
        again = sum(count - 1 for count in branches.values())
        return again + max(0, len(self.tracker.issues) - self.items)

    def count_lost(self) -> int:
        """Issues that are not there, and reviews and runbooks without a pull request or without its words in it."""
        lost = max(0, self.items - len(self.tracker.issues))
        branches = {pull.branch for pull in self.host.pulls}
        for number in self.numbers:
            branch = f"tocsin/inc-{number}-review"
            text = self.host.repository.diff(branch) if branch in branches else ""
            lost += f"A deploy filled pool {number}." not in text
        for place, number in enumerate(self.runbooks, 1):
            branch = f"tocsin/inc-{number}-runbook"
            text = self.host.repository.diff(branch) if branch in branches else ""
            lost += f"+- Cache {place} is cold" not in text
        return lost


async def measure_tracker_kills(house: BenchEnvironment, size: BenchRound) -> Sequence[BenchFigure]:
    """A third of the kills at each tracker with a code host, each call that writes in its turn."""
    struck = twice = lost = 0
    for kind in KINDS:
        scene = await _torment(house, kind, -(-size.struck // len(KINDS)))
        struck += scene.struck
        twice += scene.count_twice()
        lost += scene.count_lost()
    name = f"{struck} calls that were killed, trackers and pull requests"
    return [
        BenchFigure(f"{name}: there twice", twice, 0, "things"),
        BenchFigure(f"{name}: lost", lost, 0, "things"),
    ]


async def _torment(house: BenchEnvironment, kind: HostKind, kills: int) -> TrackerScene:
    tracker = kind.tracker()
    runbook = (ROOT / "templates" / "runbook.md").read_text()
    host = kind.host(BareRepository(_find_folder(house, kind), {RUNBOOK: runbook}))
    servers: tuple[ProviderServer, ...] = (tracker, host)
    for server in servers:
        await server.start()
    try:
        async with house.open_stage(more=_build_settings(kind, tracker, host)) as stage:
            scene = TrackerScene(stage, tracker, host, kind.item)
            for server in servers:
                server.hold = scene.held.hold
            while scene.struck < kills:
                for moment, end in product(MOMENTS, kind.writes):
                    if scene.struck < kills:
                        await scene.strike(moment, end)
            return scene
    finally:
        for server in servers:
            await server.stop()


def _find_folder(house: BenchEnvironment, kind: HostKind) -> Path:
    return house.folder / f"git-{kind.name}"


def _build_settings(kind: HostKind, tracker: TrackerStandIn, host: HostStandIn) -> Mapping[str, str]:
    place = f"{tracker.url}:OPS" if kind.name == "jira" else "acme/shop"
    return {
        "TOCSIN_TRACKER": f"{kind.name}:{place}",
        "TOCSIN_TRACKER_TOKEN": tracker.token,
        **({} if kind.name == "jira" else {"TOCSIN_TRACKER_URL": tracker.url}),
        "TOCSIN_REVIEW_REPOSITORY": f"{kind.code}:{host.NAME}:docs/incidents",
        "TOCSIN_RUNBOOK_REPOSITORY": f"{kind.code}:{host.NAME}:{RUNBOOK}",
        "TOCSIN_REVIEW_TOKEN": host.TOKEN,
        kind.setting: host.url,
    }
