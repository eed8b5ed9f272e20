"""Rules for Redis: memory, clients, evictions, refused commands, replication."""

import re
from collections.abc import Mapping
from dataclasses import replace

from bot.domain.check_request import CheckRequest
from bot.domain.evidence import EvidenceTable
from bot.domain.finding import Finding, Verdict
from diagnostics.analysis.thresholds import Limit, find_limit, judge_room
from diagnostics.systems.redis.models import MAX_REPLICA_LAG_S, RedisSample, RedisSamples

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


def interpret(seen: RedisSamples, question: CheckRequest) -> Finding:
    """The worst of everything that Redis tells; counters by what they grew between two samples."""
    judged = [judgement for judgement in _all(seen, question) if judgement[1]]
    verdict = min((judgement[0] for judgement in judged), key=ORDER.index, default=Verdict.OK)
    wrong = [said for rank, said in judged if rank is verdict and rank is not Verdict.OK]
    headline = "; ".join(wrong) or "; ".join(said for _, said in judged)
    return Finding(
        verdict,
        f"{headline[:1].upper()}{headline[1:]}.",
        question.now,
        measure=_measure(seen),
        table=_table(seen),
        next_look=_next(seen) if verdict is not Verdict.OK else "",
    )


def interpret_nodes(seen: Mapping[str, RedisSamples], question: CheckRequest) -> Finding:
    """The worst of the nodes of a cluster, by their names; at least one is there."""
    judged = [(interpret(samples, question), name) for name, samples in seen.items()]
    worst, name = min(judged, key=lambda judgement: ORDER.index(judgement[0].verdict))
    if len(judged) == 1:
        return worst
    ill = sum(finding.verdict is not Verdict.OK for finding, _ in judged)
    more = f" Of {len(judged)} nodes {ill} {'is' if ill == 1 else 'are'} not well." if ill else ""
    return replace(
        worst, headline=f"{name}: {worst.headline}{more}", measure=f"{len(judged) - ill}/{len(judged)}"
    )


def _all(seen: RedisSamples, question: CheckRequest) -> list[Said]:
    return [
        *_replication(seen),
        *_writes(seen),
        _memory(seen, question),
        *_clients(seen, question),
        *_evictions(seen, question),
        _hits(seen, question),
    ]


def _replication(seen: RedisSamples) -> list[Said]:
    last = seen.last
    found: list[Said] = []
    if last.is_loading:
        found.append((Verdict.BAD, "Redis is loading its data from disk: it is not serving yet"))
    if last.link and last.link != "up":
        since = f"has lost its master {last.link_down_for} s ago" if last.link_down_for >= 0 else ""
        found.append((Verdict.BAD, f"the replica {since or 'has no link to its master'}"))
    if last.behind:
        some = f"{last.behind} of {max(last.replicas, last.behind)} replicas"
        verb = "does" if last.behind == 1 else "do"
        found.append((Verdict.WARN, f"{some} {verb} not follow (limit {MAX_REPLICA_LAG_S} s)"))
    return found


def _writes(seen: RedisSamples) -> list[Said]:
    """What is refused, and what will be: a Redis that cannot write to its disk takes no more writes, as a rule."""
    found: list[Said] = []
    if refused := seen.count_refusals():
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
        said = "its last snapshot could not be written: check whether writes fail with MISCONF"
        found.append((Verdict.WARN, said))
    return found


def _memory(seen: RedisSamples, question: CheckRequest) -> Said:
    last = seen.last
    allowed = find_limit(question.thresholds, OF_MEMORY, MEMORY)
    if not last.most:
        return _memory_without_limit(seen, allowed)
    share = 100.0 * last.used / last.most
    verdict = allowed.verdict(share)
    said = f"{share:.0f}% of {_size(last.most)} memory in use"
    keeps_all = _keeps_all(last)
    if keeps_all and share >= 99:
        return Verdict.BAD, f"{said}, and nothing may be evicted: writes fail"
    if not keeps_all and verdict is Verdict.BAD:
        verdict = Verdict.WARN  # a full cache throws out what is oldest: it is what it is for
    return verdict, f"{said} ({allowed.describe(verdict)})" if verdict is not Verdict.OK else said


def _memory_without_limit(seen: RedisSamples, allowed: Limit) -> Said:
    """Without a limit of its own Redis has all of the machine's memory."""
    last = seen.last
    share = 100.0 * last.used / last.machine if last.machine else 0.0
    verdict = allowed.verdict(share)
    if verdict is Verdict.OK:
        return verdict, f"{_size(last.used)} of memory in use, no limit is set"
    said = f"{share:.0f}% of the machine's {_size(last.machine)} memory in use, no limit is set"
    return verdict, f"{said} ({allowed.describe(verdict)})"


def _keeps_all(last: RedisSample) -> bool:
    """Whether nothing may be thrown out for what is new."""
    nothing_expires = last.policy.startswith("volatile-") and last.keys > 0 and not last.expiring
    return last.policy == "noeviction" or nothing_expires


