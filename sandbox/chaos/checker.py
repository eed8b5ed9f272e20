"""Was everything that the crowd was promised done once and in order, and nothing else?

Knows nothing of the bot's code: only what people were told, and what stands in Slack afterwards.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from sandbox.chaos.told import Shown, Told

DECLARED = re.compile(r"INC-(\d+) is declared")
CALLED = re.compile(r"^Called: (.*)\.$", re.MULTILINE)
PEOPLE = {"CTO": "bruno", "DevOps Lead": "devika", "On-Call Engineer": "chidi"}
SAYS = {
    "declare": "INCIDENT ALERT",
    "update": "What changed by",
    "status": "set the status to",
    "severity": "changed the severity from",
    "lead": "commands now.",
    "resolve": "INCIDENT RESOLVED",
}
"""How a room's message begins or what it contains, for each kind of request that shows itself there."""
BESIDES = (
    "you are called for INC-",
    "Not called, reach them yourself",
    "Playbook: ",
    "🔎 ",
    "· sha256 ",
    "What was not asked, to run by hand",
    "Post-incident checklist",
    "asks you to command",
    "acknowledged after",
)
"""What else may stand in a room."""


def violations(told: Sequence[Told], shown: Shown) -> list[str]:
    """Everything that is not as it was promised, one sentence each; empty when all is well."""
    found = list(_declared(told, shown))
    numbers = {number for each in told if (number := _number(each))}
    for number in sorted(numbers):
        found += _incident(number, [each for each in told if each.incident == number], shown)
    for name, messages in shown.rooms.items():
        found += [f"#{name}: nobody asked for this: {text!r}" for text in messages if not _explained(text)]
    return found


def _number(told: Told) -> int:
    match = DECLARED.search(told.answer) if told.what == "declare" and told.verdict == "accepted" else None
    return int(match[1]) if match else 0


def _declared(told: Sequence[Told], shown: Shown) -> Iterator[str]:
    rooms = {name: "\n".join(messages) for name, messages in shown.rooms.items()}
    for each in told:
        if each.what != "declare":
            continue
        places = [name for name, text in rooms.items() if each.words in text]
        announced = sum(SAYS["declare"] in text and each.words in text for text in shown.announced)
        if each.verdict == "accepted":
            yield from _expect(f"{each.words}: rooms", len(places), 1)
            yield from _expect(f"{each.words}: announcements", announced, 1)
            yield from _called(each, shown)
            for name in places:
                alerts = [text for text in shown.rooms[name] if SAYS["declare"] in text]
                yield from _expect(f"{each.words}: alerts", len(alerts), 1)
                yield from _expect(f"{each.words}: pinned alerts", len(shown.pinned[name]), 1)
                yield from _expect(f"{each.words}: mentions", _mentions(shown.rooms[name]) > 0, True)
        elif each.verdict == "refused" and (places or announced):
            yield f"{each.words}: refused, and yet it is in {places or 'the incidents channel'}"
        elif len(places) > 1 or announced > 1:
            yield f"{each.words}: in doubt, and there twice: {places}, announced {announced} times"


def _mentions(messages: Iterable[str]) -> int:
    return sum("you are called for INC-" in text for text in messages)


def _called(told: Told, shown: Shown) -> Iterator[str]:
    listed = CALLED.search(told.answer)
    named = {PEOPLE[name] for name in listed[1].split(", ")} if listed else set()
    for who, messages in shown.direct.items():
        count = sum(told.words in text for text in messages)
        if who in named or count > 1:
            yield from _expect(f"{told.words}: direct messages to {who}", count, 1)


def _incident(number: int, told: Sequence[Told], shown: Shown) -> Iterator[str]:
    name = next((each for each in shown.rooms if each.startswith(f"inc-{number}-")), None)
    if name is None:
        yield f"INC-{number} has no room"
        return
    room = shown.rooms[name]
    yield from _updates(number, told, room, shown.announced)
    for kind in ("status", "severity", "lead", "resolve"):
        asked = [each for each in told if each.what == kind]
        least = sum(each.verdict == "accepted" for each in asked)
        most = least + sum(each.verdict == "in doubt" for each in asked)
        count = sum(SAYS[kind] in text for text in room)
        if not least <= count <= most:
            doubts = f"{least} times ({most - least} in doubt)"
            yield f"INC-{number}: {kind} was accepted {doubts}, its room says so {count} times"
    if any(each.what == "resolve" and each.verdict == "accepted" for each in told):
        lists = [text for text in room if "Post-incident checklist" in text]
        yield from _expect(f"INC-{number}: checklists", len(lists), 1)
        yield from _ticks(number, told, "".join(lists))


def _updates(
    number: int, told: Sequence[Told], room: Sequence[str], announced: Sequence[str]
) -> Iterator[str]:
    asked = [each for each in told if each.what == "update"]
    for place, messages in (("its room", room), ("the incidents channel", announced)):
        said = [text for text in messages if SAYS["update"] in text]
        order = [each.words for text in said for each in asked if each.words in text]
        counts = Counter(order)
        for each in asked:
            wanted = {"accepted": (1,), "refused": (0,), "in doubt": (0, 1)}[each.verdict]
            if counts[each.words] not in wanted:
                found = f"{counts[each.words]} times in {place}"
                yield f"INC-{number}: the update {each.words!r} ({each.verdict}) is {found}"
        # What got no answer may have waited in a frozen replica, and is done when it wakes.
        accepted = [each.words for each in asked if each.verdict == "accepted"]
        seen = list(dict.fromkeys(words for words in order if words in accepted))
        if seen != [words for words in accepted if counts[words]]:
            yield f"INC-{number}: updates out of order in {place}: {seen}"


def _ticks(number: int, told: Sequence[Told], checklist: str) -> Iterator[str]:
    """Ticks of one item come one after the other; only the last one that is not in doubt says how it must stand."""
    last: dict[str, Told] = {}
    for each in told:
        if each.what == "tick" and each.verdict != "refused":
            last[each.words] = each
    for item, each in last.items():
        if each.verdict == "accepted" and f"☑ {item}" not in checklist:
            yield f"INC-{number}: {item!r} was ticked and is not"


def _explained(text: str) -> bool:
    return any(words in text for words in (*SAYS.values(), *BESIDES))


def _expect(what: str, count: int, wanted: int) -> Iterator[str]:
    if count != wanted:
        yield f"{what}: {count} where {wanted} should be"
