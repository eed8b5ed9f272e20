"""The sentences about changes of an incident: status, severity, title, roles, its end and its return."""

from typing import assert_never

from bot.domain.incident import describe_role_holder
from bot.domain.incident_changes import ImpactChange, SeverityChange
from bot.domain.notices import (
    CancelledNotice,
    ChangeNotice,
    ClosedNotice,
    CommanderChangedNotice,
    EndNotice,
    ImpactChangedNotice,
    RenamedNotice,
    ReopenedNotice,
    RoleAssignedNotice,
    SeverityChangedNotice,
    StatusChangedNotice,
)
from bot.domain.results import (
    ChangeResult,
    CommanderAlreadyResult,
    CommanderChangedResult,
    CommandOfferedAlreadyResult,
    CommandOfferedResult,
    ImpactAlreadyResult,
    ImpactChangedResult,
    NotedAlreadyResult,
    NotedResult,
    NoteResult,
    PinnedResult,
    RenamedAlreadyResult,
    RenamedResult,
    RoleAssignedAlreadyResult,
    RoleAssignedResult,
    RoleResult,
    SeverityAlreadyResult,
    SeverityChangedResult,
    StatusAlreadyResult,
    StatusChangedResult,
    TimesCorrectedResult,
)
from bot.text.durations import format_duration
from templates.spans import CLOSING_DATE_FORMAT, Bold, Code, Line, Timestamp, UserMention


def describe_change_notice(notice: ChangeNotice) -> Line:
    """The line about a change of status, severity, title, impact or roles."""
    match notice:
        case StatusChangedNotice():
            status = Bold(f"{notice.before} → {notice.to}")
            return (UserMention(notice.actor), " changed status: ", status, ".")
        case SeverityChangedNotice():
            return describe_severity_change(notice.actor, notice)
        case RenamedNotice():
            renamed = " renamed the incident: "
            return (UserMention(notice.actor), renamed, f"{notice.before} → ", Bold(notice.to))
        case ImpactChangedNotice():
            return (UserMention(notice.actor), " ", *describe_impact(notice), ".")
        case CommanderChangedNotice():
            return _describe_commander(notice)
        case RoleAssignedNotice():
            return (UserMention(notice.person), f" is now {describe_role_holder(notice.role)}.")
        case _:
            assert_never(notice)


def describe_severity_change(actor: str, change: SeverityChange) -> Line:
    """Who changed the severity from what to what, why, and what changes with it."""
    every = (
        f"Updates are due every {format_duration(float(change.every))}."
        if change.every is not None
        else "Updates have no fixed time."
    )
    called = f" Paged: {change.called}." if change.called else " No one else was paged."
    why = f": {change.reason}" if change.reason else ""  # an older version wrote none
    return (
        UserMention(actor),
        " changed severity: ",
        Bold(f"{change.before} → {change.to}"),
        f"{why}. {every}{called}",
    )


def _describe_commander(notice: CommanderChangedNotice) -> Line:
    now: Line = (UserMention(notice.person), " is now incident commander.")
    if not notice.before:  # an older version wrote none
        return now
    offered = describe_offer(notice.before, notice.by)
    return (*now, " They took command from ", UserMention(notice.before), *offered, ".")


def describe_offer(before: str, by: str) -> Line:
    """Who had offered command that `before` held, behind the mention of them; nothing where it was taken."""
    if not by:
        return ()
    return (", who had offered it",) if by == before else (", offered by ", UserMention(by))


def describe_end_notice(notice: EndNotice, reference: str) -> Line:
    """The line about the end of an incident, or its return."""
    who = UserMention(notice.actor)
    match notice:
        case ClosedNotice():
            why = f" with {notice.left} open items: {notice.reason}" if notice.left else ""
            return (who, f" closed {reference}{why}.")
        case CancelledNotice():
            why = f": {notice.reason}" if notice.reason else "."
            return (Bold("False alarm."), " ", who, f" cancelled {reference}{why}")
        case ReopenedNotice():
            paged = " Paged again because nobody had acknowledged: "
            called = f"{paged}{notice.called}." if notice.called else ""
            return (who, f" reopened {reference} (was {notice.before}).{called}", *_describe_stay(notice))
        case _:
            assert_never(notice)


