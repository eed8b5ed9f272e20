"""Rules for pods: not placed, without an image, crashing, out of memory, restarted, not ready."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.domain.finding import Verdict
from diagnostics.analysis.rule_table import Rule, always, judge
from diagnostics.systems.kubernetes.judgement import JudgedKind, Judgement, Moment
from diagnostics.systems.kubernetes.models import ContainerState, PodState

HEADS = ("POD", "READY", "STATUS", "RESTARTS", "AGE", "NODE")
NO_IMAGE = frozenset({"ImagePullBackOff", "ErrImagePull", "InvalidImageName", "ErrImageNeverPull"})
NO_START = frozenset(
    {"CreateContainerConfigError", "CreateContainerError", "RunContainerError", "PostStartHookError"}
)
STARTS = timedelta(minutes=2)
"""So long a pod may take to be placed and to become ready."""


@dataclass(frozen=True, slots=True)
class SeenPod:
    """One pod at a moment."""

    pod: PodState
    at: Moment

    @property
    def crashing(self) -> ContainerState | None:
        return self._waiting(frozenset({"CrashLoopBackOff"}))

    @property
    def imageless(self) -> ContainerState | None:
        return self._waiting(NO_IMAGE)

    @property
    def unstarted(self) -> ContainerState | None:
        return self._waiting(NO_START)

    def _waiting(self, reasons: frozenset[str]) -> ContainerState | None:
        return next((container for container in self.pod.containers if container.waiting in reasons), None)

    @property
    def ended_lately(self) -> ContainerState | None:
        """The container that was restarted last, when that is of this incident; one out of memory before others."""
        lately = [
            container
            for container in self.pod.containers
            if container.restarts and self.at.is_recent(container.ended_at)
        ]
        return min(lately, key=lambda container: container.ended != "OOMKilled", default=None)

    @property
    def is_young(self) -> bool:
        return self.pod.created is not None and self.at.now - self.pod.created < STARTS

    @property
    def is_unready(self) -> bool:
        return self.pod.ready < len(self.pod.containers) or not self.pod.containers


def judge_pods(pods: Sequence[PodState], at: Moment) -> JudgedKind:
    """Each pod, and all together: when none that should be is ready, each that is not is bad."""
    judged = [_judge_pod(pod, at) for pod in pods]
    serving = [pod for pod in pods if pod.phase != "Succeeded" and pod.owner != "Job"]
    if serving and not any(pod.ready for pod in serving):
        judged = [
            replace(judgement, verdict=Verdict.BAD) if judgement.verdict is Verdict.WARN else judgement
            for judgement in judged
        ]
    return JudgedKind("pods", HEADS, tuple(judged), "are ready")


def _judge_pod(pod: PodState, at: Moment) -> Judgement:
    seen = SeenPod(pod, at)
    verdict, said = judge(RULES, seen)
    row = (
        pod.name,
        f"{pod.ready}/{len(pod.containers)}",
        _status(seen),
        str(pod.restarts),
        at.age(pod.created),
        pod.node or "-",
    )
    return Judgement(verdict, pod.name, said, row)


def _status(seen: SeenPod) -> str:
    """As kubectl writes it: the reason why a container waits, else the phase."""
    waiting = next((container.waiting for container in seen.pod.containers if container.waiting), "")
    return waiting or seen.pod.reason or seen.pod.phase


def _end(container: ContainerState) -> str:
    """How a container ended: `OOMKilled`, `exit code 1`."""
    if container.ended and container.ended not in ("Error", "Completed"):
        return container.ended
    return f"exit code {container.code}" if container.code is not None else "unknown reason"


def _count(pod: PodState) -> str:
    return f"{pod.restarts} {'restart' if pod.restarts == 1 else 'restarts'}"


def _say_crashing(seen: SeenPod) -> str:
    assert seen.crashing is not None
    memory = "runs out of memory and " if seen.crashing.ended == "OOMKilled" else ""
    return f"{memory}crashes again and again (CrashLoopBackOff, {_end(seen.crashing)}, {_count(seen.pod)})"


def _say_imageless(seen: SeenPod) -> str:
    assert seen.imageless is not None
    return f"cannot get the image of {seen.imageless.name} ({seen.imageless.waiting})"


def _say_unstarted(seen: SeenPod) -> str:
    assert seen.unstarted is not None
    return f"cannot start {seen.unstarted.name} ({seen.unstarted.waiting})"


def _say_ended(seen: SeenPod) -> str:
    found = seen.ended_lately
    assert found is not None and found.ended_at is not None
    what = "ran out of memory" if found.ended == "OOMKilled" else "was restarted"
    return f"{what} {seen.at.age(found.ended_at)} ago ({_end(found)}, {_count(seen.pod)})"


def _say_failed(seen: SeenPod) -> str:
    why = f": {seen.pod.why}" if seen.pod.why else ""
    return f"has failed ({seen.pod.reason or 'Failed'}{why})"


def _say_unplaced(seen: SeenPod) -> str:
    return f"is on no node since {seen.at.age(seen.pod.created)}: {(seen.pod.why or seen.pod.reason).rstrip('.')}"


def _is_unplaced(seen: SeenPod) -> bool:
    return seen.pod.phase == "Pending" and seen.pod.reason in ("Unschedulable", "SchedulingGated")


RULES: tuple[Rule[SeenPod], ...] = (
    Rule(lambda seen: seen.pod.phase == "Succeeded", Verdict.OK, lambda _: "has completed"),
    Rule(
        lambda seen: seen.pod.reason == "Evicted", Verdict.WARN, lambda seen: f"was evicted: {seen.pod.why}"
    ),
    Rule(lambda seen: seen.pod.phase == "Failed", Verdict.BAD, _say_failed),
    Rule(lambda seen: seen.crashing, Verdict.BAD, _say_crashing),
    Rule(lambda seen: seen.imageless, Verdict.BAD, _say_imageless),
    Rule(lambda seen: seen.unstarted, Verdict.BAD, _say_unstarted),
    Rule(lambda seen: _is_unplaced(seen) and not seen.is_young, Verdict.BAD, _say_unplaced),
    Rule(_is_unplaced, Verdict.WARN, _say_unplaced),
    Rule(lambda seen: seen.ended_lately and seen.ended_lately.ended == "OOMKilled", Verdict.BAD, _say_ended),
    Rule(lambda seen: seen.ended_lately, Verdict.WARN, _say_ended),
    Rule(lambda seen: seen.is_unready and seen.is_young, Verdict.WARN, lambda _: "is starting"),
    Rule(
        lambda seen: seen.is_unready,
        Verdict.WARN,
        lambda seen: f"is not ready ({seen.pod.ready} of {len(seen.pod.containers)} containers)",
    ),
    Rule(always, Verdict.OK, lambda seen: f"is ready ({_count(seen.pod)})"),
)
