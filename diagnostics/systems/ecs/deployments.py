"""The newest deployment of an ECS service: whether it may be the cause, in a sentence."""

from datetime import datetime, timedelta

from bot.domain.diagnostic_run import Suspect
from bot.domain.finding import Verdict
from diagnostics.systems.ecs.models import EcsDeployment, EcsServiceState, EcsSnapshot
from diagnostics.systems.ecs.service_events import format_age
from diagnostics.systems.ecs.stop_reasons import FATES, collect_task_texts

SUSPECT = timedelta(hours=1)
"""A deployment that began so long before the incident or later may be its cause."""


def is_in_progress(service: EcsServiceState) -> bool:
    """Whether something is being deployed. Where ECS tells no state of a rollout, two deployments at once are one."""
    live = [deployment for deployment in service.deployments if deployment.status != "INACTIVE"]
    return any(deployment.rollout == "IN_PROGRESS" for deployment in live) or (
        len(live) > 1 and all(not deployment.rollout for deployment in live)
    )


def describe_start(primary: EcsDeployment | None, began: datetime | None) -> str:
    """A sentence when the newest deployment began shortly before the incident, or after it."""
    when = describe_start_relative(primary, began)
    return f" {primary.task_definition} was deployed {when}." if primary and when else ""


def describe_start_relative(primary: EcsDeployment | None, began: datetime | None) -> str:
    """When it began, in words, counted from the incident; empty where it is no suspect."""
    if primary is None or primary.created_at is None or began is None:
        return ""
    before = began - primary.created_at
    if before > SUSPECT:
        return ""
    minutes = round(abs(before.total_seconds()) / 60)
    return f"{minutes} min {'before' if before > timedelta(0) else 'after'} the incident began"


def is_its_deployment(
    verdict: Verdict, service: EcsServiceState, primary: EcsDeployment, began: datetime | None
) -> bool:
    """Whether the newest deployment tells the whole verdict; else the headline is the reason for it."""
    if verdict is Verdict.WARN:
        return is_in_progress(service) or describe_start_relative(primary, began) != ""
    return verdict is Verdict.OK or primary.rollout == "FAILED"


def describe(
    service: EcsServiceState, primary: EcsDeployment, seen: EcsSnapshot, now: datetime, began: datetime | None
) -> str:
    """The headline for whoever asks for deployments."""
    age = format_age(primary.created_at, now)
    when = describe_start_relative(primary, began) or (f"{age} ago" if age else "at an unknown time")
    state = (
        f"{primary.rollout or primary.status}{f' ({primary.reason})' if primary.rollout == 'FAILED' else ''}"
    )
    counted = f"{service.running} of {service.desired} tasks running"
    change = describe_change(primary, seen, began)
    return f"{primary.task_definition} was deployed {when}, {state}; {counted}.{change}"


def describe_change(primary: EcsDeployment, seen: EcsSnapshot, began: datetime | None) -> str:
    """A sentence about what the newest deployment changed, where it may be the cause."""
    return f" {seen.changed[0]}." if seen.changed and describe_start_relative(primary, began) else ""


def find_suspect(
    verdict: Verdict, service: EcsServiceState, seen: EcsSnapshot, began: datetime | None
) -> Suspect | None:
    """The newest deployment, when it began shortly before the incident or since."""
    primary = service.primary
    if verdict is Verdict.OK or primary is None or not describe_start_relative(primary, began):
        return None
    told = collect_task_texts(seen)
    why = next((why for mark, why in FATES.items() if mark in told), "") if verdict is Verdict.BAD else ""
    return Suspect("deployment", primary.task_definition, why, primary.created_at)
