"""How far people were called: on the alert, as the text of a page, and what the room is asked to do."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.calls import Ladder, Page, Way
from bot.ports import Message
from templates import actions
from templates.kit import DATED_WITHIN, Bold, Line, Person, When, button, buttons, lines, message
from templates.view import View

MOST_WAYS = 6
PROVIDERS = {
    "pagerduty:service": "PagerDuty service",
    "pagerduty:user": "PagerDuty",
    "pagerduty:policy": "PagerDuty policy",
    "apprise": "message by",
    "tel": "phone",
}


@dataclass(frozen=True, slots=True)
class PageText:
    """What a provider is given to say; `worst` for what must wake people."""

    summary: str
    details: str
    worst: bool


def page_text(view: View, way: Way) -> PageText:
    """The text of a page, for a phone that shows the first line."""
    incident, severity = view.incident, view.severity
    worst = severity is None or severity.rank == 0
    target = f" Answer expected: {view.target}." if view.target else ""
    if incident.private:  # everybody in the provider's account can read what is sent there
        return PageText(
            f"{incident.severity}: a private incident ({incident.reference})",
            f"You are called as {way.contact} for {incident.reference}.{target} What it is about is said in Slack.",
            worst,
        )
    details = f"You are called as {way.contact} for {incident.reference}.{target}"
    if words := view.told(way.contact)[1]:
        details = f"{details}\n{words}"
    if incident.impact:
        details = f"{details}\nImpact: {incident.impact}"
    return PageText(f"{view.headline} ({incident.reference})", details, worst)


def progress(view: View) -> list[Line]:
    """How far each contact was called, in Slack and by the last way that was tried, and when the next ones are."""
    asked = [each for each in view.situation.ways if each.requested_at is not None and not each.ended_at]
    newest: dict[str, Way] = {each.contact: each for each in asked}
    in_slack: dict[str, list[Page]] = {}
    for page in view.situation.pages:
        in_slack.setdefault(page.contact, []).append(page)
    body: list[Line] = []
    for contact in dict.fromkeys([*in_slack, *newest]):
        parts: list[Line] = [_in_slack(in_slack[contact])] if contact in in_slack else []
        if (way := newest.get(contact)) is not None:
            parts.append((f"{_how(way)} ", *_state(way)))
        between = [span for part in parts for span in (" · ", *part)][1:]
        body.append((Bold(contact), ": ", *between))
    if len(body) > MOST_WAYS:
        body = [*body[:MOST_WAYS], (f"… and {len(body) - MOST_WAYS} more",)]
    return [*body, *countdown(view)]


def _in_slack(pages: Sequence[Page]) -> Line:
    """How far the direct messages to one contact came."""
    answered = [page.acknowledged_at for page in pages if page.acknowledged_at is not None]
    if len(pages) > 1:
        failed = sum(bool(page.failed) for page in pages)
        parts = [f"{len(pages)} called in Slack"]
        parts += [f"{failed} not reached"] if failed else []
        parts += [f"{len(answered)} acknowledged"] if answered else []
        return (", ".join(parts),)
    (page,) = pages
    if answered:
        return ("Slack acknowledged ", When(answered[0]))
    if page.failed:
        return (f"Slack: {page.failed}",)
    if page.accepted_at is not None:
        return ("Slack accepted ", When(page.accepted_at))
    return ("Slack requested ", When(page.requested_at))


def countdown(view: View) -> list[Line]:
    """Until when an answer is expected, and what then."""
    incident = view.incident
    if not incident.status.is_open or incident.look_at is None:
        return []
    due = When(incident.look_at, "{time} ({ago})")
    match incident.ladder:
        case Ladder.CLIMBING:
            return [("Without an answer the next ones are called at ", due)]
        case Ladder.ASKED:
            return [("Asked whether anybody is still on it; the next ones are called at ", due)]
        case Ladder.WAITING:
            return [("Waits for the next business day: ", When(incident.look_at, DATED_WITHIN))]
        case _:
            return []


def _how(way: Way) -> str:
    kind = next((words for start, words in PROVIDERS.items() if way.handle.startswith(start)), "")
    return f"{kind} {way.handle.partition(':')[2]}" if way.handle.startswith("apprise") else kind


def _state(way: Way) -> Line:
    if way.acknowledged_at is not None:
        return ("acknowledged ", When(way.acknowledged_at))
    if way.is_phone and way.accepted_at is not None:
        return ("asked for in the channel ", When(way.accepted_at))
    if way.failed:
        return (way.failed,)
    if way.quieted_at is not None:
        return ("stopped when somebody answered, ", When(way.quieted_at))
    if way.delivered_at is not None:
        return ("delivered ", When(way.delivered_at))
    if way.accepted_at is not None:
        return ("accepted ", When(way.accepted_at))
    assert way.requested_at is not None
    return ("requested ", When(way.requested_at))


def phone(sentence: str) -> Message:
    """Ask the room to dial."""
    line: Line = (Bold(f"☎ {sentence}"),)
    return message([line], lines("phone", line))


def ask_if_still(view: View) -> Message:
    """Ask who answered whether they are still on it."""
    who = named(view.incident.acknowledged_by) if view.incident.acknowledged_by else ("Everybody",)
    ask: Line = (*who, f": are you still on {view.incident.reference}? Nothing was done here for a while.")
    then: Line = ("Without an answer the next ones are called.",)
    number = actions.value(view.incident.number)
    row = buttons("still-buttons", button("Still on it", actions.STILL_ON_IT, number, primary=True))
    return message((ask, then), lines("still-body", ask, then), row)


def named(who: str) -> Line:
    """Somebody by their id in Slack, or by the name that a provider gave."""
    return (Person(who),) if USER.fullmatch(who) else (who,)


USER = re.compile(r"[UW][A-Z0-9]{2,20}")
