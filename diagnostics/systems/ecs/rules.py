"""Rules for ECS services: running against desired tasks, rollouts, and the events that mean trouble."""

from collections import Counter
from collections.abc import Sized
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.evidence import EvidenceTable
from bot.domain.finding import Finding, UnknownCause, Verdict, build_unknown_finding
from diagnostics.analysis.rule_table import Rule, always, judge
from diagnostics.systems.ecs.deployments import (
    describe,
    describe_change,
    describe_start,
    find_suspect,
    is_in_progress,
    is_its_deployment,
)
from diagnostics.systems.ecs.models import EcsDeployment, EcsServiceState, EcsSnapshot, TaskStop
from diagnostics.systems.ecs.service_events import (
    find_trouble,
    format_age,
    is_steady_again,
    list_failed_tasks,
)
from diagnostics.systems.ecs.stop_reasons import explain_stops, suggest_next_check

MAX_DEPLOYMENT_TIME = timedelta(minutes=30)
"""One that has not got through by then does not, when tasks are missing."""

MOST_EVENTS, MOST_REASONS, MOST_CHANGES, MOST_NAMED = 3, 3, 6, 3


@dataclass(frozen=True, slots=True)
class _View:
    """One service with all that was read beside it, at `now`, in the incident that began at `began`."""

    service: EcsServiceState
    seen: EcsSnapshot
    now: datetime
    began: datetime | None

    @property
    def count(self) -> str:
        return f"{self.service.name}: {self.service.running} of {self.service.desired} tasks running"

    @property
    def since(self) -> str:
        return describe_start(self.service.primary, self.began)

    @property
    def failures(self) -> list[EcsDeployment]:
        """Deployments that ECS has given up."""
        return [deployment for deployment in self.service.deployments if deployment.rollout == "FAILED"]

    @property
    def unstartable(self) -> list[EcsDeployment]:
        """Deployments whose tasks fail to start."""
        return [deployment for deployment in self.service.deployments if deployment.failed > 0]

    @property
    def trouble(self) -> list[tuple[datetime, str]]:
        return find_trouble(self.service, self.now)

    @property
    def is_over(self) -> bool:
        """Whether the service has been steady since the trouble."""
        return is_steady_again(self.service, self.now)

    @property
    def lacks(self) -> bool:
        """Whether tasks are missing though nothing is being deployed."""
        return self.service.running < self.service.desired and not is_in_progress(self.service)

    @property
    def lost_tasks(self) -> list[TaskStop]:
        return list_failed_tasks(self.service, self.seen, self.now)

    @property
    def is_rollout_long(self) -> bool:
        """Whether a deployment is in progress for longer than it may be."""
        began = self.service.primary.created_at if self.service.primary else None
        return is_in_progress(self.service) and began is not None and self.now - began > MAX_DEPLOYMENT_TIME


def _is_growing(service: EcsServiceState) -> bool:
    """Whether most of the tasks run and all that are missing are on their way, as when more have just been wanted."""
    return service.running + service.pending >= service.desired and 2 * service.running >= service.desired


def _failure(its: _View) -> str:
    failed = its.failures[0]
    why = f" ({failed.reason})" if failed.reason else ""
    return f"{its.count}; the deployment of {failed.task_definition} FAILED{why}.{its.since}"


def _failing_starts(its: _View) -> str:
    losing = its.unstartable[0]
    return f"{its.count}; {losing.failed} tasks of {losing.task_definition} failed to start.{its.since}"


