"""How ECS services look: do as many tasks run as are wanted, does a deployment get through, what does ECS say of it."""

from collections import Counter
from datetime import datetime, timedelta

from diagnostics.ecs.seen import Deployment, Service, Snapshot, Stopped
from diagnostics.finding import Cause, Finding, Table, Verdict, unknown

TROUBLE = (
    "unable to place",
    "unable to consistently start",
    "failed to launch",
    "failed container health checks",
    "deployment failed",
    "is unhealthy",
)
"""Words of ECS's own events that mean trouble."""

STEADY = "has reached a steady state"
"""Words of the event that says that the trouble before it is over."""

LATELY = timedelta(minutes=30)
"""Older events and stopped tasks tell of something that is over."""

LONGEST_DEPLOYMENT = timedelta(minutes=30)
"""One that has not got through by then does not, when tasks are missing."""

SUSPECT = timedelta(hours=1)
"""A deployment that began so long before the incident or later may be its cause."""

MOST_EVENTS, MOST_REASONS, MOST_CHANGES, MOST_NAMED = 3, 3, 6, 3


def interpret(
    seen: Snapshot, now: datetime, began: datetime | None = None, deployments: bool = False
) -> Finding:
    """The judgement of what was read at `now`; `began` is the start of the incident, if there is one. The headline is
    about the newest deployment where the step asks for `deployments` and that explains the verdict, else about the
    tasks; the verdict is the same."""
    if not seen.services:
        are = "are" if len(seen.missing) > 1 else "is"
        said = f"{_named(seen.missing) or 'the service'} {are} not there in the cluster {seen.cluster}."
        return unknown(
            Cause.NOT_FOUND, said, now, "Look at the names of cluster and service, and at the region."
        )
    judged = [(*_judged(each, seen, now, began), each) for each in seen.services]
    order = (Verdict.BAD, Verdict.WARN, Verdict.OK)
    verdict, said, worst = min(judged, key=lambda each: order.index(each[0]))
    measure = f"{sum(each.running for each in seen.services)}/{sum(each.desired for each in seen.services)}"
    if deployments and worst.primary is not None:
        if _is_its_deployment(verdict, worst, worst.primary, began):
            said = _about(worst, worst.primary, seen, now, began)
        measure = f"{worst.primary.task_definition} {worst.primary.rollout}".strip()
    if seen.missing:
        verdict = verdict if verdict is Verdict.BAD else Verdict.WARN
        said = f"{said} Not there: {_named(seen.missing)}."
    marks = tuple(
        (each.created_at, f"{each.task_definition} deployed")
        for service in seen.services
        for each in service.deployments
        if each.created_at is not None
    )
    return Finding(
        verdict,
        said,
        now,
        measure=measure,
        table=_table(seen, now),
        marks=marks,
        next_look=_next(verdict, seen),
    )


