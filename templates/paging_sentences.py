"""The sentences about people who are called: up the ladder, back from the providers, on the next business day."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from templates.blocks import format_duration
from templates.incident_view import IncidentViewModel
from templates.spans import Bold, Line, Span, Timestamp, UserMention

Detail = Mapping[str, str]


def parse_mentions(text: str) -> Line:
    """Bold words of ours that may begin with a mention, as `<@U0ANA> asked for more people.`"""
    found = MENTION.match(text)
    return (UserMention(found[1]), Bold(text[found.end() :])) if found else (Bold(text),)


MENTION = re.compile(r"<@([UW][A-Z0-9]+)>")


def describe_empty_channel(channel_name: str) -> str:
    """What is wrong with an incidents channel in which nobody would read a call."""
    return f"0 people are in {format_channel(channel_name)}: invite them"


def format_channel(channel_name: str) -> str:
    """A channel as the settings name it, by its name or its id, for texts without links."""
    return channel_name if CHANNEL_ID.fullmatch(channel_name) else f"#{channel_name}"


CHANNEL_ID = re.compile(r"[CG][A-Z0-9]{2,20}")


def _describe_escalation(view: IncidentViewModel, detail: Detail) -> Line:
    number = int(detail["line"]) if detail["line"].isdigit() else 0
    source: Line = (" (the runbook, ", view.build_level_link(number), ")") if number else ()
    known = detail.get("known", "")
    no_more = f" {known}: already paged, and I have no other way to reach them." if known else ""
    said = f"Now paged: {detail['to']}" if detail["to"] else "Nobody new could be paged"
    mentions = _mentions(detail)
    return (
        *parse_mentions(f"{detail['why']} {said}"),
        *source,
        ".",
        no_more,
        *mentions,
        ", please acknowledge." if mentions else " Please acknowledge.",
    )


def _mentions(detail: Detail) -> Line:
    """Mentions of those who were called in Slack before: it rings once more."""
    people = detail.get("people", "").split()
    return tuple(span for person in people for span in (" ", UserMention(person)))


def _describe_request(view: IncidentViewModel, detail: Detail) -> Line:
    words = f": {detail['text']}" if detail["text"] else "."
    return (UserMention(detail["actor"]), " paged ", *describe_manual_page(detail), words)


def describe_manual_page(detail: Detail) -> Line:
    """Who was called by hand: contacts and groups by name, people by mention."""
    people = detail.get("persons", detail["person"]).split()
    named = bool(detail["to"]) and detail["to"] != BY_HAND
    spans: list[Span] = [Bold(detail["to"]), *_mentions(detail)] if named else []
    for person in people:
        spans += [", ", UserMention(person)] if spans else [UserMention(person)]
    return tuple(spans)


def describe_not_paged(contact: str, person: str) -> Line:
    """Who could not be called: a contact, with the person where it may stand for several, or a person by mention."""
    if not person:
        return (Bold(contact),)
    return (UserMention(person),) if contact == BY_HAND else (UserMention(person), " (", Bold(contact), ")")


def format_contact(contact: str) -> str:
    """A contact's name where nobody can be mentioned."""
    return "people by name" if contact == BY_HAND else contact


BY_HAND = "responder"
"""The contact's name of people who are called by hand and are no contact."""


def _still(view: IncidentViewModel, detail: Detail) -> Line:
    return (UserMention(detail["actor"]), " is still on it.")


def _business_day(view: IncidentViewModel, detail: Detail) -> Line:
    return (
        UserMention(detail["person"]),
        f" it's the next business day: {view.incident.reference} is waiting for you.",
    )


def _no_way_left(view: IncidentViewModel, detail: Detail) -> Line:
    how = view.describe_reach(detail["contact"])
    return (
        Bold(f"{detail['why']} Reach {detail['contact']} another way"),
        f": {how}." if how else ". No phone number is known.",
    )


def _nobody_there(view: IncidentViewModel, detail: Detail) -> Line:
    return (
        Bold(f"{describe_empty_channel(detail['channel'])}. "),
        "The @channel message there reached nobody.",
    )


def _describe_lost(view: IncidentViewModel, detail: Detail) -> Line:
    contact, how = detail["contact"], view.describe_reach(detail["contact"])
    return (
        Bold(f"PagerDuty accepted the page for {contact} but has no incident for it. "),
        f"I'm trying once more. If it's urgent, reach {contact} another way{f': {how}' if how else ''}.",
    )


def _not_told(view: IncidentViewModel, detail: Detail) -> Line:
    done = "closed" if detail["what"] == "resolve" else "acknowledged"
    return (
        f"The page for {detail['contact']} could not be {done} at its provider: {detail['why']} Please do it there.",
    )


