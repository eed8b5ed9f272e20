"""Who is on call now, and how each will be reached."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.paging import Duty, OnDuty
from bot.ports import Message
from templates.kit import DATED_WITHIN, Bold, Code, Line, Person, When, lines, message

Asked = tuple[str, Duty, tuple[str, ...]]
"""A source in words, its answer, and the people of a user group by their ids in Slack."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One contact: the severities that call it, who stands behind it now, the ways to it and why some are no ways.

    `is_contact` is false for words of the runbook that name nobody.
    """

    contact: str
    severities: tuple[str, ...]
    duties: tuple[Asked, ...] = ()
    ways: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    is_contact: bool = True


def on_call(standings: Sequence[Standing]) -> Message:
    """Each contact on a line, what is wrong below it."""
    body: list[Line] = [line for each in standings for line in _contact(each)]
    title: Line = (Bold("Who is called, and how"),)
    nobody: list[Line] = [("The runbook and the contacts file name nobody.",)]
    return message([title], lines("on-call", title, *(body or nobody)))


def asking() -> Message:
    """Said at once: schedules and calendars take a few seconds."""
    line: Line = ("Asking who is on call …",)
    return message([line], lines("on-call", line))


def unknown() -> Message:
    """Nobody answered in time, or a fault of ours: the log says which."""
    line: Line = (
        "Who is on call could not be found out. Try again, or call by name: ",
        Code("/incident page WHO"),
    )
    return message([line], lines("on-call", line))


def _contact(standing: Standing) -> list[Line]:
    for_whom = f" ({', '.join(standing.severities)})" if standing.severities else ""
    name: Line = (Bold(standing.contact), f"{for_whom}: ")
    if not standing.is_contact:
        return [("⚠ ", *name, "no contact goes by that name. Add it to the contacts file.")]
    behind = [line for asked in standing.duties for line in _behind(asked)]
    own = _in_order(standing.ways)
    at_once = [way for way in standing.ways if way.startswith("Slack")]
    later = _in_order([way for way in standing.ways if way not in at_once])
    problems = [duty.problem for _, duty, _ in standing.duties if duty.problem]
    wrong: list[Line] = [(f"    ⚠ {why}",) for why in (*problems, *(f"{each}." for each in standing.reasons))]
    if standing.duties:
        last: list[Line] = [(f"    {_in_order(at_once)}, beside them",)] if at_once else []
        last += [(f"    If nobody answers: {later}",)] if later else []
        return [(*name, "" if behind else "nobody is known to be on call"), *behind, *last, *wrong]
    if own:
        return [(*name, own), *wrong]
    return [("⚠ ", *name, "cannot be reached. Add a handle to the contacts file."), *wrong]


def _behind(asked: Asked) -> list[Line]:
    source, duty, members = asked
    people = [("    ", *_person(each), f" ({source})") for each in duty.people]
    return [*people, *(("    ", Person(each), f": Slack ({source})") for each in members)]


def _person(duty: OnDuty) -> Line:
    how = _in_order(tuple(str(each.kind) for each in duty.handles)) or "cannot be reached"
    until: Line = (" until ", When(duty.until, DATED_WITHIN)) if duty.until else ()
    return (Bold(duty.name), *until, f": {how}")


def _in_order(ways: Sequence[str]) -> str:
    return ", then ".join(dict.fromkeys(ways))