def _judged(service: Service, seen: Snapshot, now: datetime, began: datetime | None) -> tuple[Verdict, str]:
    counted = f"{service.name}: {service.running} of {service.desired} tasks run"
    in_progress = _in_progress(service)
    failed = next((each for each in service.deployments if each.rollout == "FAILED"), None)
    losing = next((each for each in service.deployments if each.failed > 0), None)
    since = _since(service.primary, began)
    over, trouble = _trouble(service, now)
    if service.status not in ("ACTIVE", ""):
        return Verdict.BAD, f"{counted}, the service is {service.status}."
    if service.desired > 0 and service.running == 0:
        return Verdict.BAD, f"{counted}: nothing serves.{since}"
    if failed is not None:
        why = f" ({failed.reason})" if failed.reason else ""
        return Verdict.BAD, f"{counted}; the deployment of {failed.task_definition} FAILED{why}.{since}"
    if losing is not None:
        return (
            Verdict.BAD,
            f"{counted}; {losing.failed} tasks of {losing.task_definition} failed to start.{since}",
        )
    if trouble and not over:
        return Verdict.BAD, f"{counted}. ECS says: {trouble[0][1]}"
    if service.running < service.desired and not in_progress:
        if _is_growing(service) and not _lost(service, seen, now):
            return Verdict.WARN, f"{counted}, {service.pending} more are being started."
        return Verdict.BAD, f"{counted}, and no deployment is under way that would explain it."
    if in_progress:
        return _under_way(service, counted, since, now)
    if service.desired == 0:
        return Verdict.WARN, f"{service.name}: no task is wanted (desired 0)."
    if trouble:
        return Verdict.WARN, f"{counted} again; {_age(trouble[0][0], now)} ago ECS said: {trouble[0][1]}"
    if since:
        return Verdict.WARN, f"{counted}.{since}"
    if lost := _lost(service, seen, now):
        some = f"{len(lost)} task{'s' * (len(lost) != 1)} failed"
        return Verdict.WARN, f"{counted}, but {some} in the last 30 min: {lost[0].reason.rstrip('.')}."
    primary = service.primary
    if primary is None:
        return Verdict.OK, f"{counted}; ECS tells of no deployment."
    through = (
        "the last deployment is through" if primary.rollout == "COMPLETED" else "nothing is being deployed"
    )
    return Verdict.OK, f"{counted}, {through}."


def _named(names: tuple[str, ...]) -> str:
    """The first of them, and how many more."""
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more


def _lost(service: Service, seen: Snapshot, now: datetime) -> list[Stopped]:
    """Its tasks that failed lately."""
    return [
        each
        for each in seen.stopped
        if each.failed and _is_late(each.at, now) and each.service in (service.name, "")
    ]


def _is_growing(service: Service) -> bool:
    """Whether most of the tasks run and all that are missing are on their way, as when more have just been wanted."""
    return service.running + service.pending >= service.desired and 2 * service.running >= service.desired


