"""Was everything that the crowd was promised done once and in order, and nothing else?

Knows nothing of the bot's code: only what people were told, and what stands in Slack afterwards.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from sandbox.chaos.promises import RequestRecord, SlackState, translate_before

DECLARED = re.compile(r"INC-(\d+) is declared")
CALLED = re.compile(r"^Paged: (.*)\.$", re.MULTILINE)
NOT_RUNG = "On hold until they acknowledge another page"
"""What the answer to a declaration says of a page that waits behind another one."""

HELD = re.compile(rf"^{NOT_RUNG}: (.*)\.$", re.MULTILINE)
ESCALATED = re.compile(r"Nobody has acknowledged\. Now paged: ([^.]*)\.")
PEOPLE = {"CTO": "bruno", "DevOps Lead": "devika", "On-Call Engineer": "chidi"}
SAYS = {
    "declare": "INCIDENT ALERT",
    "update": "What changed by",
    "status": "changed status: ",
    "severity": "changed severity: ",
    "lead": "is now incident commander.",
    "resolve": "INCIDENT RESOLVED",
}
"""How a room's message begins or what it contains, for each kind of request that shows itself there."""
BESIDES = (
    "you're being paged for INC-",
    "Not reachable from here; contact them yourself",
    "Playbook: ",
    "🔎 ",
    "· read ",
    "Skipped checks, to run yourself",
    "Post-incident checklist",
    "asks you to take command",
    "acknowledged after",
    "My database was restored from a backup",
    "page on hold",
    "It never rang.",
    "Nobody has acknowledged.",
)
"""What else may stand in a room; the last one where the database's clock was set ahead to the next escalation."""
EARLIER = "This was here before:"
"""How the message begins that names earlier incidents with their titles; at most one in a room."""


def find_violations(told: Sequence[RequestRecord], shown: SlackState) -> list[str]:
    """Everything that is not as it was promised, one sentence each; empty when all is well."""
    told = [replace(record, answer=translate_before(record.answer)) for record in told]
    shown = replace(
        shown,
        rooms={name: list(map(translate_before, texts)) for name, texts in shown.rooms.items()},
        announced=list(map(translate_before, shown.announced)),
        direct={who: list(map(translate_before, texts)) for who, texts in shown.direct.items()},
    )
    found = list(_check_declarations(told, shown))
    declared = {number: record.words for record in told if (number := _number(record))}
    for number, words in sorted(declared.items()):
        found += _incident(number, words, [record for record in told if record.incident == number], shown)
    for name, messages in shown.rooms.items():
        found += [f"#{name}: nobody asked for this: {text!r}" for text in messages if not _is_explained(text)]
        if (count := sum(text.startswith(EARLIER) for text in messages)) > 1:
            found.append(f"#{name}: earlier incidents are told {count} times")
        found += _check_escalation(name, messages)
    return found


def _check_escalation(name: str, messages: Sequence[str]) -> Iterator[str]:
    """Whom a step of the escalation called a second time, whatever the clocks said."""
    called = Counter(match[1] for text in messages if (match := ESCALATED.match(text)))
    for who, count in called.items():
        yield from _expect(f"#{name}: escalations to {who}", count, 1)


def _number(told: RequestRecord) -> int:
    match = DECLARED.search(told.answer) if told.what == "declare" and told.verdict == "accepted" else None
    return int(match[1]) if match else 0


def _check_declarations(told: Sequence[RequestRecord], shown: SlackState) -> Iterator[str]:
    rooms = {
        name: "\n".join(text for text in messages if not text.startswith(EARLIER))
        for name, messages in shown.rooms.items()
    }
    for record in told:
        if record.what != "declare":
            continue
        places = [name for name, text in rooms.items() if record.words in text]
        announced = sum(SAYS["declare"] in text and record.words in text for text in shown.announced)
        if record.verdict == "accepted":
            yield from _check_accepted(record, places, announced, shown)
            yield from _check_pages(record, told, shown)
        elif record.verdict == "refused" and (places or announced):
            yield f"{record.words}: refused, and yet it is in {places or 'the incidents channel'}"
        elif len(places) > 1 or announced > 1:
            yield f"{record.words}: in doubt, and there twice: {places}, announced {announced} times"


def _check_accepted(
    record: RequestRecord, places: Sequence[str], announced: int, shown: SlackState
) -> Iterator[str]:
    yield from _expect(f"{record.words}: rooms", len(places), 1)
    yield from _expect(f"{record.words}: announcements", announced, 1)
    for name in places:
        alerts = sum(SAYS["declare"] in text for text in shown.rooms[name])
        yield from _expect(f"{record.words}: alerts", alerts, 1)
        yield from _expect(f"{record.words}: pinned alerts", len(shown.pinned[name]), 1)


def _check_pages(told: RequestRecord, all_told: Sequence[RequestRecord], shown: SlackState) -> Iterator[str]:
    listed = [match[1] for pattern in (CALLED, HELD) if (match := pattern.search(told.answer))]
    named = {PEOPLE[name] for names in listed for name in names.split(", ")}
    for who, messages in shown.direct.items():
        count = sum(told.words in _read_page_reason(text) for text in messages)
        is_needed = not (
            _waits(told, messages) or _is_page_dropped(told, shown) or _has_answered(who, told, all_told)
        )
        if count == 0 and who in named and not is_needed:
            continue
        if who in named or count > 1:
            yield from _expect(f"{told.words}: direct messages to {who}", count, 1)


