"""What a remediation of each kind depends on changes between its proposal and its approval: then nothing is done."""

from collections.abc import Callable, Mapping
from itertools import islice

from sandbox.bench.environment import is_ended
from sandbox.bench.flags_and_banners import FLAG
from sandbox.bench.remediation_kills import list_rounds
from sandbox.bench.remediation_stage import SESSIONS, RemediationStage

AT_LEAST = 2
"""Rounds after which each kind has come: of those that end a session each round has one."""


async def try_changed_plans(scene: RemediationStage, rounds: int) -> tuple[int, list[str]]:
    """So many rounds of every kind. Gives how many remediations there were, and those that were not void."""
    tried, left = 0, []
    for kinds in islice(list_rounds({}), max(rounds, AT_LEAST)):
        tried += len(kinds)
        left += await _try_round(scene, kinds)
    return tried, left


async def _try_round(scene: RemediationStage, kinds: tuple[str, ...]) -> list[str]:
    first, first_count = len(scene.rows()) + 1, scene.count + 1
    places = range(first, first + len(kinds))
    await scene.propose(kinds)
    before = sum(scene.targets.acts.values())
    for place, kind in enumerate(kinds):
        CHANGES[kind](scene, first_count + place)
    await scene.approve(places)
    await scene.wait_until_over(places)
    left = [
        f"{row['kind']} {row['state']}: {row['why']}" for row in scene.rows(places) if row["state"] != "void"
    ]
    done = sum(scene.targets.acts.values()) - before + int(is_ended(scene.session))
    return [*left, *([f"{done} were carried out"] if done else [])]


def _deploy(scene: RemediationStage, number: int) -> None:
    """Somebody deploys another revision."""
    scene.targets.services.get(f"svc-{number}").revision += 1


def _fail_over(scene: RemediationStage, number: int) -> None:
    """Another instance writes by now."""
    scene.targets.clusters.fail_over(f"cl-{number}")


def _change_workflow(scene: RemediationStage, number: int) -> None:
    """Somebody pushes another version of the workflow's file."""
    scene.targets.workflow_commit = f"{number:012x}"


def _revert(scene: RemediationStage, number: int) -> None:
    """Somebody reverts it by hand."""
    scene.targets.pulls.revert({"id": f"PR_{number}", "body": "by hand"})


def _deploy_flags(scene: RemediationStage, number: int) -> None:
    """Somebody deploys the flags, though none stands otherwise."""
    place = scene.targets.switches.flags.find(f"app-{number}")
    assert place is not None
    place.deploy({FLAG: False})


def _publish(scene: RemediationStage, number: int) -> None:
    """Somebody publishes another parameter, which moves the ETag."""
    scene.targets.switches.banners.publish_elsewhere("min_version", str(number))


def _wake(scene: RemediationStage, number: int) -> None:
    """The idle session has work again."""
    scene.session.execute("begin")


def _let_go(scene: RemediationStage, number: int) -> None:
    """Who holds the lock ends their transaction by themselves."""
    scene.session.execute("rollback")


CHANGES: Mapping[str, Callable[[RemediationStage, int], None]] = {
    "rollback": _deploy,
    "scale": _deploy,
    "restart": _deploy,
    "failover": _fail_over,
    "workflow": _change_workflow,
    "revert": _revert,
    "switch": _deploy_flags,
    "banner": _publish,
    **dict(zip(SESSIONS, (_wake, _let_go), strict=True)),
}
"""What changes, by kind; the number is that of the target."""
