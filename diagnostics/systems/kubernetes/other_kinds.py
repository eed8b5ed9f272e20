"""Rules for nodes, events, services, autoscalers and jobs."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.domain.finding import Verdict
from diagnostics.clients.response_parsing import clean_line
from diagnostics.systems.kubernetes.judgement import JudgedKind, Judgement, Moment
from diagnostics.systems.kubernetes.models import EventNote, NodeState

NODES = ("NODE", "READY", "PRESSURE", "TAKES PODS")
EVENTS = ("OBJECT", "REASON", "COUNT", "LAST", "MESSAGE")
SERVICES = ("SERVICE", "TYPE", "READY", "NOT READY")
AUTOSCALERS = ("AUTOSCALER", "PODS", "WANTED", "MOST")
JOBS = ("JOB", "ACTIVE", "SUCCEEDED", "FAILED")

GRAVE = frozenset(
    {
        *(
            "OOMKilling",
            "SystemOOM",
            "FailedScheduling",
            "BackOff",
            "FailedCreate",
            "Evicted",
            "NodeNotReady",
        ),
        *("FailedMount", "FailedAttachVolume", "Failed", "FreeDiskSpaceFailed"),
    }
)
"""Warnings that tell of something that does not run; others (`Unhealthy`) may pass by themselves."""


def judge_nodes(nodes: Sequence[NodeState], at: Moment) -> JudgedKind:
    """A node that is not ready or under pressure is bad, one that takes no more pods a warning."""
    return JudgedKind("nodes", NODES, tuple(map(_judge_node, nodes)), "are ready and under no pressure")


def _judge_node(node: NodeState) -> Judgement:
    row = (
        node.name,
        node.unready or "yes",
        ", ".join(node.pressure) or "-",
        "no" if node.cordoned else "yes",
    )
    if node.unready:
        return Judgement(Verdict.BAD, node.name, f"is not ready ({node.unready})", row)
    if node.pressure:
        return Judgement(Verdict.BAD, node.name, f"reports {', '.join(node.pressure)}", row)
    if node.cordoned:
        return Judgement(Verdict.WARN, node.name, "takes no new pods (cordoned)", row)
    return Judgement(Verdict.OK, node.name, "is ready and under no pressure", row)


def judge_events(events: Sequence[EventNote], at: Moment) -> JudgedKind:
    """The warnings of the incident and the hour before, equal ones of an object as one; older ones tell nothing."""
    found: dict[tuple[str, str], EventNote] = {}
    for event in sorted(events, key=lambda event: str(event.last)):
        if event.warning and at.is_recent(event.last):
            found[event.about, event.reason] = event
    judged = [_judge_event(event, at) for event in sorted(found.values(), key=lambda event: -event.count)]
    if judged:
        return JudgedKind("kinds of warning events", EVENTS, tuple(judged))
    quiet = Judgement(Verdict.OK, "Kubernetes", "tells of no warning event of the last hour", ())
    return JudgedKind("events", (), (quiet,))


def _judge_event(event: EventNote, at: Moment) -> Judgement:
    verdict = Verdict.BAD if event.reason in GRAVE else Verdict.WARN
    row = (event.about, event.reason, str(event.count), f"{at.age(event.last)} ago", event.message)
    times = "once" if event.count == 1 else f"{event.count} times"
    said = f"{event.reason} {times}, last {at.age(event.last)} ago: {event.message}"
    return Judgement(verdict, event.about, said, row)


def judge_services(services: Sequence[Any], endpoints: Sequence[Any], at: Moment) -> JudgedKind:
    """A service that selects pods and has no ready one behind it is bad."""
    behind = {endpoint.metadata.name: _count_addresses(endpoint) for endpoint in endpoints}
    return JudgedKind(
        "services",
        SERVICES,
        tuple(_judge_service(service, behind) for service in services),
        "have a ready pod",
    )


def _judge_service(service: Any, behind: Mapping[str, tuple[int, int]]) -> Judgement:
    name, kind = service.metadata.name, (service.spec and service.spec.type) or "ClusterIP"
    if not (service.spec and service.spec.selector):
        return Judgement(Verdict.OK, name, "selects no pods", (name, kind, "-", "-"))
    ready, unready = behind.get(name, (0, 0))
    row = (name, kind, str(ready), str(unready))
    if not ready:
        return Judgement(Verdict.BAD, name, f"has no ready pod behind it ({unready} not ready)", row)
    return Judgement(Verdict.OK, name, f"has {ready} ready addresses", row)


def _count_addresses(endpoints: Any) -> tuple[int, int]:
    subsets = endpoints.subsets or ()
    return (
        sum(len(subset.addresses or ()) for subset in subsets),
        sum(len(subset.notReadyAddresses or ()) for subset in subsets),
    )


def judge_endpoints(endpoints: Sequence[Any], at: Moment) -> JudgedKind:
    """Endpoints without a ready address."""
    judged = []
    for endpoint in endpoints:
        ready, unready = _count_addresses(endpoint)
        verdict = Verdict.OK if ready else Verdict.BAD
        said = f"has {ready} ready and {unready} unready addresses"
        judged.append(
            Judgement(
                verdict, endpoint.metadata.name, said, (endpoint.metadata.name, "-", str(ready), str(unready))
            )
        )
    return JudgedKind("endpoints", SERVICES, tuple(judged), "have a ready address")


def judge_autoscalers(scalers: Sequence[Any], at: Moment) -> JudgedKind:
    """At its most, or unable to count or to scale: a warning."""
    return JudgedKind("autoscalers", AUTOSCALERS, tuple(map(_judge_autoscaler, scalers)), "have room")


def _judge_autoscaler(scaler: Any) -> Judgement:
    status, name, most = scaler.status, scaler.metadata.name, scaler.spec.maxReplicas
    now, wanted = (status and status.currentReplicas) or 0, (status and status.desiredReplicas) or 0
    row = (name, str(now), str(wanted), str(most))
    stuck = next(
        (condition for condition in (status and status.conditions) or () if _is_stuck(condition)), None
    )
    if stuck is not None:
        return Judgement(Verdict.WARN, name, f"does not scale ({clean_line(stuck.reason)})", row)
    if now >= most:
        return Judgement(Verdict.WARN, name, f"is at its most, {now} of {most} pods", row)
    return Judgement(Verdict.OK, name, f"has {now} of at most {most} pods", row)


def _is_stuck(condition: Any) -> bool:
    return (
        condition.type in ("AbleToScale", "ScalingActive")
        and condition.status == "False"
        and (condition.reason != "ScalingDisabled")
    )


def judge_jobs(jobs: Sequence[Any], at: Moment) -> JudgedKind:
    """A job that has failed for good is bad, one of whose pods failed a warning."""
    return JudgedKind("jobs", JOBS, tuple(map(_judge_job, jobs)), "have run or run")


def _judge_job(job: Any) -> Judgement:
    status, name = job.status, job.metadata.name
    active, done, failed = (
        (getattr(status, count, None) or 0) for count in ("active", "succeeded", "failed")
    )
    row = (name, str(active), str(done), str(failed))
    over = next(
        (condition for condition in (status and status.conditions) or () if condition.type == "Failed"), None
    )
    if over is not None and over.status == "True":
        return Judgement(Verdict.BAD, name, f"has failed ({clean_line(over.reason)})", row)
    if failed and not done:
        return Judgement(Verdict.WARN, name, f"had {failed} failed pods", row)
    return Judgement(Verdict.OK, name, f"has {done} succeeded and {active} active pods", row)