JOINED = "Also paged: "
"""How a line of a direct message begins about a page of another incident, which rings by itself later."""


def _read_page_reason(text: str) -> str:
    """What a direct message says of the incident that it calls for."""
    return "\n".join(line for line in text.splitlines() if not line.startswith(JOINED))


HIDDEN = re.compile(r"… and \d+ more")
"""The line for the pages that a direct message does not show one by one."""


def _waits(told: RequestRecord, messages: Iterable[str]) -> bool:
    """Whether the page stands as a note in one that is not answered yet, if only among those that are counted there."""
    lines = [line for text in messages for line in text.splitlines()]
    if NOT_RUNG in told.answer and any(HIDDEN.fullmatch(line) for line in lines):
        return True
    return any(line.startswith(JOINED) and told.words in line for line in lines)


def _has_answered(who: str, declared: RequestRecord, told: Sequence[RequestRecord]) -> bool:
    """Whether somebody whose page waited did something in its incident meanwhile: that acknowledges it."""
    number = _number(declared)
    return NOT_RUNG in declared.answer and any(
        record.incident == number and record.verdict != "refused" and who in (record.who, record.words)
        for record in told
    )


def _is_page_dropped(told: RequestRecord, shown: SlackState) -> bool:
    """Whether its room says of a page that waited that it was not needed any more."""
    rooms = ("\n".join(messages) for messages in shown.rooms.values())
    return any(told.words in text and "It never rang." in text for text in rooms)


def _incident(number: int, words: str, told: Sequence[RequestRecord], shown: SlackState) -> Iterator[str]:
    # After a restore the room of a lost incident may have the same number.
    named = words.casefold().replace(" ", "-")
    name = next((room for room in shown.rooms if room.startswith(f"inc-{number}-{named}")), None)
    if name is None:
        yield f"INC-{number} has no room"
        return
    room = shown.rooms[name]
    yield from _check_updates(number, told, "its room", room)
    yield from _check_updates(number, told, "the incidents channel", shown.announced)
    for kind in ("status", "severity", "lead", "resolve"):
        yield from _check_changes(number, kind, [record for record in told if record.what == kind], room)
    if any(record.what == "resolve" and record.verdict == "accepted" for record in told):
        lists = [text for text in room if "Post-incident checklist" in text]
        yield from _expect(f"INC-{number}: checklists", len(lists), 1)
        yield from _ticks(number, told, "".join(lists))


def _check_changes(
    number: int, kind: str, requests: Sequence[RequestRecord], room: Sequence[str]
) -> Iterator[str]:
    """Each accepted change is told once in the room; one in doubt may be."""
    verdicts = Counter(request.verdict for request in requests)
    least, doubts = verdicts["accepted"], verdicts["in doubt"]
    count = sum(SAYS[kind] in text for text in room)
    if not least <= count <= least + doubts:
        times = f"{least} times ({doubts} in doubt)"
        yield f"INC-{number}: {kind} was accepted {times}, its room says so {count} times"


def _find_updates(requests: Sequence[RequestRecord], messages: Sequence[str]) -> Iterator[str]:
    """The words of the updates in the order in which they stand there."""
    for text in messages:
        if SAYS["update"] in text:
            yield from (request.words for request in requests if request.words in text)


ALLOWED_COUNTS = {"accepted": (1,), "refused": (0,), "in doubt": (0, 1)}


def _check_updates(
    number: int, told: Sequence[RequestRecord], place: str, messages: Sequence[str]
) -> Iterator[str]:
    """Each update stands in this place as often as it may, and in the order in which they were accepted."""
    requests = [record for record in told if record.what == "update"]
    order = list(_find_updates(requests, messages))
    counts = Counter(order)
    for request in requests:
        if counts[request.words] not in ALLOWED_COUNTS[request.verdict]:
            times = f"{counts[request.words]} times in {place}"
            yield f"INC-{number}: the update {request.words!r} ({request.verdict}) is {times}"
    # What got no answer may have waited in a frozen replica, and is done when it wakes.
    accepted = [
        request.words for request in requests if request.verdict == "accepted" and counts[request.words]
    ]
    shown = list(dict.fromkeys(words for words in order if words in accepted))
    if shown != accepted:
        yield f"INC-{number}: updates out of order in {place}: {shown}"


def _ticks(number: int, told: Sequence[RequestRecord], checklist: str) -> Iterator[str]:
    """Ticks of one item come one after the other; only the last one that is not in doubt says how it must stand."""
    last: dict[str, RequestRecord] = {}
    for record in told:
        if record.what == "tick" and record.verdict != "refused":
            last[record.words] = record
    for item, work in last.items():
        if work.verdict == "accepted" and f"☑ {item}" not in checklist:
            yield f"INC-{number}: {item!r} was ticked and is not"


def _is_explained(text: str) -> bool:
    return any(words in text for words in (*SAYS.values(), *BESIDES, EARLIER))


def _expect(what: str, count: int, wanted: int) -> Iterator[str]:
    if count != wanted:
        yield f"{what}: {count} where {wanted} should be"
