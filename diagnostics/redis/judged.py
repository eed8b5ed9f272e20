"""How a Redis looks: room for keys and clients, what it throws out, whether its replication stands."""

import re
from collections.abc import Mapping
from dataclasses import replace

from diagnostics.finding import Finding, Table, Verdict
from diagnostics.limits import Limit, limit, room
from diagnostics.question import Question
from diagnostics.redis.seen import BEHIND, Seen

MEMORY = Limit(">=", 80, 95, "%")
CLIENTS = Limit(">=", 75, 90, "%")
EVICTIONS = Limit(">", 0, 100, "/s")
HIT_RATE = Limit("<", 80, 50, "%")
OF_MEMORY = re.compile(r"memory", re.I)
OF_CLIENTS = re.compile(r"client|connection", re.I)
OF_EVICTIONS = re.compile(r"evict", re.I)
OF_HITS = re.compile(r"hit", re.I)
LEAST_LOOKUPS = 100
SMALL = 100 * 2**20
ORDER = (Verdict.BAD, Verdict.WARN, Verdict.OK)

Said = tuple[Verdict, str]


def interpret(seen: Seen, question: Question) -> Finding:
    """The worst of everything that Redis tells; counters by what they grew between two samples."""
    judged = [each for each in _all(seen, question) if each[1]]
    verdict = min((each[0] for each in judged), key=ORDER.index, default=Verdict.OK)
    wrong = [said for each, said in judged if each is verdict and each is not Verdict.OK]
    headline = "; ".join(wrong) or "; ".join(said for _, said in judged)
    return Finding(
        verdict,
        f"{headline[:1].upper()}{headline[1:]}.",
        question.now,
        measure=_measure(seen),
        table=_table(seen),
        next_look=_next(seen) if verdict is not Verdict.OK else "",
    )


def of_nodes(seen: Mapping[str, Seen], question: Question) -> Finding:
    """The worst of the nodes of a cluster, by their names; at least one is there."""
    judged = [(interpret(each, question), name) for name, each in seen.items()]
    worst, name = min(judged, key=lambda each: ORDER.index(each[0].verdict))
    if len(judged) == 1:
        return worst
    ill = sum(each.verdict is not Verdict.OK for each, _ in judged)
    more = f" Of {len(judged)} nodes {ill} {'is' if ill == 1 else 'are'} not well." if ill else ""
    return replace(
        worst, headline=f"{name}: {worst.headline}{more}", measure=f"{len(judged) - ill}/{len(judged)}"
    )


def _all(seen: Seen, question: Question) -> list[Said]:
    return [
        *_replication(seen),
        *_writes(seen),
        _memory(seen, question),
        *_clients(seen, question),
        *_evictions(seen, question),
        _hits(seen, question),
    ]


def _replication(seen: Seen) -> list[Said]:
    last = seen.last
    found: list[Said] = []
    if last.is_loading:
        found.append((Verdict.BAD, "Redis is loading its data from disk: it serves nobody yet"))
    if last.link and last.link != "up":
        since = f"has lost its master {last.link_down_for} s ago" if last.link_down_for >= 0 else ""
        found.append((Verdict.BAD, f"the replica {since or 'has no link to its master'}"))
    if last.behind:
        some = f"{last.behind} of {max(last.replicas, last.behind)} replicas"
        verb = "does" if last.behind == 1 else "do"
        found.append((Verdict.WARN, f"{some} {verb} not follow (limit {BEHIND} s)"))
    return found


def _writes(seen: Seen) -> list[Said]:
    """What is refused, and what will be: a Redis that cannot write to its disk takes no more writes, as a rule."""
    found: list[Said] = []
    if refused := seen.refused():
        names = ", ".join(sorted(refused, key=lambda name: -refused[name]))
        found.append(
            (Verdict.BAD, f"{sum(refused.values())} commands were refused in {seen.seconds:.0f} s ({names})")
        )
    if seen.last.appended not in ("", "ok"):
        found.append(
            (
                Verdict.BAD,
                "the last write to the append-only file failed: writes are refused until one succeeds",
            )
        )
    if seen.last.snapshot not in ("", "ok"):
        said = "its last snapshot could not be written: look whether writes fail with MISCONF"
        found.append((Verdict.WARN, said))
    return found


def _memory(seen: Seen, question: Question) -> Said:
    last = seen.last
    allowed = limit(question.thresholds, OF_MEMORY, MEMORY)
    if not last.most:
        share = 100.0 * last.used / last.machine if last.machine else 0.0
        if (verdict := allowed.verdict(share)) is Verdict.OK:
            return verdict, f"{_size(last.used)} of memory in use, no limit is set"
        said = f"{share:.0f}% of the machine's {_size(last.machine)} memory in use, no limit is set"
        return verdict, f"{said} ({allowed.said(verdict)})"
    share = 100.0 * last.used / last.most
    verdict = allowed.verdict(share)
    said = f"{share:.0f}% of {_size(last.most)} memory in use"
    nothing_may_go = last.policy == "noeviction" or (
        last.policy.startswith("volatile-") and last.keys > 0 and not last.expiring
    )
    if nothing_may_go and share >= 99:
        return Verdict.BAD, f"{said}, and nothing may be thrown out: writes fail"
    if not nothing_may_go and verdict is Verdict.BAD:
        verdict = Verdict.WARN  # a full cache throws out what is oldest: it is what it is for
    return verdict, f"{said} ({allowed.said(verdict)})" if verdict is not Verdict.OK else said


