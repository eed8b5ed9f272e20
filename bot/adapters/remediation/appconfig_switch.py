"""`appconfig.switch`: a feature flag in AWS AppConfig goes on or off, in one environment.

A version is made from the deployed one with that flag changed, and deployed only if the environment's last deployment
is still the one that was read: AppConfig compares its number. Making the version changes nothing for anybody. Undo is
AppConfig's own within 72 h, later the flag is switched back.
https://docs.aws.amazon.com/appconfig/2019-10-09/APIReference/API_StartDeployment.html
"""

import json
from collections.abc import Sequence
from typing import Any

from bot.adapters.remediation import appconfig_return
from bot.adapters.remediation.appconfig_flags import (
    IN_EFFECT,
    TAKEN_BACK,
    UNDER_WAY,
    FlagPlace,
    Json,
    describe_end,
    find_deployed,
    find_newest_version,
    find_place,
    list_deployments,
    load_place,
    name_version,
    parse_flags,
    read_deployment,
    read_flags,
)
from bot.adapters.remediation.aws_calls import Client, Reader, make_call, open_acting, read_acting
from bot.adapters.remediation.protocol import Task
from bot.domain.remediation_plan import Change, Plan
from bot.ports.remediation import Observation, Receipt, Refusal, RemediationUnavailable

STRATEGY = "AppConfig.AllAtOnce"
WORDS = {True: "on", False: "off"}
MAX_NAMED = 10


def preview(task: Task) -> Plan | Refusal:
    """What switching the flag would change now."""
    flag, to = task.parameters.get("flag", ""), task.parameters.get("to", "").casefold()
    if not flag or to not in WORDS.values():
        return Refusal("Say which flag, and whether on or off: `/incident fix switch FLAG on`.")
    reader = Reader(task, task.parameters.get("region", ""))
    place = find_place(reader, task.parameters)
    if isinstance(place, Refusal):
        return place
    deployments = list_deployments(reader, place)
    number = task.parameters.get("revert", "")
    plan = appconfig_return.preview(reader, place, deployments, number, task.parameters) if number else None
    if plan is not None:
        return plan
    if moving := next((each for each in deployments if each["State"] in UNDER_WAY), None):
        return _refuse_moving(place, moving)
    deployed = find_deployed(deployments, place)
    if deployed is None:
        return Refusal(f"No version of {place.title} is deployed: there is nothing to start from.")
    flags = read_flags(reader, place, deployed["ConfigurationVersion"])
    if why := _explain_no_switch(flags, flag, to, place):
        return Refusal(why)
    strategy = reader.ask(
        "appconfig", "get_deployment_strategy", DeploymentStrategyId=task.parameters.get("strategy", STRATEGY)
    )
    alarms = reader.ask("appconfig", "get_environment", **place.ids).get("Monitors", ())
    newest = find_newest_version(reader, place)
    return _build_plan(place, flag, to, (deployments[0], deployed, strategy, newest), len(alarms))


def _refuse_moving(place: FlagPlace, moving: Json) -> Refusal:
    share = f"{float(moving.get('PercentageComplete', 0)):.0f}%"
    return Refusal(
        f"Deployment #{moving['DeploymentNumber']} of {moving.get('ConfigurationName', 'a profile')} is "
        f"{moving['State']} ({share}) in {place.names[0]}/{place.names[1]}: AppConfig does one at a time. Wait for "
        "it, or stop it."
    )


def _explain_no_switch(flags: Json, flag: str, to: str, place: FlagPlace) -> str:
    """Why the flag is not switched, in a sentence; empty when it can be."""
    values = flags["values"]
    if flag not in values:
        known = ", ".join(list(values)[:MAX_NAMED]) or "none"
        return f"{place.title} has no flag {flag}. It has {known}."
    value = values[flag]
    if not isinstance(value, dict) or "_variants" in value or not isinstance(value.get("enabled"), bool):
        return f"{flag} has variants: who gets which is a rule of yours, so that I do not switch it."
    if WORDS[value["enabled"]] == to:
        return f"{flag} is {to} already in {place.title}."
    return ""


