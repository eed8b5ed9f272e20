"""`ecs.scale`: another number of tasks, by the service itself or, where it scales by itself, by its lower limit.

A count that is set by hand lives until the next scaling action where application auto scaling is at work.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-auto-scaling.html
"""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from bot.adapters.remediation.aws_calls import Reader, call_once
from bot.adapters.remediation.database_address import build_read_address
from bot.adapters.remediation.ecs_service import EcsService, read_service, short
from bot.adapters.remediation.protocol import Task
from bot.domain.remediation_plan import Change, Plan
from bot.ports.remediation import Observation, Receipt, Refusal, RemediationUnavailable

MAX_FACTOR = 3
FULL = 0.75
"""The share of the database's connections above which more tasks make a full database worse."""

SEEN_WITHIN = timedelta(seconds=30)
"""So long after AWS took it the service may still be told as it was."""

DIMENSION, NAMESPACE = "ecs:service:DesiredCount", "ecs"


def preview(task: Task) -> Plan | Refusal:
    """What another number of tasks would change now."""
    reader = Reader(task, task.parameters.get("region", ""))
    service = read_service(reader, task)
    if isinstance(service, Refusal):
        return service
    wanted = int(task.parameters["to"])
    if refusal := _refuse_size(service, wanted, task):
        return refusal
    resource = f"service/{service.cluster}/{service.name}"
    reader.client("application-autoscaling")
    with ThreadPoolExecutor(2) as threads:
        limits = threads.submit(_read_scaling, reader, resource)
        room = threads.submit(_read_room, task, service, wanted)
        plan, scaling = _build_plan(service, wanted, *room.result()), limits.result()
    return plan if scaling is None else _move_limits(plan, service, wanted, scaling, task)


def _refuse_size(service: EcsService, wanted: int, task: Task) -> Refusal | None:
    now, cap = service.desired, int(task.keys["scale_cap"])
    expected = task.parameters.get("from")
    if expected and int(expected) != now:
        return Refusal(f"{service.name} has {now} tasks, not {expected}. Nothing fits these words any more.")
    if wanted == now:
        return Refusal(f"{service.name} has {now} tasks already.")
    if wanted > cap:
        return Refusal(f"{wanted} is over the cap of {cap} tasks (TOCSIN_SCALE_CAP).")
    if now and wanted > now * MAX_FACTOR:
        return Refusal(f"{wanted} is more than {MAX_FACTOR} times of {now}: go there in steps.")
    return None


def _read_scaling(reader: Reader, resource: str) -> Mapping[str, Any] | None:
    answer = reader.ask(
        "application-autoscaling",
        "describe_scalable_targets",
        ServiceNamespace=NAMESPACE,
        ResourceIds=[resource],
    )
    return next(iter(answer.get("ScalableTargets", ())), None)


def _read_room(task: Task, service: EcsService, wanted: int) -> tuple[str, str]:
    """A warning where the database has no room for more tasks, and what of that could not be checked."""
    if wanted <= service.desired:
        return "", ""
    unknown = "Whether the database has room for the connections of more tasks."
    address = build_read_address(task)
    if not address:
        return "", unknown
    try:
        with psycopg.connect(address, connect_timeout=1, autocommit=True) as connection:
            row = connection.execute(
                "select count(*) filter (where backend_type = 'client backend'),"
                " current_setting('max_connections')::int from pg_stat_activity"
            ).fetchone()
    except psycopg.Error:
        return "", unknown
    assert row is not None
    used, most = row
    expected = used * wanted / max(1, service.running or service.desired)
    if expected <= most * FULL:
        return "", ""
    return (
        f"{wanted} tasks would open about {expected:.0f} of {most} connections: more tasks can make a full database "
        "worse.",
        "",
    )


def _build_plan(service: EcsService, wanted: int, warning: str, unknown: str) -> Plan:
    """Another desired count, where no auto scaling sets it."""
    now = service.desired
    place = {"cluster": service.cluster, "service": service.name}
    return Plan(
        target=service.target,
        title=f"Scale {service.name} from {now} to {wanted} tasks",
        changes=(Change("Tasks", str(now), str(wanted)),),
        meanwhile="Nothing stops." if wanted > now else f"{now - wanted} tasks are stopped.",
        affected=f"Whoever uses {service.name}.",
        undo=f"Scale back to {now}. Remember it: nothing scales back by itself.",
        command=(
            f"aws ecs update-service --cluster {service.cluster} --service {service.name} --desired-count {wanted}"
        ),
        supports=(f"{service.measure} now.",),
        against=tuple(_list_objections(service)),
        unchecked=(unknown,) if unknown else (),
        red_lines=(warning,) if warning else (),
        fingerprint={
            "desired count": str(now),
            "task definition": short(service.task_definition),
            "deployment under way": str((service.under_way or {}).get("serviceDeploymentArn", "none")),
        },
        action={"case": "count", "cluster": service.cluster, "service": service.arn, "to": wanted},
        reverse={"to": str(now), **place},
        strict="it scales down" if wanted < now else "",
        measure=service.measure,
    )


