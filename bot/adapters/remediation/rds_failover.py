"""`rds.failover`: another instance of a cluster writes.

RDS has no idempotency token: a call that is made twice fails over twice. So it is made once, and where no answer came
it is looked for by who writes and by RDS's events.
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_FailoverDBCluster.html
"""

from datetime import UTC, datetime, timedelta

import psycopg

from bot.adapters.remediation.aws_calls import Reader, call_once
from bot.adapters.remediation.database_address import build_read_address
from bot.adapters.remediation.postgres_session import count_waiting, fetch_one, open_session
from bot.adapters.remediation.protocol import Task
from bot.adapters.remediation.rds_preconditions import (
    Precondition,
    RdsCluster,
    list_events,
    list_preconditions,
    read_cluster,
)
from bot.domain.remediation_plan import Change, Plan
from bot.ports.remediation import Observation, Receipt, Refusal, RemediationUnavailable

CLOCKS_APART = timedelta(seconds=30)
SEEN_WITHIN = timedelta(minutes=5)
"""So long after the call RDS may still show nothing of a failover that goes on."""

SLOW_S = 30
OTHER_CAUSES = """
select count(*) filter (where wait_event_type = 'Lock')::int as waiting,
    count(*) filter (where state = 'active' and now() - query_start > make_interval(secs => %(slow)s))::int as slow
from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()
"""
UNCHECKED = "Whether locks or slow queries are the cause, which a failover does not cure."


def preview(task: Task) -> Plan | Refusal:
    """Who would write, and whether everything is there for it."""
    name = task.parameters.get("cluster", "")
    if not name:
        return Refusal(
            "The runbook names no RDS cluster. Say which: `/incident fix failover NAME because …`."
        )
    reader = Reader(task, task.parameters.get("region", ""))
    cluster = read_cluster(reader, name)
    if cluster is None:
        return Refusal(
            f"There is no RDS cluster {name}. An instance with a standby is failed over by hand: "
            "`aws rds reboot-db-instance --force-failover`."
        )
    target = task.parameters.get("to", "") or next(iter(cluster.readers), "")
    if why := _explain_no_target(cluster, target):
        return Refusal(why)
    conditions = list_preconditions(reader, cluster, target)
    if blocking := [_describe(each) for each in conditions if not each.is_met]:
        return Refusal(f"{cluster.name} cannot be failed over to {target}: {'; '.join(blocking)}.")
    return _build_plan(cluster, target, conditions, task, reader.region)


def _describe(condition: Precondition) -> str:
    return condition.text if condition.is_met is not None else f"unknown: {condition.text}"


def _explain_no_target(cluster: RdsCluster, target: str) -> str:
    if not target:
        return f"{cluster.name} has no other instance that could write."
    if target == cluster.writer:
        return f"{target} writes already: there is nothing to fail over to."
    if target not in cluster.readers:
        return f"{cluster.name} has no instance {target}. It has {', '.join(cluster.readers)}."
    return "" if cluster.writer else f"{cluster.name} has no writer now: a failover may be under way."


def _build_plan(
    cluster: RdsCluster, target: str, conditions: list[Precondition], task: Task, region: str
) -> Plan:
    account = cluster.arn.split(":")[4]
    against, unchecked = _find_other_causes(task)
    return Plan(
        target=f"aws:{region}:{account}:rds:{cluster.name}",
        title=f"Fail {cluster.name} over to {target}",
        changes=(Change("Writer", cluster.writer, f"{target}, promotion tier {cluster.tier(target)}"),),
        meanwhile="Nothing can be written, typically for less than 35 s, and every connection to the writer drops.",
        affected="Whatever uses the database. Who keeps its address for long stays on the old writer.",
        undo=f"Fail back to {cluster.writer}, after 30 min.",
        command=(
            f"aws rds failover-db-cluster --db-cluster-identifier {cluster.name} "
            f"--target-db-instance-identifier {target}"
        ),
        against=tuple(against),
        unchecked=tuple(unchecked),
        red_lines=("RDS cannot tell a repeated call from a new one: do not run the command beside this.",),
        details=tuple(f"Met: {condition.text}." for condition in conditions),
        fingerprint={"writer": cluster.writer, "cluster": cluster.status, target: cluster.state(target)},
        action={
            "cluster": cluster.name,
            "arn": cluster.arn,
            "target": target,
            "before": cluster.writer,
        },
        reverse={"cluster": cluster.name, "to": cluster.writer, "region": region},
        strict="it fails a database over",
        measure=f"{cluster.writer} writes",
    )


