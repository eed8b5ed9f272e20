"""How a Redis looks: room for keys and clients, what it throws out, whether its replication stands."""

import re

from diagnostics.finding import Finding, Table, Verdict
from diagnostics.limits import Limit, limit
from diagnostics.question import Question
from diagnostics.redis.seen import Seen

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


def _all(seen: Seen, question: Question) -> list[Said]:
    last = seen.last
    found: list[Said] = []
    if last.is_loading:
        found.append((Verdict.BAD, "Redis is loading its data from disk: it serves nobody yet"))
    if last.link and last.link != "up":
        found.append((Verdict.BAD, f"the replica has lost its master {last.link_down_for} s ago"))
    found.append(_memory(seen, question))
    share = 100.0 * last.clients / last.most_clients if last.most_clients else 0.0
    allowed = limit(question.thresholds, OF_CLIENTS, CLIENTS)
    if (verdict := allowed.verdict(share)) is not Verdict.OK:
        found.append(
            (
                verdict,
                f"{last.clients} of {last.most_clients} clients are connected ({allowed.said(verdict)})",
            )
        )
    if rejected := seen.grown("rejected"):
        found.append((Verdict.BAD, f"{rejected} connections were refused in {seen.seconds:.0f} s"))
    evicted = seen.grown("evicted") / seen.seconds
    allowed = limit(question.thresholds, OF_EVICTIONS, EVICTIONS)
    if (verdict := allowed.verdict(evicted)) is not Verdict.OK:
        found.append((verdict, f"{evicted:.0f} keys a second are thrown out for want of memory"))
    found.append(_hits(seen, question))
    if last.blocked:
        found.append((Verdict.OK, f"{last.blocked} clients wait for a list"))
    return found


def _memory(seen: Seen, question: Question) -> Said:
    last = seen.last
    if not last.most:
        return Verdict.OK, f"{_size(last.used)} of memory in use, no limit is set"
    share = 100.0 * last.used / last.most
    allowed = limit(question.thresholds, OF_MEMORY, MEMORY)
    verdict = allowed.verdict(share)
    said = f"{share:.0f}% of {_size(last.most)} memory in use"
    if last.policy != "noeviction" and verdict is Verdict.BAD:
        verdict = Verdict.WARN  # a full cache throws out what is oldest: it is what it is for
    if last.policy == "noeviction" and share >= 99:
        return Verdict.BAD, f"{said}, and nothing may be thrown out: writes fail"
    return verdict, f"{said} ({allowed.said(verdict)})" if verdict is not Verdict.OK else said


def _hits(seen: Seen, question: Question) -> Said:
    hits, misses = seen.grown("hits"), seen.grown("misses")
    if hits + misses < LEAST_LOOKUPS:
        return Verdict.OK, ""
    rate = 100.0 * hits / (hits + misses)
    allowed = limit(question.thresholds, OF_HITS, HIT_RATE)
    verdict = allowed.verdict(rate)
    beyond = f" ({allowed.said(verdict)})" if verdict is not Verdict.OK else ""
    return verdict, f"{rate:.0f}% of lookups find their key{beyond}"


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
    return "Look at its log and at the network between it and the service."


def _size(count: int) -> str:
    for unit, size in (("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count} B"