def _under_way(service: Service, counted: str, since: str, now: datetime) -> tuple[Verdict, str]:
    """A deployment that is in progress, and for how long when that is too long."""
    began = service.primary.created_at if service.primary else None
    if began is None or now - began <= LONGEST_DEPLOYMENT:
        return Verdict.WARN, f"{counted}; a deployment is in progress.{since}"
    verdict = Verdict.BAD if service.running < service.desired else Verdict.WARN
    most = int(LONGEST_DEPLOYMENT.total_seconds() // 60)
    lasts = f"a deployment has been in progress for {_age(began, now)} (limit {most} min)"
    return verdict, f"{counted}; {lasts}.{since}"


def _in_progress(service: Service) -> bool:
    """Where ECS tells no state of a rollout, two deployments at once are one."""
    live = [each for each in service.deployments if each.status != "INACTIVE"]
    return any(each.rollout == "IN_PROGRESS" for each in live) or (
        len(live) > 1 and all(not each.rollout for each in live)
    )


def _since(primary: Deployment | None, began: datetime | None) -> str:
    """A sentence when the newest deployment began shortly before the incident, or after it."""
    when = _against(primary, began)
    return f" {primary.task_definition} was deployed {when}." if primary and when else ""


def _against(primary: Deployment | None, began: datetime | None) -> str:
    if primary is None or primary.created_at is None or began is None:
        return ""
    before = began - primary.created_at
    if before > SUSPECT:
        return ""
    minutes = round(abs(before.total_seconds()) / 60)
    return f"{minutes} min {'before' if before > timedelta(0) else 'after'} the incident began"


def _is_its_deployment(
    verdict: Verdict, service: Service, primary: Deployment, began: datetime | None
) -> bool:
    """Whether the newest deployment tells the whole verdict; else the headline is the reason for it."""
    if verdict is Verdict.WARN:
        return _in_progress(service) or _against(primary, began) != ""
    return verdict is Verdict.OK or primary.rollout == "FAILED"


def _about(
    service: Service, primary: Deployment, seen: Snapshot, now: datetime, began: datetime | None
) -> str:
    """The headline for whoever asks for deployments."""
    age = _age(primary.created_at, now)
    when = _against(primary, began) or (f"{age} ago" if age else "at an unknown time")
    state = (
        f"{primary.rollout or primary.status}{f' ({primary.reason})' if primary.rollout == 'FAILED' else ''}"
    )
    counted = f"{service.running} of {service.desired} tasks run"
    change = f" {seen.changed[0]}." if seen.changed and _against(primary, began) else ""
    return f"{primary.task_definition} was deployed {when}, {state}; {counted}.{change}"


def _trouble(service: Service, now: datetime) -> tuple[bool, list[tuple[datetime, str]]]:
    """The late events that mean trouble, newest first, and whether the service has been steady since."""
    found = sorted(
        (
            (at, text)
            for at, text in service.events
            if _is_late(at, now) and any(words in text.lower() for words in TROUBLE)
        ),
        reverse=True,
    )
    steady = max((at for at, text in service.events if STEADY in text), default=None)
    return bool(found) and steady is not None and steady > found[0][0], found


def _is_late(at: datetime | None, now: datetime) -> bool:
    return at is not None and now - at <= LATELY


def _table(seen: Snapshot, now: datetime) -> Table:
    rows = [
        (
            each.name,
            f"{each.running}/{each.desired}" + (f" +{each.pending} pending" if each.pending else ""),
            deployment.task_definition,
            deployment.rollout or deployment.status,
            _age(deployment.created_at, now),
        )
        for each in seen.services
        for deployment in each.deployments or (Deployment("", "", "", 0, 0, 0, "", None),)
    ]
    events = [
        (each.name, "event", text, "", _age(at, now))
        for each in seen.services
        for at, text in _trouble(each, now)[1]
    ]
    reasons = Counter(each.reason for each in seen.stopped if each.reason)
    stopped = [("stopped", f"{number}×", text, "", "") for text, number in reasons.most_common(MOST_REASONS)]
    changed = [("changed", "", text, "", "") for text in seen.changed]
    unread = [("not read", "", text, "", "") for text in seen.unread]
    left_out = sum(
        max(0, have - most)
        for have, most in (
            (len(events), MOST_EVENTS),
            (len(reasons), MOST_REASONS),
            (len(changed), MOST_CHANGES),
        )
    )
    heads = ("service", "tasks", "what", "state", "age")
    shown = (*rows, *changed[:MOST_CHANGES], *events[:MOST_EVENTS], *stopped, *unread)
    return Table(heads, shown, left_out)


def _age(at: datetime | None, now: datetime) -> str:
    if at is None:
        return ""
    minutes = max(0, int((now - at).total_seconds() // 60))  # ECS's clock may go before ours
    if minutes < 180:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 2880 else f"{minutes // 1440} d"


def _next(verdict: Verdict, seen: Snapshot) -> str:
    if verdict is Verdict.OK:
        return ""
    late = (text for each in seen.services for _, text in each.events)
    joined = " ".join((*(each.reason for each in seen.stopped), *late)).lower()
    if "outofmemory" in joined or "out of memory" in joined or "exit 137" in joined:
        return "Tasks stop for want of memory: look at the memory of the service."
    if "cannotpullcontainer" in joined:
        return "The image cannot be pulled: look at its tag and at the registry's permissions."
    if "resourceinitializationerror" in joined:
        return (
            "Tasks cannot fetch their secrets, logs or network: look at the execution role and the subnets."
        )
    if "unable to place" in joined:
        return "There is no room for the tasks: look at the cluster's capacity."
    if "health check" in joined:
        return (
            "Tasks fail their health checks: look at the health address, and at the logs of the newest tasks."
        )
    return "Look at the logs of the newest tasks, and whether the last deployment should be rolled back."