def _long_rollout(its: _View) -> str:
    lasts = format_age(its.service.primary.created_at if its.service.primary else None, its.now)
    most = int(MAX_DEPLOYMENT_TIME.total_seconds() // 60)
    return f"{its.count}; a deployment has been in progress for {lasts} (limit {most} min).{its.since}"


def _trouble_before(its: _View) -> str:
    at, text = its.trouble[0]
    return f"{its.count} again; {format_age(at, its.now)} ago ECS said: {text}"


def _losses(its: _View) -> str:
    lost = its.lost_tasks
    some = f"{len(lost)} task{'s' * (len(lost) != 1)} failed"
    return f"{its.count}, but {some} in the last 30 min: {lost[0].reason.rstrip('.')}."


RULES: tuple[Rule[_View], ...] = (
    Rule(
        lambda its: its.service.status not in ("ACTIVE", ""),
        Verdict.BAD,
        lambda its: f"{its.count}, the service is {its.service.status}.",
    ),
    Rule(
        lambda its: its.service.desired > 0 and its.service.running == 0,
        Verdict.BAD,
        lambda its: f"{its.count}; nothing is serving.{its.since}",
    ),
    Rule(lambda its: its.failures, Verdict.BAD, _failure),
    Rule(lambda its: its.unstartable, Verdict.BAD, _failing_starts),
    Rule(
        lambda its: its.trouble and not its.is_over,
        Verdict.BAD,
        lambda its: f"{its.count}. ECS says: {its.trouble[0][1]}",
    ),
    Rule(
        lambda its: its.lacks and _is_growing(its.service) and not its.lost_tasks,
        Verdict.WARN,
        lambda its: f"{its.count}, {its.service.pending} more are being started.",
    ),
    Rule(
        lambda its: its.lacks,
        Verdict.BAD,
        lambda its: f"{its.count}, and no deployment is under way that would explain it.",
    ),
    Rule(
        lambda its: its.is_rollout_long and its.service.running < its.service.desired,
        Verdict.BAD,
        _long_rollout,
    ),
    Rule(lambda its: its.is_rollout_long, Verdict.WARN, _long_rollout),
    Rule(
        lambda its: is_in_progress(its.service),
        Verdict.WARN,
        lambda its: f"{its.count}; a deployment is in progress.{its.since}",
    ),
    Rule(
        lambda its: its.service.desired == 0 and any(other.desired for other in its.seen.services),
        Verdict.WARN,
        lambda its: f"{its.service.name}: desired count is 0.",
    ),
    Rule(
        lambda its: its.service.desired == 0,
        Verdict.BAD,
        lambda its: f"{its.service.name}: desired count is 0; nothing is serving.",
    ),
    Rule(lambda its: its.trouble, Verdict.WARN, _trouble_before),
    Rule(lambda its: its.since, Verdict.WARN, lambda its: f"{its.count}.{its.since}"),
    Rule(lambda its: its.lost_tasks, Verdict.WARN, _losses),
    Rule(
        lambda its: its.service.primary is None,
        Verdict.OK,
        lambda its: f"{its.count}; ECS tells of no deployment.",
    ),
    Rule(
        lambda its: its.service.primary is not None and its.service.primary.rollout == "COMPLETED",
        Verdict.OK,
        lambda its: f"{its.count}, the last deployment completed.",
    ),
    Rule(always, Verdict.OK, lambda its: f"{its.count}, nothing is being deployed."),
)
"""Of one service, the foremost reason first."""


def interpret(
    seen: EcsSnapshot, now: datetime, began: datetime | None = None, deployments: bool = False
) -> Finding:
    """The judgement of what was read at `now`; `began` is the start of the incident, if there is one. The headline is
    about the newest deployment where the step asks for `deployments` and that explains the verdict, else about the
    tasks; the verdict is the same."""
    if not seen.services:
        return _nothing(seen, now)
    views = [_View(service, seen, now, began) for service in seen.services]
    judged = [(*judge(RULES, view), view) for view in views]
    order = (Verdict.BAD, Verdict.WARN, Verdict.OK)
    verdict, said, worst = min(judged, key=lambda verdict_and_said: order.index(verdict_and_said[0]))
    said = _headline(verdict, said, worst, deployments)
    if seen.missing:
        verdict = verdict if verdict is Verdict.BAD else Verdict.WARN
        said = f"{said} Not there: {_join_names(seen.missing)}."
    return Finding(
        verdict,
        said,
        now,
        measure=_measure(seen, worst.service, deployments),
        table=_table(seen, now),
        marks=_marks(seen),
        next_look=suggest_next_check(verdict, seen),
        suspect=find_suspect(verdict, worst.service, seen, began),
    )


def _nothing(seen: EcsSnapshot, now: datetime) -> Finding:
    """None of the services that were asked for is there."""
    are = "are" if len(seen.missing) > 1 else "is"
    said = f"{_join_names(seen.missing) or 'the service'} {are} not there in the cluster {seen.cluster}."
    return build_unknown_finding(
        UnknownCause.NOT_FOUND, said, now, "Check the cluster, the service and the region."
    )


def _headline(verdict: Verdict, said: str, worst: _View, deployments: bool) -> str:
    """What is said of the worst service: about its deployment where that is asked for and explains the verdict."""
    primary = worst.service.primary
    if not deployments or primary is None:
        return said + explain_stops(worst.lost_tasks) if verdict is Verdict.BAD else said
    if is_its_deployment(verdict, worst.service, primary, worst.began):
        return describe(worst.service, primary, worst.seen, worst.now, worst.began)
    return said + describe_change(primary, worst.seen, worst.began)


def _measure(seen: EcsSnapshot, worst: EcsServiceState, deployments: bool) -> str:
    if deployments and worst.primary is not None:
        return f"{worst.primary.task_definition} {worst.primary.rollout}".strip()
    running = sum(service.running for service in seen.services)
    return f"{running}/{sum(service.desired for service in seen.services)}"


def _marks(seen: EcsSnapshot) -> tuple[tuple[datetime, str], ...]:
    return tuple(
        (deployment.created_at, f"{deployment.task_definition} deployed")
        for service in seen.services
        for deployment in service.deployments
        if deployment.created_at is not None
    )


def _join_names(names: tuple[str, ...]) -> str:
    """The first of them, and how many more."""
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more


def _table(seen: EcsSnapshot, now: datetime) -> EvidenceTable:
    rows, events = _list_deployment_rows(seen, now), _list_event_rows(seen, now)
    reasons = Counter(task.reason for task in seen.stopped if task.reason)
    stopped = [("stopped", f"{number}×", text, "", "") for text, number in reasons.most_common(MOST_REASONS)]
    changed = [("changed", "", text, "", "") for text in seen.changed]
    unread = [("not read", "", text, "", "") for text in seen.unread]
    left_out = _beyond(events, MOST_EVENTS) + _beyond(reasons, MOST_REASONS) + _beyond(changed, MOST_CHANGES)
    heads = ("service", "tasks", "what", "state", "age")
    shown = (*rows, *changed[:MOST_CHANGES], *events[:MOST_EVENTS], *stopped, *unread)
    return EvidenceTable(heads, shown, left_out)


def _list_deployment_rows(seen: EcsSnapshot, now: datetime) -> list[tuple[str, ...]]:
    """A row per deployment; a service without one has a row too."""
    return [
        _row(service, deployment, now)
        for service in seen.services
        for deployment in service.deployments or (None,)
    ]


def _list_event_rows(seen: EcsSnapshot, now: datetime) -> list[tuple[str, ...]]:
    return [
        ("event", "", text if len(seen.services) == 1 else f"{service.name}: {text}", "", format_age(at, now))
        for service in seen.services
        for at, text in find_trouble(service, now)
    ]


def _beyond(found: Sized, most: int) -> int:
    """How many of them are not shown."""
    return max(0, len(found) - most)


def _row(service: EcsServiceState, deployment: EcsDeployment | None, now: datetime) -> tuple[str, ...]:
    """One line of the table; a service without a deployment has one too."""
    tasks = f"{service.running}/{service.desired}" + (
        f" +{service.pending} pending" if service.pending else ""
    )
    if deployment is None:
        return (service.name, tasks, "", "", "")
    state = deployment.rollout or deployment.status
    return (service.name, tasks, deployment.task_definition, state, format_age(deployment.created_at, now))
