"""Taking a switch back as AppConfig does it: stop its deployment, or revert it within 72 h of its end.

https://docs.aws.amazon.com/appconfig/2019-10-09/APIReference/API_StopDeployment.html
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.adapters.remediation.appconfig_flags import (
    TAKEN_BACK,
    FlagPlace,
    Json,
    describe_end,
    read_deployment,
)
from bot.adapters.remediation.aws_calls import Reader, call_once
from bot.adapters.remediation.protocol import Task
from bot.domain.remediation_plan import Change, Plan
from bot.ports.remediation import Observation, Receipt

REVERTED_WITHIN = timedelta(hours=72)


def preview(
    reader: Reader, place: FlagPlace, deployments: Sequence[Json], known: str, asked: Mapping[str, str]
) -> Plan | None:
    """What taking the deployment of this number back would change; None where AppConfig does not, so that the flag is
    switched back."""
    if not deployments or str(deployments[0]["DeploymentNumber"]) != known:
        return None
    number = int(known)
    found = read_deployment(reader, place, number)
    ended = found.get("CompletedAt")
    is_late = ended is not None and datetime.now(UTC) - ended > REVERTED_WITHIN
    if found["State"] in TAKEN_BACK or is_late:
        return None
    return _build_plan(place, found, number, asked)


def _build_plan(place: FlagPlace, found: Json, number: int, asked: Mapping[str, str]) -> Plan:
    flag, to = asked["flag"], asked["to"]
    before = "on" if to == "off" else "off"
    forward = dict(zip(("application", "environment", "profile"), place.names, strict=True))
    return Plan(
        target=place.target,
        title=f"Take deployment #{number} of {place.title} back",
        changes=(
            Change(flag, before, to),
            Change("Deployed", f"version {found['ConfigurationVersion']}", "the version before it"),
        ),
        meanwhile="Nothing stops. Apps take it when they ask next; AppConfig's agent asks every 45 s.",
        affected=f"Whatever reads {place.names[2]} in {place.names[1]}.",
        undo=f"Switch {flag} {before} again.",
        command=(
            f"aws appconfig stop-deployment --application-id {place.application} "
            f"--environment-id {place.environment} --deployment-number {number} --allow-revert"
        ),
        fingerprint={"the environment's last deployment": f"#{number}"},
        action={**place.dump(), "stop": number, "flag": flag, "to": to},
        reverse={**forward, "region": place.region, "flag": flag, "to": before},
        measure=f"{flag} {before}",
    )


def carry_out(task: Task, place: FlagPlace) -> Receipt:
    """The one call, with a session that may make just that. Of a deployment that was taken back it changes nothing."""
    number = int(task.action["stop"])
    environment = f"{place.arn}/environment/{place.environment}"
    allowed: list[dict[str, Any]] = [
        {
            "Effect": "Allow",
            "Action": "appconfig:StopDeployment",
            "Resource": [place.arn, environment, f"{environment}/deployment/{number}"],
        }
    ]
    asked = {**place.ids, "DeploymentNumber": number, "AllowRevert": True}
    return call_once(task, place.region, "appconfig", "stop_deployment", asked, allowed)


def observe(reader: Reader, task: Task, place: FlagPlace) -> Observation:
    """Whether it is taken back."""
    number, flag, to = int(task.action["stop"]), str(task.action["flag"]), str(task.action["to"])
    found = read_deployment(reader, place, number)
    state = str(found["State"])
    if state not in TAKEN_BACK:
        return Observation((task.receipt or {}).get("answer") == "accepted")
    is_over = state != "ROLLING_BACK"
    told = f"Deployment #{number} is {state}: {describe_end(found)}"
    return Observation(True, is_over, True if is_over else None, f"{flag} {to}" if is_over else "", told)
