"""`./tocsin bench evidence`: what counts as named, and how many scenes there are."""

from collections import Counter
from datetime import UTC, datetime

import pytest

from bot.cli.evidence_scenes import (
    NAMED,
    EvidenceScene,
    SceneOutcome,
    format_table,
    judge_scene,
    list_scenes,
    play_scenes,
)
from bot.cli.evidence_worlds import EVERYTHING, SHOP, WORLDS
from bot.domain.diagnostic_run import StepResult, Suspect
from bot.runbook import parse_runbook
from sandbox.monitored_systems import Breakage
from sandbox.monitored_systems.shop import BREAKAGES

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
    for team, breakages in (("api", [each.value for each in Breakage]), ("shop", BREAKAGES)):
        world = WORLDS[team]
        own = [scene for scene in scenes if scene.team == team]
        assert {scene.kind for scene in own} == {"broken", "healthy", "misleading", "half blind"}
        assert set(world.truths) == set(world.lacking) == set(breakages)
        titles = [playbook.title.upper() for playbook in parse_runbook(world.runbook.read_text()).playbooks]
        assert all(any(words in title for title in titles) for words in world.playbooks.values())
    assert EvidenceScene("payments", EVERYTHING).kind == "broken"
    assert EvidenceScene("payments", "crashes").kind == "misleading"
    assert EvidenceScene("latency", "kubernetes", team="shop").kind == "misleading"


@pytest.mark.parametrize("system", sorted(SHOP.playbooks))
def test_each_system_of_the_second_team_has_scenes_of_each_kind(system: str) -> None:
    scenes = [scene for scene in list_scenes() if scene.team == "shop" and scene.playbook == system]
    kinds = Counter(scene.kind for scene in scenes)
    # Most of what this team breaks is seen in the cluster, so few of its scenes mislead.
    assert kinds["broken"] >= 2 and kinds["misleading"] >= 1 and kinds["healthy"] == 1, kinds


async def test_a_lost_node_is_told_and_a_deployment_to_staging_that_failed_is_no_cause() -> None:
    """What the second team's servers answer is understood; nothing is pointed to that is not broken."""
    lines: list[str] = []
    scenes = [
        EvidenceScene("rollout", "kubernetes", team="shop"),
        EvidenceScene("node", EVERYTHING, team="shop"),
        EvidenceScene("latency", "grafana", team="shop"),
        EvidenceScene("error rate", "prometheus", team="shop"),
        EvidenceScene("", EVERYTHING, team="shop"),
    ]
    outcomes = await play_scenes(scenes, lines.append)
    assert [outcome.named for outcome in outcomes] == ["first", "at all", "at all", "at all", "quiet"], lines


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