def _describe_stay(notice: ReopenedNotice) -> Line:
    """That the meeting stays although the incident is open again."""
    if notice.meeting_at is None:
        return ()
    at = Timestamp(notice.meeting_at, CLOSING_DATE_FORMAT)
    return (" The post-mortem meeting stays ", at, ": ", Code("/incident meeting"), " moves or cancels it.")


def describe_impact(change: ImpactChange) -> Line:
    """What is known now of the impact and of the people whom it reaches, each with what was said before."""
    parts = (
        ("impact", change.impact, change.impact_before),
        ("affected users", change.affected_users, change.affected_users_before),
    )
    told: list[str] = []
    for label, now, before in parts:
        if now is None:
            continue
        was = f" (was: {before})" if before else ""
        verb = "" if told else "set the " if now else "took back the "
        told.append(f"{verb}{label}{f': {now}' if now else ' not known' if told else ''}{was}")
    return ("; ".join(told),)


def describe_cut_title(cut: int | None) -> str:
    """Said where a title was too long; empty where it was not."""
    return f" The title had {cut} characters and was shortened; the timeline has all of it." if cut else ""


def _severity_set(result: SeverityChangedResult) -> Line:
    every = (
        f"updates every {format_duration(float(result.every))}"
        if result.every is not None
        else "updates have no fixed time"
    )
    called = f"paged: {result.called}" if result.called else "no one else was paged"
    return (f"Severity is now {result.to}: {every}, {called}.",)


def describe_change(result: ChangeResult) -> Line:
    """What who changed an incident is told."""
    match result:
        case StatusChangedResult():
            return (f"Status is now {result.status}.",)
        case StatusAlreadyResult():
            return (f"Status is already {result.status}. Nothing was changed.",)
        case SeverityChangedResult():
            return _severity_set(result)
        case SeverityAlreadyResult():
            return (f"Severity is already {result.severity}. Nothing was changed.",)
        case TimesCorrectedResult():
            at = Timestamp(result.began, CLOSING_DATE_FORMAT)
            return ("Kept: it began ", at, f", because: {result.reason}")
        case RenamedResult():
            return ("The title is now: ", result.title, describe_cut_title(result.cut))
        case RenamedAlreadyResult():
            return ("The title already says that. Nothing was changed.",)
        case ImpactChangedResult():
            return ("You ", *describe_impact(result), ".")
        case ImpactAlreadyResult():
            return ("The impact already says that. Nothing was changed.",)
        case _:
            assert_never(result)


def describe_note(result: NoteResult) -> Line:
    """What who kept something in the timeline is told."""
    match result:
        case NotedResult():
            return ("Noted in the timeline: ", result.text)
        case NotedAlreadyResult():
            return ("Already in the timeline.",)
        case PinnedResult():
            return ("Added to the timeline.",)
        case _:
            assert_never(result)


def describe_role(result: RoleResult) -> Line:
    """What who gave command or a role to somebody is told."""
    person = UserMention(result.person)
    match result:
        case CommanderChangedResult():
            return (person, " is now incident commander.")
        case CommanderAlreadyResult():
            return (person, " is already incident commander.")
        case CommandOfferedResult():
            return ("I asked ", person, " to take command. You stay commander until they accept.")
        case CommandOfferedAlreadyResult():
            return (
                person,
                " was asked already and has not answered yet. The offer stands. Nothing was changed.",
            )
        case RoleAssignedAlreadyResult():
            return (person, f" is already {describe_role_holder(result.role)}. Nothing was changed.")
        case RoleAssignedResult():
            return (person, f" is now {describe_role_holder(result.role)}.")
        case _:
            assert_never(result)
