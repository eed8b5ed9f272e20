"""How databases of RDS look: status, writer, instances, and what happened to them lately.

The words of status: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Status.html and
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.DBInstance.Status.html
"""

from datetime import datetime, timedelta

from diagnostics.finding import Cause, Finding, Table, Verdict, Window, unknown
from diagnostics.rds.seen import Database, Event, Instance, Snapshot

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
    "storage-full": "Give it more storage; look at what grew.",
    "failing-over": "It lasts under a minute as a rule: look again, then at the application's connections.",
    "stopped": "Start it, and ask who stopped it.",
    "inaccessible-encryption-credentials": "Look at the KMS key: is it disabled, or its policy changed?",
    "inaccessible-encryption-credentials-recoverable": "Enable the KMS key again, then start the database.",
}


def interpret(seen: Snapshot, now: datetime) -> Finding:
    """The judgement of what was read at `now`."""
    if not seen.databases:
        said = "RDS tells of no such database."
        return unknown(Cause.NOT_FOUND, said, now, "Look at the name and at the region.")
    judged = [(*_judged(each, seen.events, now), each) for each in seen.databases]
    order = (Verdict.BAD, Verdict.WARN, Verdict.OK)
    verdict, said, worst = min(judged, key=lambda each: order.index(each[0]))
    fine = sum(each.status in FINE for each in worst.instances)
    total = len(worst.instances)
    known = total and all(each.status for each in worst.instances)
    return Finding(
        verdict,
        said,
        now,
        measure=f"{worst.status} {fine}/{total}" if known and worst.cluster else worst.status,
        table=_table(seen, now),
        marks=tuple((each.at, "failover") for each in seen.events if "failover" in each.categories),
        window=Window(now - LATELY, now),
        next_look=_next(verdict, worst),
    )


def _judged(database: Database, events: tuple[Event, ...], now: datetime) -> tuple[Verdict, str]:
    """The verdict on one database, and why."""
    verdict, said = _status(database) if database.cluster else _one(database)
    if verdict is not Verdict.OK:
        return verdict, said
    names = {database.name, *(each.name for each in database.instances)}
    late = [
        each
        for each in events
        if each.source in names and each.categories & TELLING and now - each.at <= LATELY
    ]
    if late:
        return Verdict.WARN, f"{said.rstrip('.')}; {_ago(late[0].at, now)}: {late[0].source}: {late[0].text}"
    return verdict, said


def _status(database: Database) -> tuple[Verdict, str]:
    """Of a cluster."""
    name, status = database.name, database.status
    if status in DOWN:
        return Verdict.BAD, f"{name} is {status}."
    if database.serverless:
        return _by_word(status), f"{name} is {status} (serverless)."
    if not database.instances:
        return Verdict.BAD, f"{name} is {status}, but has no instance: nothing answers."
    writers = [each for each in database.instances if each.writer]
    readers = [each for each in database.instances if not each.writer]
    down = [each for each in writers if each.status in DOWN]
    if down:
        return Verdict.BAD, f"{name} is {status}, but its writer {down[0].name} is {down[0].status}."
    if not writers and not database.secondary:
        return Verdict.BAD, f"{name} is {status}, but none of its {len(readers)} instances is the writer."
    counted = (
        f"{len(writers)} writer{'s' * (len(writers) != 1)}, {len(readers)} reader{'s' * (len(readers) != 1)}"
    )
    if status not in FINE:
        return Verdict.WARN, f"{name} is {status} ({counted})."
    odd = [each for each in database.instances if each.status and each.status not in FINE]
    if odd:
        part = "writer" if odd[0].writer else "reader"
        alone = (
            "" if odd[0].writer or any(each.status in FINE for each in readers) else ": none to fail over to"
        )
        return Verdict.WARN, f"{name} is {status}, but its {part} {odd[0].name} is {odd[0].status}{alone}."
    if unread := [each for each in database.instances if not each.status]:
        some = f"{len(unread)} of {len(database.instances)} instances"
        return Verdict.WARN, f"{name} is {status}, but the state of {some} could not be read."
    if replica := next((each for each in database.instances if each.replication), None):
        return Verdict.WARN, f"{name} is {status}, but {replica.name}: {replica.replication}."
    if not writers:
        return Verdict.OK, f"{name} is {status} and follows another cluster ({counted})."
    alone = "" if readers else ", none to fail over to"
    return Verdict.OK, f"{name} is {status}: {counted}{alone}."


def _one(database: Database) -> tuple[Verdict, str]:
    """Of an instance of its own."""
    (instance,) = database.instances
    zones = "in more than one zone" if instance.multi_zone else "in one zone, no standby"
    if instance.replication and database.status not in DOWN:
        return Verdict.WARN, f"{database.name} is {database.status}, but {instance.replication}."
    return _by_word(database.status), f"{database.name} is {database.status} ({zones})."


def _by_word(status: str) -> Verdict:
    if status in DOWN:
        return Verdict.BAD
    return Verdict.OK if status in FINE else Verdict.WARN


def _next(verdict: Verdict, database: Database) -> str:
    if verdict is Verdict.OK:
        return ""
    words = (database.status, *(each.status for each in database.instances))
    if not all(each.status for each in database.instances):
        return "Allow rds:DescribeDBInstances for Tocsin's role, or look at the instances in the console."
    told = next((NEXT[each] for each in words if each in NEXT), "")
    return told or "Look at the events in the console, and at connections and CPU of the writer."


def _table(seen: Snapshot, now: datetime) -> Table:
    rows = [row for each in seen.databases for row in _rows(each)]
    events = [
        (each.source, "event", each.text, _ago(each.at, now))
        for each in seen.events
        if now - each.at <= LATELY
    ]
    unread = [("not read", "", text, "") for text in seen.unread]
    left_out = max(0, len(rows) - MOST_ROWS) + max(0, len(events) - MOST_EVENTS)
    shown = (*rows[:MOST_ROWS], *events[:MOST_EVENTS], *unread)
    return Table(("database", "part", "state", "when"), shown, left_out)


def _rows(database: Database) -> list[tuple[str, str, str, str]]:
    of_its_own = not database.cluster
    rows = [] if of_its_own else [(database.name, "cluster", _worded(database.status, database.pending), "")]
    for each in database.instances:
        part = "instance" if of_its_own else "writer" if each.writer else "reader"
        rows.append((each.name, f"{part} {_where(each)}".strip(), _worded(each.status, each.pending), ""))
    return rows


def _where(instance: Instance) -> str:
    zone = f"{instance.zone}, Multi-AZ" if instance.multi_zone else instance.zone
    return " ".join(each for each in (instance.size, zone) if each)


def _worded(status: str, pending: tuple[str, ...]) -> str:
    waits = f", waits: {', '.join(pending)}" if pending else ""
    return f"{status or 'not read'}{waits}"


def _ago(at: datetime, now: datetime) -> str:
    return f"{max(0, int((now - at).total_seconds() // 60))} min ago"  # RDS's clock may go before ours