def _clients(seen: Seen, question: Question) -> list[Said]:
    last = seen.last
    found: list[Said] = []
    share = 100.0 * last.clients / last.most_clients if last.most_clients else 0.0
    verdict, allowed = room(question.thresholds, OF_CLIENTS, CLIENTS, share, last.clients, "clients")
    if verdict is not Verdict.OK:
        said = f"{last.clients} of {last.most_clients} clients are connected ({allowed.said(verdict)})"
        found.append((verdict, said))
    if rejected := seen.grown("rejected"):
        found.append((Verdict.BAD, f"{rejected} connections were refused in {seen.seconds:.0f} s"))
    if last.blocked:
        found.append((Verdict.OK, f"{last.blocked} clients wait for a list"))
    return found


def _evictions(seen: Seen, question: Question) -> list[Said]:
    """Keys that are thrown out are bad when they are missed: a full cache throws out all the time."""
    evicted = seen.grown("evicted") / seen.seconds
    allowed = limit(question.thresholds, OF_EVICTIONS, EVICTIONS)
    verdict = allowed.verdict(evicted)
    if verdict is Verdict.OK:
        return []
    rate = _rate(seen.grown("hits"), seen.grown("misses"))
    if verdict is Verdict.BAD and not allowed.bad_line and HIT_RATE.verdict(rate) is Verdict.OK:
        verdict = Verdict.WARN
    return [(verdict, f"{evicted:.0f} keys a second are thrown out for want of memory")]


def _hits(seen: Seen, question: Question) -> Said:
    hits, misses = seen.grown("hits"), seen.grown("misses")
    if hits + misses < LEAST_LOOKUPS:
        return Verdict.OK, ""
    rate, ever = _rate(hits, misses), _rate(seen.first.hits, seen.first.misses)
    allowed = limit(question.thresholds, OF_HITS, HIT_RATE)
    verdict = allowed.verdict(rate)
    if verdict is Verdict.OK:
        return verdict, f"{rate:.0f}% of lookups find their key"
    if not allowed.bad_line and allowed.verdict(ever) is Verdict.BAD:
        verdict = Verdict.WARN  # it is used for something else than a cache
    since = f", {ever:.0f}% since its start" if seen.first.hits + seen.first.misses else ""
    return verdict, f"{rate:.0f}% of lookups find their key{since} ({allowed.said(verdict)})"


def _rate(hits: int, misses: int) -> float:
    """The share of lookups that find their key in per cent; 100 of none."""
    return 100.0 * hits / (hits + misses) if hits + misses else 100.0


def _measure(seen: Seen) -> str:
    last = seen.last
    return f"{100.0 * last.used / last.most:.0f}%" if last.most else _size(last.used)


def _table(seen: Seen) -> Table:
    last = seen.last
    rows = [
        ("memory", _size(last.used), f"of {_size(last.most)}, {last.policy}" if last.most else "no limit"),
        ("clients", str(last.clients), f"of {last.most_clients}" if last.most_clients else ""),
        (
            "thrown out",
            str(seen.grown("evicted")),
            f"in {seen.seconds:.1f} s, {last.evicted:,} since the start",
        ),
        (
            "refused",
            str(seen.grown("rejected")),
            f"in {seen.seconds:.1f} s, {last.rejected:,} since the start",
        ),
        ("lookups", str(seen.grown("hits") + seen.grown("misses")), f"{seen.grown('misses')} found nothing"),
        ("commands", f"{seen.grown('commands') / seen.seconds:.0f}/s", ""),
        ("role", last.role, f"link {last.link}" if last.link else f"{last.replicas} replicas"),
    ]
    if last.fragmentation > 1.5 and last.used > SMALL:
        rows.append(("fragmentation", f"{last.fragmentation:.1f}", "of memory"))
    return Table(("what", "now", ""), tuple(rows))


def _next(seen: Seen) -> str:
    if seen.grown("evicted") or (seen.last.most and seen.last.used > 0.8 * seen.last.most):
        return "Look which keys grew, or give it more memory: what is thrown out is read from the database again."
    if {seen.last.appended, seen.last.snapshot} - {"", "ok"}:
        return "Look at the room on its disk, and at its log."
    return "Look at its log and at the network between it and the service."


def _size(count: int) -> str:
    for unit, size in (("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count} B"