def _on_call_problem(view: IncidentViewModel, detail: Detail) -> Line:
    return (Bold(f"Who is on call as {detail['contact']}: "), detail["why"])


def _who(detail: Detail) -> Line:
    return (UserMention(detail["person"]),) if detail["person"] else (detail["who"],)


def _there(view: IncidentViewModel, detail: Detail) -> Line:
    target = f" (target: {view.answered_within})" if view.answered_within else ""
    after = format_duration(float(detail["seconds"]))
    what = f" acknowledged the {detail['contact']} page in PagerDuty after {after}{target}."
    return (*_who(detail), what)


def _too_late(view: IncidentViewModel, detail: Detail) -> Line:
    what = f" acknowledged the {detail['contact']} page in PagerDuty after "
    reference = view.incident.reference
    if not detail["status"]:
        return (
            *_who(detail),
            what,
            f"{reference} had ended. It is open again; please acknowledge again.",
        )
    return (*_who(detail), what, f"{reference} was {detail['status']}.")


def _page_resolved(view: IncidentViewModel, detail: Detail) -> Line:
    what = f" resolved the {detail['contact']} page in PagerDuty. "
    return (*_who(detail), what, f"{view.incident.reference} stays open until somebody resolves it here.")


def _by_nobody(view: IncidentViewModel, detail: Detail) -> Line:
    said = f"The {detail['contact']} page was acknowledged in PagerDuty by an automation, "
    return (said, "not a person, so I keep paging.")


def _would_be_called(view: IncidentViewModel, detail: Detail) -> Line:
    nobody = "In a real incident, nobody would be paged."
    called = (
        f"In a real incident, these would be paged now: {detail['names']}." if detail["names"] else nobody
    )
    everyone = (
        f" @channel would be posted in the incidents channel ({detail['everyone']})."
        if detail["everyone"]
        else ""
    )
    missing = f" Not reachable: {detail['missing']}." if detail["missing"] else ""
    return (Bold("This is a drill. "), f"{called}{everyone}{missing}")


def _describe_hold(view: IncidentViewModel, detail: Detail) -> Line:
    until = Timestamp(datetime.fromtimestamp(int(detail["until"]), UTC))
    return (
        Bold(f"{detail['names']}: page on hold. "),
        "They haven't acknowledged another page yet. This one rings once they do, by ",
        until,
        " at the latest.",
    )


def _describe_drop(view: IncidentViewModel, detail: Detail) -> Line:
    return (f"{detail['names']}: the page on hold is no longer needed. It never rang.",)


SENTENCES: dict[str, Callable[[IncidentViewModel, Detail], Line]] = {
    "page_held": _describe_hold,
    "page_dropped": _describe_drop,
    "page_requested": _describe_request,
    "escalated": _describe_escalation,
    "would_be_called": _would_be_called,
    "still_on_it": _still,
    "business_day": _business_day,
    "no_way_left": _no_way_left,
    "nobody_there": _nobody_there,
    "page_lost": _describe_lost,
    "not_told": _not_told,
    "on_call_problem": _on_call_problem,
    "acknowledged_there": _there,
    "answered_too_late": _too_late,
    "page_resolved": _page_resolved,
    "answered_by_nobody": _by_nobody,
}
"""The sentences by the name that an effect gives them."""

Facts = Mapping[str, str]


def _remarks(facts: Facts) -> Line:
    """Who of those that were typed is not called, in sentences."""
    said = [facts["remarks"]] if facts.get("remarks") else []
    if facts.get("empty"):
        said.append(f"@channel was not posted: {describe_empty_channel(facts['empty'])}.")
    return (" ", Bold(" ".join(said))) if said else ()


OUTCOMES: dict[str, Callable[[Facts], Line]] = {
    "paged": lambda facts: (
        "Paging ",
        *describe_manual_page(facts),
        ". The alert shows who has acknowledged.",
        *_remarks(facts),
    ),
    "paged_already": lambda facts: (
        "They were already paged, and I have no other way to reach them. Nobody was paged.",
        *_remarks(facts),
    ),
    "nobody_there": lambda facts: (
        Bold(f"{describe_empty_channel(facts['channel'])}. "),
        "Nobody was paged.",
        *_remarks(facts),
    ),
    "escalated": lambda facts: ("Paging the next people; see the channel.",),
    "still_on_it": lambda facts: ("Thanks. I'll check in again when there's no activity for a while.",),
}
"""What the person who asked is told for each outcome."""
