"""How often the diagnostics name what is really wrong: scenes of the sandbox's world, each with what is right.

What is right is written here, by what the world breaks, and not by what was found. A scene is what is broken, which
playbook somebody runs (the right one, or a misleading one), and which key Tocsin lacks.
"""

import json
import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bot.cli.checkout_path import ROOT
from bot.domain.diagnosis import find_suspect
from bot.domain.diagnostic_run import ALL, WHOLE, DiagnosticRunRequest, StepResult, Suspect
from bot.domain.finding import Finding
from bot.runbook import Runbook, classify_steps, parse_runbook

if TYPE_CHECKING:
    from diagnostics.engine.executor import InProcessExecutor
    from sandbox.monitored_systems import SystemsProcess

HEALTHY = ""


@dataclass(frozen=True, slots=True)
class Truth:
    """What is broken. `kind` and `names` are of the suspect, both empty where no single one is (a cache that is full
    shows as slow answers); one of `words` stands in a finding that has seen it. `seen_by` are the playbooks that look
    there."""

    kind: str
    names: tuple[str, ...]
    words: tuple[str, ...]
    seen_by: frozenset[str]


PLAYBOOKS = {
    "deployment": "API COMPLETELY DOWN",
    "database": "DATABASE UNAVAILABLE",
    "payments": "PAYMENT GATEWAY FAILING",
    "errors": "HIGH ERROR RATE",
    "crashes": "MOBILE APP CRASHES",
    "slow": "SLOW API RESPONSES",
}
"""By what the world can break: words of the title of the playbook that is for it."""

BACKEND = ("rodistaa-backend-prod:42", "v2.15.0")
"""The same deployment, as ECS and as GitHub name it."""

TRUTHS = {
    "deployment": Truth("deployment", BACKEND, (*BACKEND, "Cannot find module"), frozenset({"deployment"})),
    "database": Truth(
        "connections",
        ("connections",),
        ("connections are in use", "Connections of"),
        frozenset({"database", "deployment"}),
    ),
    "payments": Truth("vendor", ("Razorpay",), ("Razorpay", "razorpay"), frozenset({"payments"})),
    "errors": Truth(
        "deployment", BACKEND, (*BACKEND, "Cannot read properties"), frozenset({"errors", "deployment"})
    ),
    "crashes": Truth("release", ("5.3.0",), ("5.3.0",), frozenset({"crashes"})),
    "slow": Truth("", (), ("evicted", "trucks"), frozenset({"slow"})),
}
"""What the world really does; see sandbox/monitored_systems."""

LACKING = {
    "deployment": "AWS_ACCESS_KEY_ID",
    "database": "PGHOST",
    "payments": "RAZORPAY_KEY_ID",
    "errors": "SENTRY_AUTH_TOKEN",
    "crashes": "GOOGLE_OAUTH_ACCESS_TOKEN",
    "slow": "REDIS_HOST",
}
"""The key without which the source that knows most is not asked."""

EVERYTHING = "everything"
"""The cheap checks of all playbooks, as when nobody says which one fits."""


@dataclass(frozen=True, slots=True)
class EvidenceScene:
    """What is `broken` (HEALTHY: nothing), the playbook that is run, and the setting that is missing."""

    broken: str
    playbook: str
    lacking: str = ""

    @property
    def kind(self) -> str:
        """`broken`, `healthy`, `misleading` (another playbook is run than the one that looks there) or `half blind`."""
        if self.broken == HEALTHY:
            return "healthy"
        if self.lacking:
            return "half blind"
        return "broken" if self.playbook in {*TRUTHS[self.broken].seen_by, EVERYTHING} else "misleading"


@dataclass(frozen=True, slots=True)
class SceneOutcome:
    """`named` is first, at all, unknown, wrong, or quiet (a healthy world that was called healthy)."""

    scene: EvidenceScene
    named: str
    seconds: float
    said: str


def list_scenes() -> list[EvidenceScene]:
    """Every world under every playbook and under none; each broken one with a key missing."""
    places = [*PLAYBOOKS, EVERYTHING]
    crossed = [EvidenceScene(world, place) for world in (HEALTHY, *PLAYBOOKS) for place in places]
    return [*crossed, *(EvidenceScene(world, world, key) for world, key in LACKING.items())]


