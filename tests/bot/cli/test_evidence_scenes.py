"""`./tocsin bench evidence`: what counts as named, and how many scenes there are."""

from datetime import UTC, datetime

import pytest

from bot.cli.evidence_scenes import (
    EVERYTHING,
    LACKING,
    NAMED,
    PLAYBOOKS,
    TRUTHS,
    EvidenceScene,
    SceneOutcome,
    format_table,
    judge_scene,
    list_scenes,
)
from bot.domain.diagnostic_run import StepResult, Suspect
from bot.runbook import parse_runbook
from sandbox.monitored_systems import Breakage
from tests.desks import RUNBOOK

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def result(verdict: str, headline: str = "", suspect: Suspect | None = None, line: int = 1) -> StepResult:
    return StepResult(
        line, "p", line, "", str(line), "diagnostic", "x", verdict=verdict, headline=headline, suspect=suspect
    )


GUILTY = Suspect("deployment", "rodistaa-backend-prod:42", at=NOW)
INNOCENT = Suspect("vendor", "Razorpay")
BROKEN = EvidenceScene("deployment", "deployment")
HEALTHY = EvidenceScene("", "deployment")


@pytest.mark.parametrize(
    ("scene", "results", "named"),
    [
        (BROKEN, [result("bad", suspect=GUILTY)], "first"),
        (BROKEN, [result("bad", suspect=INNOCENT)], "wrong"),
        (BROKEN, [result("bad", suspect=GUILTY), result("bad", suspect=INNOCENT, line=2)], "unknown"),
        (BROKEN, [result("bad", "rodistaa-backend-prod:42 was deployed")], "at all"),
        (BROKEN, [result("ok", "rodistaa-backend-prod:42 was deployed")], "unknown"),
        (BROKEN, [result("unknown")], "unknown"),
        (BROKEN, [result("bad", suspect=Suspect("release", "rodistaa-backend-prod:42"))], "wrong"),
        (HEALTHY, [result("ok")], "quiet"),
        (HEALTHY, [result("ok"), result("warn", line=2)], "quiet"),
        (HEALTHY, [result("ok"), result("bad", line=2)], "wrong"),
        (HEALTHY, [result("unknown")], "unknown"),
        (HEALTHY, [], "unknown"),
    ],
)
def test_what_counts_as_named(scene: EvidenceScene, results: list[StepResult], named: str) -> None:
    assert judge_scene(scene, results) == named


def test_there_are_at_least_fifty_scenes_and_each_kind_is_among_them() -> None:
    scenes = list_scenes()
    assert len(scenes) == len(set(scenes)) >= 50
    assert {scene.kind for scene in scenes} == {"broken", "healthy", "misleading", "half blind"}
    assert set(PLAYBOOKS) == set(TRUTHS) == set(LACKING) == {each.value for each in Breakage}
    titles = [playbook.title.upper() for playbook in parse_runbook(RUNBOOK).playbooks]
    assert all(any(words in title for title in titles) for words in PLAYBOOKS.values())
    assert EvidenceScene("payments", EVERYTHING).kind == "broken"
    assert EvidenceScene("payments", "crashes").kind == "misleading"


def test_the_table_counts_each_scene_once() -> None:
    outcomes = [
        SceneOutcome(BROKEN, "first", 1.0, ""),
        SceneOutcome(BROKEN, "wrong", 3.0, ""),
        SceneOutcome(HEALTHY, "quiet", 0.5, ""),
    ]
    rows = {line[:12].strip(): line[12:].split() for line in format_table(outcomes).splitlines()}
    assert rows["broken"] == ["2", "1", "0", "0", "0", "1", "3.0", "3.0"]
    assert rows["healthy"] == ["1", "0", "0", "1", "0", "0", "0.5", "0.5"]
    assert rows["all"][: 1 + len(NAMED)] == ["3", "1", "0", "1", "0", "1"]