def _clients(seen: RedisSamples, question: CheckRequest) -> list[Said]:
    last = seen.last
    found: list[Said] = []
    share = 100.0 * last.clients / last.most_clients if last.most_clients else 0.0
    verdict, allowed = judge_room(question.thresholds, OF_CLIENTS, CLIENTS, share, last.clients, "clients")
    if verdict is not Verdict.OK:
        said = f"{last.clients} of {last.most_clients} clients are connected ({allowed.describe(verdict)})"
        found.append((verdict, said))
    if rejected := seen.count_growth("rejected"):
        found.append((Verdict.BAD, f"{rejected} connections were refused in {seen.seconds:.0f} s"))
    if last.blocked:
        found.append((Verdict.OK, f"{last.blocked} clients wait for a list"))
    return found


def _evictions(seen: RedisSamples, question: CheckRequest) -> list[Said]:
    """Keys that are thrown out are bad when they are missed: a full cache throws out all the time."""
    evicted = seen.count_growth("evicted") / seen.seconds
    allowed = find_limit(question.thresholds, OF_EVICTIONS, EVICTIONS)
    verdict = allowed.verdict(evicted)
    if verdict is Verdict.OK:
        return []
    rate = _rate(seen.count_growth("hits"), seen.count_growth("misses"))
    if verdict is Verdict.BAD and not allowed.bad_line and HIT_RATE.verdict(rate) is Verdict.OK:
        verdict = Verdict.WARN
    return [(verdict, f"{evicted:.0f} keys a second are evicted because memory is full")]


def _hits(seen: RedisSamples, question: CheckRequest) -> Said:
    hits, misses = seen.count_growth("hits"), seen.count_growth("misses")
    if hits + misses < LEAST_LOOKUPS:
        return Verdict.OK, ""
    rate, ever = _rate(hits, misses), _rate(seen.first.hits, seen.first.misses)
    allowed = find_limit(question.thresholds, OF_HITS, HIT_RATE)
    verdict = allowed.verdict(rate)
    if verdict is Verdict.OK:
        return verdict, f"{rate:.0f}% of lookups find their key"
    if not allowed.bad_line and allowed.verdict(ever) is Verdict.BAD:
        verdict = Verdict.WARN  # it is used for something else than a cache
    since = f", {ever:.0f}% since its start" if seen.first.hits + seen.first.misses else ""
    return verdict, f"{rate:.0f}% of lookups find their key{since} ({allowed.describe(verdict)})"


def _rate(hits: int, misses: int) -> float:
    """The share of lookups that find their key in per cent; 100 of none."""
    return 100.0 * hits / (hits + misses) if hits + misses else 100.0


def _measure(seen: RedisSamples) -> str:
    last = seen.last
    return f"{100.0 * last.used / last.most:.0f}%" if last.most else _size(last.used)


def _table(seen: RedisSamples) -> EvidenceTable:
    last = seen.last
    rows = [
        ("memory", _size(last.used), f"of {_size(last.most)}, {last.policy}" if last.most else "no limit"),
        ("clients", str(last.clients), f"of {last.most_clients}" if last.most_clients else ""),
        (
            "evicted keys",
            str(seen.count_growth("evicted")),
            f"in {seen.seconds:.1f} s, {last.evicted:,} since the start",
        ),
        (
            "refused connections",
            str(seen.count_growth("rejected")),
            f"in {seen.seconds:.1f} s, {last.rejected:,} since the start",
        ),
        ("refused commands", str(sum(seen.count_refusals().values())), f"in {seen.seconds:.1f} s"),
        (
            "lookups",
            str(seen.count_growth("hits") + seen.count_growth("misses")),
            f"{seen.count_growth('misses')} found nothing",
        ),
        ("commands", f"{seen.count_growth('commands') / seen.seconds:.0f}/s", ""),
        ("role", last.role, f"link {last.link}" if last.link else f"{last.replicas} replicas"),
    ]
    if last.fragmentation > 1.5 and last.used > SMALL:
        rows.append(("fragmentation", f"{last.fragmentation:.1f}", "of memory"))
    return EvidenceTable(("what", "now", ""), tuple(rows))


def _next(seen: RedisSamples) -> str:
    if "OOM" in seen.count_refusals():
        return (
            "Nothing is evicted (maxmemory-policy): raise maxmemory or delete keys, writes fail until then."
        )
    is_short = bool(seen.last.most) and seen.last.used > 0.8 * seen.last.most
    if is_short and _keeps_all(seen.last):
        return "Nothing is evicted (maxmemory-policy): raise maxmemory or delete keys before writes fail."
    if is_short or seen.count_growth("evicted"):
        return "Check which keys grew, or give it more memory: evicted keys are read from the database again."
    if {seen.last.appended, seen.last.snapshot} - {"", "ok"}:
        return "Check the room on its disk and its log."
    return "Check its log and the network between it and the service."


def _size(count: int) -> str:
    for unit, size in (("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count} B"