def _build_plan(
    place: FlagPlace, flag: str, to: str, read: tuple[Json, Json, Json, int], alarms: int
) -> Plan:
    last, deployed, strategy, newest = read
    before, number = WORDS[to != "on"], int(last["DeploymentNumber"])
    version = str(deployed["ConfigurationVersion"])
    forward = dict(zip(("application", "environment", "profile"), place.names, strict=True))
    where = f"--application-id {place.application} --environment-id {place.environment}"
    return Plan(
        target=place.target,
        title=f"Switch {flag} {to} in {place.title}",
        changes=(
            Change(flag, before, to),
            Change("Deployed", f"version {version}", f"a new one, made from version {version}"),
        ),
        meanwhile="Nothing stops. Apps take it when they ask next; AppConfig's agent asks every 45 s.",
        affected=f"Whatever reads {place.names[2]} in {place.names[1]}.",
        undo="AppConfig goes back by itself within 72 h; later the flag is switched back.",
        command=(
            f"aws appconfig start-deployment {where} --configuration-profile-id {place.profile} "
            f"--deployment-strategy-id {strategy['Id']} --configuration-version VERSION "
            f"# VERSION: {version} with {flag} {to}"
        ),
        unchecked=(f"What the code does where {flag} is {to}.",),
        red_lines=_list_drafts(version, newest),
        details=(_describe_strategy(strategy), _describe_alarms(alarms)),
        fingerprint={
            "the environment's last deployment": f"#{number} {last['State']}",
            "deployed version": version,
            flag: before,
            "newest version": str(newest),
        },
        action={
            **place.dump(),
            "flag": flag,
            "to": to,
            "version": version,
            "newest": newest,
            "deployment": number,
            "strategy": str(strategy["Id"]),
        },
        reverse={**forward, "region": place.region, "flag": flag, "to": before, "revert": str(number + 1)},
        measure=f"{flag} {before}",
    )


def _list_drafts(version: str, newest: int) -> tuple[str, ...]:
    if newest <= int(version):
        return ()
    return (f"Version {newest} was made and is not deployed: what it changes does not go along.",)


def _describe_strategy(strategy: Json) -> str:
    minutes, bake = int(strategy["DeploymentDurationInMinutes"]), int(strategy["FinalBakeTimeInMinutes"])
    pace = "to all at once" if not minutes else f"{strategy['GrowthFactor']:g}% at a time, over {minutes} min"
    return f"{strategy['Name']}: {pace}, then AppConfig watches it for {bake} min."


def _describe_alarms(count: int) -> str:
    if not count:
        return "No alarm of the environment would take it back by itself."
    return f"{count} alarms of the environment take it back by themselves."


def carry_out(task: Task) -> Receipt:
    """Make the version, then deploy it once; with a session that may do just that."""
    action = task.action
    place = load_place(action)
    if "stop" in action:
        return appconfig_return.carry_out(task, place)
    client = open_acting(task, place.region, "appconfig", _list_allowed(place, str(action["strategy"])))
    if isinstance(client, Receipt):
        return client
    made = _make_version(client, task, place)
    if not made.is_accepted:
        return Receipt(False, f"{made.sentence} No version was deployed.")
    asked = {
        **place.ids,
        "ConfigurationProfileId": place.profile,
        "ConfigurationVersion": made.facts["VersionNumber"],
        "DeploymentStrategyId": action["strategy"],
        "Description": task.key,
        "LatestDeploymentNumber": action["deployment"],
    }
    receipt = make_call(client, "appconfig", "start_deployment", asked, ("DeploymentNumber",))
    number = receipt.facts.get("DeploymentNumber", "")
    facts = {"request": receipt.facts.get("request", ""), "deployment": number}
    return Receipt(
        receipt.is_accepted, receipt.sentence, {name: text for name, text in facts.items() if text}
    )


