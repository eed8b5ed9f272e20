"""How often the diagnostics name what is really wrong: scenes of the sandbox's world, each with what is right.

A scene is what is broken, which playbook somebody runs (the right one, or a misleading one), and which key Tocsin
lacks. What is right stands in `evidence_worlds.py`.
"""

import json
import os
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bot.cli.evidence_worlds import EVERYTHING, WORLDS, EvidenceWorld, Truth
from bot.domain.diagnosis import find_suspect
from bot.domain.diagnostic_run import ALL, WHOLE, DiagnosticRunRequest, StepResult, Suspect
from bot.domain.finding import Finding
from bot.runbook import Runbook, classify_steps, parse_runbook

if TYPE_CHECKING:
    from diagnostics.engine.executor import InProcessExecutor

HEALTHY = ""


@dataclass(frozen=True, slots=True)
class EvidenceScene:
    """What is `broken` (HEALTHY: nothing), the playbook that is run, the setting that is missing, and whose systems
    these are (WORLDS)."""

    broken: str
    playbook: str
    lacking: str = ""
    team: str = "api"

    @property
    def world(self) -> EvidenceWorld:
        return WORLDS[self.team]

    @property
    def kind(self) -> str:
        """`broken`, `healthy`, `misleading` (another playbook is run than the one that looks there) or `half blind`."""
        if self.broken == HEALTHY:
            return "healthy"
        if self.lacking:
            return "half blind"
        seen_by = self.world.truths[self.broken].seen_by
        return "broken" if self.playbook in {*seen_by, EVERYTHING} else "misleading"


@dataclass(frozen=True, slots=True)
class SceneOutcome:
    """`named` is first, at all, unknown, wrong, or quiet (a healthy world that was called healthy)."""

    scene: EvidenceScene
    named: str
    seconds: float
    said: str


def list_scenes() -> list[EvidenceScene]:
    """Every world, healthy and broken, under every playbook and under none; each broken one with a key missing."""
    scenes: list[EvidenceScene] = []
    for team, world in WORLDS.items():
        places = [*world.playbooks, EVERYTHING]
        crossed = ((broken, place) for broken in (HEALTHY, *world.truths) for place in places)
        scenes += (EvidenceScene(broken, place, team=team) for broken, place in crossed)
        scenes += (EvidenceScene(broken, place, key, team) for broken, (place, key) in world.lacking.items())
    return scenes


def judge_scene(scene: EvidenceScene, results: Collection[StepResult]) -> str:
    """What the results are worth; see SceneOutcome.

    A playbook that does not look where it is broken may say nothing; it must not name another cause.
    """
    suspect = find_suspect(results)
    if scene.broken == HEALTHY:
        if suspect is not None or any(result.verdict == "bad" for result in results):
            return "wrong"
        return "quiet" if any(result.verdict == "ok" for result in results) else "unknown"
    truth = scene.world.truths[scene.broken]
    if suspect is not None:
        return "first" if is_it(truth, suspect) else "wrong"
    told = [result.headline for result in results if result.verdict in ("bad", "warn")]
    return "at all" if any(word in line for line in told for word in truth.words) else "unknown"


def is_it(truth: Truth, suspect: Suspect) -> bool:
    """Whether the suspect is what is broken."""
    return truth.kind == suspect.kind and any(name.lower() in suspect.name.lower() for name in truth.names)


async def play_scenes(scenes: Sequence[EvidenceScene], say: Callable[[str], None]) -> list[SceneOutcome]:
    """Break the worlds scene by scene and look, as the bot does when an incident is declared."""
    outcomes = []
    with tempfile.TemporaryDirectory() as folder:
        for team, start in TEAMS.items():
            chosen = [scene for scene in scenes if scene.team == team]
            if not chosen:
                continue
            text = WORLDS[team].runbook.read_text(encoding="utf-8")
            runbook = classify_steps(parse_runbook(text))
            async with start(Path(folder)) as (settings, show):
                for scene in chosen:
                    await show(scene.broken)
                    outcome = await _play(scene, runbook, settings)
                    outcomes.append(outcome)
                    say(f"{outcome.named:<8} {outcome.seconds:5.1f} s  {_name(scene):<60} {outcome.said}")
    return outcomes


Show = Callable[[str], Awaitable[None]]
"""Breaks one thing, or with HEALTHY heals all."""


@asynccontextmanager
async def _start_api(folder: Path) -> AsyncIterator[tuple[Mapping[str, str], Show]]:
    from sandbox.demo.scenes import build_settings
    from sandbox.monitored_systems import Breakage, SystemsProcess

    async with SystemsProcess.start(folder) as world:

        async def show(broken: str) -> None:
            await (world.break_(Breakage(broken)) if broken else world.heal())

        yield build_settings(world), show


@asynccontextmanager
async def _start_shop(folder: Path) -> AsyncIterator[tuple[Mapping[str, str], Show]]:
    from sandbox.monitored_systems.shop import ShopSystems

    async with ShopSystems.start(folder) as shop:

        async def show(broken: str) -> None:
            shop.broken = broken

        yield {**shop.environment, "TOCSIN_ADDRESSES": json.dumps(shop.addresses)}, show


TEAMS = {"api": _start_api, "shop": _start_shop}