def _list_objections(service: EcsService) -> Iterator[str]:
    if service.under_way is not None:
        yield "A deployment is under way: AWS advises to let it end first."
    if service.running < service.desired:
        yield (
            f"Only {service.running} of {service.desired} tasks run: more of what does not start helps nobody."
        )


def _move_limits(
    plan: Plan, service: EcsService, wanted: int, scaling: Mapping[str, Any], task: Task
) -> Plan:
    """The same by the limits of the auto scaling that sets the count."""
    low, high = int(scaling["MinCapacity"]), int(scaling["MaxCapacity"])
    to_low = int(task.parameters.get("min", wanted))
    to_high = int(task.parameters.get("max", max(wanted, high)))
    resource = f"service/{service.cluster}/{service.name}"
    shrinks = ("Auto scaling goes below the count of now only by its own policies.",)
    return replace(
        plan,
        changes=(
            *plan.changes,
            Change("Lower limit", str(low), str(to_low)),
            Change("Upper limit", str(high), str(to_high)),
        ),
        against=((*shrinks, *plan.against) if wanted < service.desired else plan.against),
        command=(
            "aws application-autoscaling register-scalable-target --service-namespace ecs --scalable-dimension "
            f"{DIMENSION} --resource-id {resource} --min-capacity {to_low} --max-capacity {to_high}"
        ),
        fingerprint={**plan.fingerprint, "limits of auto scaling": f"{low} to {high}"},
        action={**plan.action, "case": "limits", "resource": resource, "min": to_low, "max": to_high},
        reverse={**plan.reverse, "min": str(low), "max": str(high)},
    )


def carry_out(task: Task) -> Receipt:
    """The one call, with a session that may make just that."""
    action = task.action
    region = str(action["service"]).split(":")[3]
    if action["case"] == "limits":
        limits = {
            "ServiceNamespace": NAMESPACE,
            "ScalableDimension": DIMENSION,
            "ResourceId": action["resource"],
            "MinCapacity": action["min"],
            "MaxCapacity": action["max"],
        }
        allowed = [
            {
                "Effect": "Allow",
                "Action": "application-autoscaling:RegisterScalableTarget",
                "Resource": "*",
                "Condition": {"StringEquals": {"application-autoscaling:service-namespace": NAMESPACE}},
            },
            {
                "Effect": "Allow",
                "Action": ["ecs:UpdateService", "ecs:DescribeServices"],
                "Resource": action["service"],
            },
        ]
        return call_once(task, region, "application-autoscaling", "register_scalable_target", limits, allowed)
    allowed = [{"Effect": "Allow", "Action": "ecs:UpdateService", "Resource": action["service"]}]
    count = {"cluster": action["cluster"], "service": action["service"], "desiredCount": action["to"]}
    return call_once(task, region, "ecs", "update_service", count, allowed)


def observe(task: Task) -> Observation:
    """How many tasks there are by now; auto scaling may take them back."""
    action = task.action
    arn = str(action["service"])
    reader = Reader(task, arn.split(":")[3])
    answer = reader.ask("ecs", "describe_services", cluster=action["cluster"], services=[arn])
    if not answer.get("services"):
        raise RemediationUnavailable("The service is not there any more.")
    service, wanted = EcsService(answer["services"][0]), int(action["to"])
    was_done = service.desired == wanted
    if action["case"] == "limits":
        scaling = _read_scaling(reader, str(action["resource"]))
        was_done = scaling is not None and int(scaling["MinCapacity"]) == action["min"]
    reached = task.receipt.get("reached") if task.receipt else None
    if reached and service.desired != wanted:
        told = f"It was at {wanted}, and something scaled it back to {service.desired}."
        return Observation(True, True, False, service.measure, told)
    if not was_done:
        return _judge_other_count(task, service)
    is_there = service.desired == wanted and service.running >= wanted
    facts = {"reached": "yes"} if service.desired == wanted else {}
    return Observation(
        True,
        is_there and bool(reached),
        True,
        service.measure,
        f"{service.measure}, {wanted} are wanted.",
        facts,
    )


def _judge_other_count(task: Task, service: EcsService) -> Observation:
    """Another count is wanted than ours before it was seen: what AWS took was scaled back, else it was not done."""
    if (task.receipt or {}).get("answer") != "accepted":
        return Observation(False, measure=service.measure)
    if datetime.now(UTC) - datetime.fromisoformat(task.started_at) < SEEN_WITHIN:
        return Observation(True, measure=service.measure)
    told = f"AWS took it, and something scaled it back: {service.desired} are wanted now."
    return Observation(True, True, False, service.measure, told)
