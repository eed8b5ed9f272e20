"""Rules for RDS databases: status, writer, instances, and recent events.

The words of status: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Status.html and
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.DBInstance.Status.html
"""

from datetime import datetime, timedelta

from bot.domain.evidence import EvidenceTable
from bot.domain.finding import Finding, TimeWindow, UnknownCause, Verdict, build_unknown_finding
from diagnostics.analysis.rule_table import Rule, always, judge
from diagnostics.systems.rds.models import RdsDatabase, RdsEvent, RdsInstance, RdsSnapshot

FINE = frozenset(
    {
        "available",
        "backing-up",
        "configuring-activity-stream",
        "configuring-enhanced-monitoring",
        "configuring-iam-database-auth",
        "configuring-log-exports",
        "update-iam-db-auth",
    }
)
"""It serves as ever."""

DOWN = frozenset(
    {
        "cloning-failed",
        "creating",
        "deleting",
        "failed",
        "failing-over",
        "inaccessible-encryption-credentials",
        "inaccessible-encryption-credentials-recoverable",
        "incompatible-create",
        "incompatible-network",
        "incompatible-option-group",
        "incompatible-parameters",
        "incompatible-restore",
        "insufficient-capacity",
        "migrating",
        "migration-failed",
        "rebooting",
        "restore-error",
        "starting",
        "stopped",
        "stopping",
        "storage-full",
    }
)
"""It does not serve, or not for writing. Every other word is of work that may slow or interrupt it."""

TELLING = frozenset({"availability", "failover", "failure", "low storage", "recovery"})
"""Categories of events that are worth a warning though all is available again."""

LATELY = timedelta(hours=1)
MOST_ROWS, MOST_EVENTS = 12, 5

NEXT = {
    "storage-full": "Give it more storage; check what grew.",
    "failing-over": "It usually lasts under a minute: run it again, then check the application's connections.",
    "stopped": "Start it, and ask who stopped it.",
    "inaccessible-encryption-credentials": "Check the KMS key: is it disabled, or its policy changed?",
    "inaccessible-encryption-credentials-recoverable": "Enable the KMS key again, then start the database.",
}


def interpret(seen: RdsSnapshot, now: datetime) -> Finding:
    """The judgement of what was read at `now`."""
    if not seen.databases:
        said = "RDS tells of no such database."
        return build_unknown_finding(UnknownCause.NOT_FOUND, said, now, "Check the name and the region.")
    judged = [(*_judge_database(database, seen.events, now), database) for database in seen.databases]
    order = (Verdict.BAD, Verdict.WARN, Verdict.OK)
    verdict, said, worst = min(judged, key=lambda verdict_and_said: order.index(verdict_and_said[0]))
    return Finding(
        verdict,
        said,
        now,
        measure=_measure(worst),
        table=_table(seen, now),
        marks=tuple((event.at, "failover") for event in seen.events if "failover" in event.categories),
        window=TimeWindow(now - LATELY, now),
        next_look=_next(verdict, worst),
    )


def _measure(database: RdsDatabase) -> str:
    """Its state, and of a cluster how many of its instances are fine where all could be read."""
    if not database.cluster or not database.instances or _unread_instances(database):
        return database.status
    fine = sum(instance.status in FINE for instance in database.instances)
    return f"{database.status} {fine}/{len(database.instances)}"


def _judge_database(
    database: RdsDatabase, events: tuple[RdsEvent, ...], now: datetime
) -> tuple[Verdict, str]:
    """The verdict on one database, and why."""
    verdict, said = judge(CLUSTER if database.cluster else ALONE, database)
    names = {database.name, *(instance.name for instance in database.instances)}
    late = [
        event
        for event in events
        if event.source in names and event.categories & TELLING and now - event.at <= LATELY
    ]
    if late and verdict is Verdict.OK:
        return Verdict.WARN, f"{said.rstrip('.')}; {_ago(late[0].at, now)}: {late[0].source}: {late[0].text}"
    return verdict, said


def _is_down(database: RdsDatabase) -> bool:
    return database.status in DOWN


def _is_fine(database: RdsDatabase) -> bool:
    return database.status in FINE


def _down_writers(cluster: RdsDatabase) -> list[RdsInstance]:
    return [writer for writer in cluster.writers if writer.status in DOWN]


def _odd_instances(cluster: RdsDatabase) -> list[RdsInstance]:
    """Instances in a state that is read and not fine."""
    return [instance for instance in cluster.instances if instance.status and instance.status not in FINE]


def _unread_instances(cluster: RdsDatabase) -> list[RdsInstance]:
    return [instance for instance in cluster.instances if not instance.status]


def _broken_replicas(database: RdsDatabase) -> list[RdsInstance]:
    """Instances whose replication is broken."""
    return [instance for instance in database.instances if instance.replication]


def _count(cluster: RdsDatabase) -> str:
    writers, readers = len(cluster.writers), len(cluster.readers)
    return f"{writers} writer{'s' * (writers != 1)}, {readers} reader{'s' * (readers != 1)}"


def _odd_part(cluster: RdsDatabase) -> str:
    """The instance that is not fine, and whether another one could take over from a reader."""
    odd = _odd_instances(cluster)[0]
    if odd.writer:
        return f"writer {odd.name} is {odd.status}"
    can_fail_over = any(reader.status in FINE for reader in cluster.readers)
    return f"reader {odd.name} is {odd.status}{'' if can_fail_over else ': none to fail over to'}"