def _find_other_causes(task: Task) -> tuple[list[str], list[str]]:
    """What a failover does not cure, as it is seen in the database; and what of that could not be seen."""
    address = build_read_address(task)
    if not address:
        return [], [UNCHECKED]
    try:
        with open_session(address) as connection:
            seen = fetch_one(connection, OTHER_CAUSES, {"slow": SLOW_S})
    except psycopg.Error:
        return [], [UNCHECKED]
    told = (
        (
            seen["waiting"],
            f"{count_waiting(seen['waiting'])} for locks: that comes again. End the blocker in its place.",
        ),
        (
            seen["slow"],
            f"Queries that run for over {SLOW_S} s: {seen['slow']}. A failover does not make them faster.",
        ),
    )
    return [sentence for is_so, sentence in told if is_so], []


def carry_out(task: Task) -> Receipt:
    """The one call, with a session that may make just that. It is never made again."""
    action = task.action
    allowed = [
        {
            "Effect": "Allow",
            "Action": "rds:FailoverDBCluster",
            "Resource": [action["arn"], _instance_arn(task)],
        }
    ]
    asked = {"DBClusterIdentifier": action["cluster"], "TargetDBInstanceIdentifier": action["target"]}
    return call_once(task, str(action["arn"]).split(":")[3], "rds", "failover_db_cluster", asked, allowed)


def _instance_arn(task: Task) -> str:
    """The target's ARN: `arn:aws:rds:REGION:ACCOUNT:db:NAME`."""
    return ":".join([*str(task.action["arn"]).split(":")[:5], "db", str(task.action["target"])])


def observe(task: Task) -> Observation:
    """Who writes now, and what RDS tells of a failover since then."""
    action = task.action
    reader = Reader(task, str(action["arn"]).split(":")[3])
    cluster = read_cluster(reader, str(action["cluster"]))
    if cluster is None:
        raise RemediationUnavailable("The cluster is not there any more.")
    measure = f"{cluster.writer or 'nobody'} writes"
    if cluster.writer and cluster.writer != action["before"]:
        is_settled = cluster.status == "available" and cluster.state(cluster.writer) == "available"
        is_right = cluster.writer == action["target"]
        told = "" if is_right else f" It was to be {action['target']}."
        return Observation(True, is_settled, True, measure, f"{cluster.writer} writes.{told}")
    since = datetime.fromisoformat(task.started_at)
    events = [str(each["Message"]) for each in list_events(reader, cluster, since - CLOCKS_APART)]
    if failed := [text for text in events if "failed" in text.casefold()]:
        return Observation(True, True, False, measure, f"The failover failed: {failed[-1]}")
    if events or cluster.status == "failing-over":
        return Observation(True, measure=measure, sentence=events[-1] if events else "It is failing over.")
    return _judge_nothing(task, datetime.now(UTC) - since, measure)


def _judge_nothing(task: Task, since: timedelta, measure: str) -> Observation:
    """RDS shows nothing of it: it may still come, or it was not done."""
    is_taken = (task.receipt or {}).get("answer") == "accepted"
    if since < SEEN_WITHIN:
        return Observation(True if is_taken else None, measure=measure)
    if is_taken:
        told = "RDS took the call, and 5 min later the same instance writes."
        return Observation(True, True, False, measure, told)
    return Observation(False, measure=measure)