def _name(scene: EvidenceScene) -> str:
    lacking = f", without {scene.lacking}" if scene.lacking else ""
    return f"{scene.kind}: {scene.broken or 'nothing'} is broken, {scene.playbook} is run{lacking}"


async def _play(scene: EvidenceScene, runbook: Runbook, settings: Mapping[str, str]) -> SceneOutcome:
    with _environment({name: value for name, value in settings.items() if name != scene.lacking}):
        executor = _build_executor(settings, scene.lacking)
        try:
            began = time.monotonic()
            results = await _look(executor, scene, runbook)
        finally:
            await executor.aclose()
    suspect = find_suspect(results)
    counts = Counter(str(result.verdict) for result in results)
    said = (
        suspect.name
        if suspect
        else ", ".join(f"{count} {verdict}" for verdict, count in sorted(counts.items()))
    )
    return SceneOutcome(scene, judge_scene(scene, results), time.monotonic() - began, said)


async def _look(executor: "InProcessExecutor", scene: EvidenceScene, runbook: Runbook) -> list[StepResult]:
    now = datetime.now(UTC)
    asked = DiagnosticRunRequest(0, 0, *_choose(scene, runbook), "")
    planned = await executor.plan(asked, runbook, now, now)
    results = [check.result for check in planned]
    places = [place for place, check in enumerate(planned) if check.question is not None]

    async def keep(place: int, finding: Finding) -> None:
        results[places[place]] = _record(results[places[place]], finding)

    await executor.ask([check.question for check in planned if check.question is not None], keep)
    return results


def _record(result: StepResult, finding: Finding) -> StepResult:
    return replace(result, verdict=finding.verdict.value, headline=finding.headline, suspect=finding.suspect)


def _choose(scene: EvidenceScene, runbook: Runbook) -> tuple[str, str]:
    """The scope of the run, and the playbook's id."""
    if scene.playbook == EVERYTHING:
        return ALL, ""
    title = scene.world.playbooks[scene.playbook]
    return WHOLE, next(playbook.id for playbook in runbook.playbooks if title in playbook.title.upper())


def _build_executor(settings: Mapping[str, str], lacking: str) -> "InProcessExecutor":
    """What asks the world, made as the bot's own process for it makes it."""
    from bot.settings import Settings
    from bot.settings.setting_lookup import find_monitored_value
    from diagnostics.engine.configuration_check import build_missing_check
    from diagnostics.engine.executor import InProcessExecutor
    from diagnostics.engine.registry import build_registry
    from diagnostics.engine.router import LazyDiagnostics
    from diagnostics.engine.runner import Runner

    given = {name: value for name, value in settings.items() if name != lacking}
    known = Settings.model_validate({"SLACK_BOT_TOKEN": "xoxb-none", "SLACK_APP_TOKEN": "xapp-none", **given})
    systems = LazyDiagnostics(build_missing_check(known), lambda: build_registry(known))
    return InProcessExecutor(Runner(lambda: datetime.now(UTC)), systems, find_monitored_value)


@contextmanager
def _environment(settings: Mapping[str, str]) -> Iterator[None]:
    """These in the environment and none of the caller's that lead elsewhere; afterwards as it was."""
    before = dict(os.environ)
    names = (
        "AWS",
        "PG",
        "REDIS",
        "SENTRY",
        "RAZORPAY",
        "GITHUB",
        "GITLAB",
        "GOOGLE",
        "TOCSIN",
        "GRAFANA",
        "KUBE",
    )
    try:
        for name in before:
            if name.startswith(names):
                del os.environ[name]
        os.environ.update(settings)
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


NAMED = ("first", "at all", "quiet", "unknown", "wrong")


def format_table(outcomes: Sequence[SceneOutcome]) -> str:
    """How many scenes of each kind ended how, and the seconds in the middle and at most."""
    kinds = list(dict.fromkeys(outcome.scene.kind for outcome in outcomes))
    lines = [
        f"{'scenes':<12} {'all':>4} "
        + " ".join(f"{name:>8}" for name in NAMED)
        + "   seconds, median and most"
    ]
    for kind in (*kinds, "all"):
        chosen = [outcome for outcome in outcomes if kind in (outcome.scene.kind, "all")]
        counts = Counter(outcome.named for outcome in chosen)
        took = sorted(outcome.seconds for outcome in chosen)
        figures = " ".join(f"{counts[name]:>8}" for name in NAMED)
        lines.append(f"{kind:<12} {len(chosen):>4} {figures}   {took[len(took) // 2]:.1f} {took[-1]:.1f}")
    return "\n".join(lines)


MEANING = """\
first: the one thing it points to is what is broken. at all: a failing or warning line tells of it, nothing is pointed
to. quiet: nothing is broken and nothing is called failing. unknown: it says that it does not know. wrong: it points to
something else, or calls a healthy world failing. misleading: a playbook is run that does not look where it is broken.
"""


async def report_scenes(say: Callable[[str], None]) -> int:
    """Play all scenes and print the table; 1 when anything wrong was named."""
    outcomes = await play_scenes(list_scenes(), say)
    say(f"\n{format_table(outcomes)}\n\n{MEANING}")
    return int(any(outcome.named == "wrong" for outcome in outcomes))