def _in_zones(alone: RdsDatabase) -> str:
    zones = "in more than one zone" if alone.instances[0].multi_zone else "in one zone, no standby"
    return f"{alone.name} is {alone.status} ({zones})."


CLUSTER: tuple[Rule[RdsDatabase], ...] = (
    Rule(_is_down, Verdict.BAD, lambda its: f"{its.name} is {its.status}."),
    Rule(
        lambda its: its.serverless and _is_fine(its),
        Verdict.OK,
        lambda its: f"{its.name} is {its.status} (serverless).",
    ),
    Rule(
        lambda its: its.serverless,
        Verdict.WARN,
        lambda its: f"{its.name} is {its.status} (serverless).",
    ),
    Rule(
        lambda its: not its.instances,
        Verdict.BAD,
        lambda its: f"{its.name} is {its.status}, but has no instance: nothing answers.",
    ),
    Rule(
        _down_writers,
        Verdict.BAD,
        lambda its: (
            f"{its.name} is {its.status}, but its writer {_down_writers(its)[0].name}"
            f" is {_down_writers(its)[0].status}."
        ),
    ),
    Rule(
        lambda its: not its.writers and not its.secondary,
        Verdict.BAD,
        lambda its: (
            f"{its.name} is {its.status}, but none of its {len(its.readers)} instances is the writer."
        ),
    ),
    Rule(
        lambda its: not _is_fine(its),
        Verdict.WARN,
        lambda its: f"{its.name} is {its.status} ({_count(its)}).",
    ),
    Rule(_odd_instances, Verdict.WARN, lambda its: f"{its.name} is {its.status}, but its {_odd_part(its)}."),
    Rule(
        _unread_instances,
        Verdict.WARN,
        lambda its: (
            f"{its.name} is {its.status}, but the state of {len(_unread_instances(its))} of {len(its.instances)}"
            " instances could not be read."
        ),
    ),
    Rule(
        _broken_replicas,
        Verdict.WARN,
        lambda its: (
            f"{its.name} is {its.status}, but {_broken_replicas(its)[0].name}: {_broken_replicas(its)[0].replication}."
        ),
    ),
    Rule(
        lambda its: not its.writers,
        Verdict.OK,
        lambda its: f"{its.name} is {its.status} and follows another cluster ({_count(its)}).",
    ),
    Rule(
        lambda its: not its.readers,
        Verdict.OK,
        lambda its: f"{its.name} is {its.status}: {_count(its)}, none to fail over to.",
    ),
    Rule(always, Verdict.OK, lambda its: f"{its.name} is {its.status}: {_count(its)}."),
)
"""Of a cluster with its instances."""

ALONE: tuple[Rule[RdsDatabase], ...] = (
    Rule(_is_down, Verdict.BAD, _in_zones),
    Rule(
        _broken_replicas,
        Verdict.WARN,
        lambda its: f"{its.name} is {its.status}, but {_broken_replicas(its)[0].replication}.",
    ),
    Rule(_is_fine, Verdict.OK, _in_zones),
    Rule(always, Verdict.WARN, _in_zones),
)
"""Of an instance of its own."""


def _next(verdict: Verdict, database: RdsDatabase) -> str:
    if verdict is Verdict.OK:
        return ""
    if _unread_instances(database):
        return "Allow rds:DescribeDBInstances for Tocsin's role, or look at the instances in the console."
    states = (database.status, *(instance.status for instance in database.instances))
    told = next((NEXT[state] for state in states if state in NEXT), "")
    return told or "Check the events in the console, and the writer's connections and CPU."


def _table(seen: RdsSnapshot, now: datetime) -> EvidenceTable:
    rows = [row for database in seen.databases for row in _rows(database)]
    events = [
        (event.source, "event", event.text, _ago(event.at, now))
        for event in seen.events
        if now - event.at <= LATELY
    ]
    unread = [("not read", "", text, "") for text in seen.unread]
    left_out = max(0, len(rows) - MOST_ROWS) + max(0, len(events) - MOST_EVENTS)
    shown = (*rows[:MOST_ROWS], *events[:MOST_EVENTS], *unread)
    return EvidenceTable(("database", "part", "state", "when"), shown, left_out)


def _rows(database: RdsDatabase) -> list[tuple[str, str, str, str]]:
    of_its_own = not database.cluster
    rows = (
        []
        if of_its_own
        else [(database.name, "cluster", _describe_status(database.status, database.pending), "")]
    )
    for instance in database.instances:
        part = "instance" if of_its_own else "writer" if instance.writer else "reader"
        state = _describe_status(instance.status, instance.pending)
        rows.append((instance.name, f"{part} {_where(instance)}".strip(), state, ""))
    return rows


def _where(instance: RdsInstance) -> str:
    zone = f"{instance.zone}, Multi-AZ" if instance.multi_zone else instance.zone
    return " ".join(filter(None, (instance.size, zone)))


def _describe_status(status: str, pending: tuple[str, ...]) -> str:
    waits = f", waits: {', '.join(pending)}" if pending else ""
    return f"{status or 'not read'}{waits}"


def _ago(at: datetime, now: datetime) -> str:
    return f"{max(0, int((now - at).total_seconds() // 60))} min ago"  # RDS's clock may go before ours