def judge_scene(scene: EvidenceScene, results: Collection[StepResult]) -> str:
    """What the results are worth; see SceneOutcome.

    A playbook that does not look where it is broken may say nothing; it must not name another cause.
    """
    suspect = find_suspect(results)
    if scene.broken == HEALTHY:
        if suspect is not None or any(result.verdict == "bad" for result in results):
            return "wrong"
        return "quiet" if any(result.verdict == "ok" for result in results) else "unknown"
    truth = TRUTHS[scene.broken]
    if suspect is not None:
        return "first" if is_it(truth, suspect) else "wrong"
    told = [result.headline for result in results if result.verdict in ("bad", "warn")]
    return "at all" if any(word in line for line in told for word in truth.words) else "unknown"


def is_it(truth: Truth, suspect: Suspect) -> bool:
    """Whether the suspect is what is broken."""
    return truth.kind == suspect.kind and any(name.lower() in suspect.name.lower() for name in truth.names)


async def play_scenes(scenes: Sequence[EvidenceScene], say: Callable[[str], None]) -> list[SceneOutcome]:
    """Break the sandbox's world scene by scene and look, as the bot does when an incident is declared."""
    from sandbox.demo.scenes import build_settings
    from sandbox.monitored_systems import Breakage, SystemsProcess

    runbook = classify_steps(parse_runbook((ROOT / "templates" / "runbook.md").read_text(encoding="utf-8")))
    outcomes = []
    with tempfile.TemporaryDirectory() as folder:
        async with SystemsProcess.start(Path(folder)) as world:
            settings = build_settings(world)
            for scene in scenes:
                await (world.break_(Breakage(scene.broken)) if scene.broken else world.heal())
                outcome = await _play(scene, runbook, settings, world)
                outcomes.append(outcome)
                say(f"{outcome.named:<8} {outcome.seconds:5.1f} s  {_name(scene):<60} {outcome.said}")
    return outcomes


def _name(scene: EvidenceScene) -> str:
    lacking = f", without {scene.lacking}" if scene.lacking else ""
    return f"{scene.kind}: {scene.broken or 'nothing'} is broken, {scene.playbook} is run{lacking}"


async def _play(
    scene: EvidenceScene, runbook: Runbook, settings: Mapping[str, str], world: "SystemsProcess"
) -> SceneOutcome:
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
    title = PLAYBOOKS[scene.playbook]
    return WHOLE, next(playbook.id for playbook in runbook.playbooks if title in playbook.title.upper())


def _build_executor(settings: Mapping[str, str], lacking: str) -> "InProcessExecutor":
    """What asks the world, made as the bot's own process for it makes it."""
    from bot.settings import Settings, find_monitored_value
    from diagnostics.engine.configuration_check import build_missing_check
    from diagnostics.engine.executor import InProcessExecutor
    from diagnostics.engine.registry import build_registry
    from diagnostics.engine.router import LazyDiagnostics
    from diagnostics.engine.runner import Runner

    given = {name: value for name, value in settings.items() if name != lacking}
    known = Settings.model_validate(
        {"SLACK_BOT_TOKEN": "xoxb-none", "SLACK_APP_TOKEN": "xapp-none", **_parse_addresses(given)}
    )
    systems = LazyDiagnostics(build_missing_check(known), lambda: build_registry(known))
    return InProcessExecutor(Runner(lambda: datetime.now(UTC)), systems, find_monitored_value)


def _parse_addresses(settings: Mapping[str, str]) -> dict[str, object]:
    """The settings with those in JSON read."""
    return {
        name: json.loads(value) if name == "TOCSIN_ADDRESSES" else value for name, value in settings.items()
    }


@contextmanager
def _environment(settings: Mapping[str, str]) -> Iterator[None]:
    """These in the environment and none of the caller's that lead elsewhere; afterwards as it was."""
    before = dict(os.environ)
    elsewhere = ("AWS_", "PG", "REDIS_", "SENTRY_", "RAZORPAY_", "GITHUB_", "GITLAB_", "GOOGLE_", "TOCSIN_")
    try:
        for name in before:
            if name.startswith(elsewhere):
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