def _make_version(client: Client, task: Task, place: FlagPlace) -> Receipt:
    """The deployed version with this one flag changed, as a new version that nobody gets yet."""
    version, flag = str(task.action["version"]), str(task.action["flag"])
    read = read_acting(
        client, "appconfig", "get_hosted_configuration_version", name_version(place, version), "Content"
    )
    if not read.is_accepted:
        return read
    try:
        flags = parse_flags(read.facts["Content"], f"Version {version}")
    except RemediationUnavailable as other:
        return Receipt(False, str(other))
    flags["values"][flag]["enabled"] = task.action["to"] == "on"
    asked = {
        "ApplicationId": place.application,
        "ConfigurationProfileId": place.profile,
        "Description": task.key,
        "Content": json.dumps(flags).encode(),
        "ContentType": "application/json",
        "LatestVersionNumber": task.action["newest"],
    }
    return make_call(client, "appconfig", "create_hosted_configuration_version", asked, ("VersionNumber",))


def _list_allowed(place: FlagPlace, strategy: str) -> list[dict[str, Any]]:
    profile = f"{place.arn}/configurationprofile/{place.profile}"
    environment = f"{place.arn}/environment/{place.environment}"
    reading, making, deploying = (
        f"appconfig:{name}"
        for name in ("GetHostedConfigurationVersion", "CreateHostedConfigurationVersion", "StartDeployment")
    )
    strategies = f"{place.arn.partition(':application/')[0]}:deploymentstrategy/{strategy}"
    return [
        {"Effect": "Allow", "Action": [reading, making], "Resource": [place.arn, profile, f"{profile}/*"]},
        {
            "Effect": "Allow",
            "Action": deploying,
            "Resource": [place.arn, profile, environment, f"{environment}/deployment/*", strategies],
        },
    ]


def observe(task: Task) -> Observation:
    """How far the deployment came."""
    place = load_place(task.action)
    reader = Reader(task, place.region)
    if "stop" in task.action:
        return appconfig_return.observe(reader, task, place)
    flag, to = str(task.action["flag"]), str(task.action["to"])
    found = _find_own(reader, task, place)
    if found is None:
        return Observation((task.receipt or {}).get("answer") == "accepted")
    number, state = str(found["DeploymentNumber"]), str(found["State"])
    facts = {"deployment": number}
    if state in TAKEN_BACK:
        told = f"AppConfig took deployment #{number} back: {describe_end(found)}"
        return Observation(True, state != "ROLLING_BACK", False, f"{flag} {WORDS[to != 'on']}", told, facts)
    if state in IN_EFFECT:
        return Observation(True, True, True, f"{flag} {to}", f"Deployment #{number} is everywhere.", facts)
    share = f"{float(found.get('PercentageComplete', 0)):.0f}%"
    told = f"Deployment #{number} has reached {share}."
    return Observation(True, False, None, f"{flag} {to} for {share}", told, facts)


def _find_own(reader: Reader, task: Task, place: FlagPlace) -> Json | None:
    """Our deployment: by its number, else the one after the last known that carries our key."""
    known = (task.receipt or {}).get("deployment")
    if known:
        return read_deployment(reader, place, int(known))
    newer: Sequence[int] = [
        int(each["DeploymentNumber"])
        for each in list_deployments(reader, place)
        if int(each["DeploymentNumber"]) > int(task.action["deployment"])
    ]
    found = (read_deployment(reader, place, number) for number in newer)
    return next((each for each in found if each.get("Description") == task.key), None)


def find_return(task: Task) -> Observation:
    """`was_done` is whether the flag stands otherwise again, by AppConfig's alarms or by somebody's deployment."""
    if "stop" in task.action:
        return Observation(False)
    place = load_place(task.action)
    reader = Reader(task, place.region)
    own = _find_own(reader, task, place)
    flag, to = str(task.action["flag"]), str(task.action["to"])
    if own is not None and own["State"] in TAKEN_BACK:
        told = f"AppConfig took deployment #{own['DeploymentNumber']} back: {describe_end(own)}"
        return Observation(True, sentence=told, facts={"returned": f"{own['DeploymentNumber']} taken back"})
    deployed = find_deployed(list_deployments(reader, place), place)
    if deployed is None:
        return Observation(None)
    value = read_flags(reader, place, deployed["ConfigurationVersion"])["values"].get(flag, {})
    if value.get("enabled") is (to == "on"):
        return Observation(False)
    number = str(deployed["DeploymentNumber"])
    return Observation(
        True, sentence=f"Deployment #{number} switched {flag} back.", facts={"returned": number}
    )
