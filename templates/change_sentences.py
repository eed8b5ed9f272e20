"""The sentences about changes of an incident: status, severity, title, roles, its end and its return."""

from collections.abc import Callable, Mapping

from bot.domain.incident import describe_role_holder
from templates.blocks import format_duration
from templates.incident_view import IncidentViewModel
from templates.spans import Bold, Line, UserMention

Detail = Mapping[str, str]


def _status(view: IncidentViewModel, detail: Detail) -> Line:
    return (
        UserMention(detail["actor"]),
        " changed status: ",
        Bold(f"{detail['before']} → {detail['to']}"),
        ".",
    )


def _severity(view: IncidentViewModel, detail: Detail) -> Line:
    return describe_severity_change(detail)


def describe_severity_change(detail: Detail) -> Line:
    """Who changed the severity from what to what, why, and what changes with it."""
    every = (
        f"Updates are now due every {format_duration(float(detail['every']))}."
        if detail["every"]
        else "Updates now have no fixed time."
    )
    called = f" Paged: {detail['called']}." if detail["called"] else " No one else was paged."
    change = f"{detail['before']} → {detail['to']}"
    why = f": {detail['reason']}" if detail.get("reason") else ""  # an older version wrote none
    return (
        UserMention(detail["actor"]),
        " changed severity: ",
        Bold(change),
        f"{why}. {every}{called}",
    )


def _describe_rename(view: IncidentViewModel, detail: Detail) -> Line:
    return (
        UserMention(detail["actor"]),
        " renamed the incident: ",
        f"{detail['before']} → ",
        Bold(detail["to"]),
    )


def _commander(view: IncidentViewModel, detail: Detail) -> Line:
    now: Line = (UserMention(detail["person"]), " is now incident commander.")
    before = detail.get("before", "")  # an older version wrote none
    if not before:
        return now
    return (
        *now,
        " They took command from ",
        UserMention(before),
        *describe_offer(before, detail.get("by", "")),
        ".",
    )


def describe_offer(before: str, by: str) -> Line:
    """Who had offered command that `before` held, behind the mention of them; nothing where it was taken."""
    if not by:
        return ()
    return (", who had offered it",) if by == before else (", offered by ", UserMention(by))


def _role(view: IncidentViewModel, detail: Detail) -> Line:
    return (UserMention(detail["person"]), f" is now {describe_role_holder(detail['role'])}.")


def _describe_cancellation(view: IncidentViewModel, detail: Detail) -> Line:
    why = f": {detail['reason']}" if detail["reason"] else "."
    return (
        Bold("False alarm."),
        " ",
        UserMention(detail["actor"]),
        f" cancelled {view.incident.reference}{why}",
    )


def _describe_reopening(view: IncidentViewModel, detail: Detail) -> Line:
    called = (
        f" Paged again because nobody had acknowledged: {detail['called']}." if detail.get("called") else ""
    )
    said = f" reopened {view.incident.reference} (was {detail['before']}).{called}"
    return (UserMention(detail["actor"]), said)


def _impact(view: IncidentViewModel, detail: Detail) -> Line:
    return (UserMention(detail["actor"]), " ", *describe_impact(detail), ".")


def describe_impact(detail: Detail) -> Line:
    """What is known now of the impact and of the people whom it reaches, each with what was said before."""
    told: list[str] = []
    for name, label in (("impact", "impact"), ("affected_users", "affected users")):
        if name not in detail:
            continue
        now, before = detail[name], detail.get(f"{name}_before", "")
        was = f" (was: {before})" if before else ""
        verb = "" if told else "set the " if now else "took back the "
        told.append(f"{verb}{label}{f': {now}' if now else ' not known' if told else ''}{was}")
    return ("; ".join(told),)


SENTENCES: dict[str, Callable[[IncidentViewModel, Detail], Line]] = {
    "status_changed": _status,
    "severity_changed": _severity,
    "renamed": _describe_rename,
    "impact_changed": _impact,
    "commander_changed": _commander,
    "role_assigned": _role,
    "cancelled": _describe_cancellation,
    "reopened": _describe_reopening,
}
"""The sentences by the name that an effect gives them."""


Facts = Mapping[str, str]


def describe_cut_title(facts: Facts) -> str:
    """Said where a title was too long; empty where it was not."""
    had = facts.get("cut")
    return f" The title had {had} characters and was shortened; the timeline has all of it." if had else ""


def _severity_set(facts: Facts) -> Line:
    every = (
        f"updates every {format_duration(float(facts['every']))}"
        if facts["every"]
        else "updates have no fixed time"
    )
    called = f"paged: {facts['called']}" if facts["called"] else "no one else was paged"
    return (f"Severity is now {facts['to']}: {every}, {called}.",)


def describe_reopened(facts: Facts, reference: str) -> list[Line]:
    """That an incident is open again, and into which one it is not merged any more."""
    into = f" It is no longer part of {facts['into']}." if facts.get("into") else ""
    return [(f"{reference} is open again.{into}",)]


OUTCOMES: dict[str, Callable[[Facts], Line]] = {
    "status_changed": lambda facts: (f"Status is now {facts['status']}.",),
    "status_already": lambda facts: (f"Status is already {facts['status']}. Nothing was changed.",),
    "severity_changed": _severity_set,
    "severity_already": lambda facts: (f"Severity is already {facts['severity']}. Nothing was changed.",),
    "renamed": lambda facts: ("The title is now: ", facts["title"], describe_cut_title(facts)),
    "impact_changed": lambda facts: ("You ", *describe_impact(facts), "."),
    "impact_already": lambda facts: ("The impact already says that. Nothing was changed.",),
    "pinned": lambda facts: ("Added to the timeline.",),
    "noted_already": lambda facts: ("Already in the timeline.",),
    "noted": lambda facts: ("Noted in the timeline: ", facts["text"]),
    "command_offered": lambda facts: (
        "I asked ",
        UserMention(facts["person"]),
        " to take command. You stay commander until they accept.",
    ),
    "role_assigned": lambda facts: (
        UserMention(facts["person"]),
        f" is now {describe_role_holder(facts['role'])}.",
    ),
    "cancelled_already": lambda facts: ("It is already cancelled. Nothing was changed.",),
    "open_already": lambda facts: ("It is already open. Nothing was changed.",),
}
"""What the person who asked is told for each outcome."""
