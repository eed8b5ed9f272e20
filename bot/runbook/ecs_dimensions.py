"""Metrics of ECS have the cluster among their dimensions: one that is asked for without it is never found."""

from dataclasses import replace

from bot.domain.playbook import AwsCall, ParsedStep, Playbook, Step


def complete_playbook(playbook: Playbook) -> Playbook:
    """The playbook with the cluster added where its own describe-services tells it; what was done is a hint."""
    return playbook.with_steps(lambda step: _complete_step(playbook, step))


def _complete_step(playbook: Playbook, step: Step) -> Step:
    meaning = step.meaning
    lacking = _lacking(meaning)
    if meaning is None or lacking is None:
        return step
    cluster = _cluster(playbook, lacking)
    if cluster is None:
        told = "add Name=ClusterName,Value=..., else nothing is ever found"
    else:
        told = f"{cluster[0]} is taken from line {cluster[1]}"
        actions = tuple(
            replace(action, call=_with_cluster(action.call, cluster[0]))
            if isinstance(action.call, AwsCall) and _service(action.call)
            else action
            for action in meaning.actions
        )
        meaning = replace(meaning, actions=actions)
    hint = f"Metrics of AWS/ECS have ClusterName beside ServiceName, and it is not given here: {told}."
    return replace(step, meaning=replace(meaning, hints=(*meaning.hints, hint)))


def _lacking(meaning: ParsedStep | None) -> str | None:
    calls = [action.call for action in meaning.actions] if meaning else []
    return next((found for call in calls if isinstance(call, AwsCall) and (found := _service(call))), None)


def _service(call: AwsCall) -> str | None:
    """The service that a metric of ECS is asked for without its cluster, or None."""
    given = call.parameters.get("Dimensions")
    if call.parameters.get("Namespace") != "AWS/ECS" or not isinstance(given, list):
        return None
    named = {pair.get("Name"): pair.get("Value") for pair in given if isinstance(pair, dict)}
    service = named.get("ServiceName")
    return service if isinstance(service, str) and "ClusterName" not in named else None


def _with_cluster(call: AwsCall, cluster: str) -> AwsCall:
    given = call.parameters.get("Dimensions")
    dimensions = [{"Name": "ClusterName", "Value": cluster}, *(given if isinstance(given, list) else [])]
    return replace(call, parameters={**call.parameters, "Dimensions": dimensions})


def _cluster(playbook: Playbook, service: str) -> tuple[str, int] | None:
    """The cluster that the playbook's describe-services names for a service, and the line of that."""
    for step in playbook.steps():
        for action in step.meaning.actions if step.meaning else ():
            call = action.call
            if not isinstance(call, AwsCall) or call.operation != "DescribeServices":
                continue
            services, cluster = call.parameters.get("services"), call.parameters.get("cluster")
            if isinstance(services, list) and service in services and isinstance(cluster, str):
                return cluster, step.line
    return None
