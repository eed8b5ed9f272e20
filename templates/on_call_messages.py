"""Who is on call now, and how each will be reached."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.page_provider import OnCallPerson, OnCallResult
from bot.ports import SlackPayload
from templates.blocks import build_lines, build_message
from templates.spans import INLINE_DATE_FORMAT, Bold, Code, Line, Timestamp, UserMention

Asked = tuple[str, OnCallResult, tuple[str, ...]]
"""A source in words, its answer, and the people of a user group by their ids in Slack."""


@dataclass(frozen=True, slots=True)
class ContactStatus:
    """One contact: the severities that call it, who stands behind it now, the ways to it and why some are no ways.

    `is_contact` is false for words of the runbook that name nobody.
    """

    contact: str
    severities: tuple[str, ...]
    duties: tuple[Asked, ...] = ()
    ways: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    is_contact: bool = True


def render_on_call(standings: Sequence[ContactStatus]) -> SlackPayload:
    """Each contact on a line, what is wrong below it."""
    title: Line = (Bold("Who gets paged, and how"),)
    return build_message([title], build_lines("on-call", title, *contact_lines(standings)))


def contact_lines(standings: Sequence[ContactStatus]) -> list[Line]:
    """The same without a title."""
    body = [line for standing in standings for line in _contact(standing)]
    return body or [("The runbook and the contacts file have no contacts.",)]


ASKING: Line = ("Looking up who is on call…",)
"""Said at once: schedules and calendars take a few seconds."""

UNKNOWN: Line = (
    "Couldn't look up who is on call. Try again, or page by name: ",
    Code("/incident page WHO"),
)
"""Nobody answered in time, or a fault of ours: the log says which."""


def render_asking() -> SlackPayload:
    return build_message([ASKING], build_lines("on-call", ASKING))


def render_unknown() -> SlackPayload:
    return build_message([UNKNOWN], build_lines("on-call", UNKNOWN))


def _contact(standing: ContactStatus) -> list[Line]:
    for_whom = f" ({', '.join(standing.severities)})" if standing.severities else ""
    name: Line = (Bold(standing.contact), f"{for_whom}: ")
    if not standing.is_contact:
        return [("⚠ ", *name, "no contact has that name. Add it to the contacts file.")]
    wrong = _list_problems(standing)
    if standing.duties:
        behind = [line for asked in standing.duties for line in _behind(asked)]
        nobody = "" if behind else "nobody is known to be on call"
        return [(*name, nobody), *behind, *_list_other_ways(standing), *wrong]
    if own := _in_order(standing.ways):
        return [(*name, own), *wrong]
    return [("⚠ ", *name, "cannot be reached. Add a contact method to the contacts file."), *wrong]


def _list_problems(standing: ContactStatus) -> list[Line]:
    problems = [duty.problem for _, duty, _ in standing.duties if duty.problem]
    return [(f"    ⚠ {why}",) for why in (*problems, *(f"{reason}." for reason in standing.reasons))]


def _list_other_ways(standing: ContactStatus) -> list[Line]:
    """How a contact is paged but by who is on call: in Slack when that is nobody, by the other methods later too."""
    in_slack = [way for way in standing.ways if way.startswith("Slack")]
    later = _in_order([way for way in standing.ways if way not in in_slack])
    last: list[Line] = [(f"    If nobody is on call: {_in_order(in_slack)}",)] if in_slack else []
    return [*last, (f"    If nobody acknowledges: {later}",)] if later else last


def _behind(asked: Asked) -> list[Line]:
    source, duty, members = asked
    people = [("    ", *_person(person), f" ({source})") for person in duty.people]
    return [*people, *(("    ", UserMention(member), f": Slack ({source})") for member in members)]


def _person(duty: OnCallPerson) -> Line:
    how = _in_order(tuple(str(handle.kind) for handle in duty.handles)) or "cannot be reached"
    until: Line = (" until ", Timestamp(duty.until, INLINE_DATE_FORMAT)) if duty.until else ()
    return (Bold(duty.name), *until, f": {how}")


def _in_order(ways: Sequence[str]) -> str:
    return ", then ".join(dict.fromkeys(ways))
