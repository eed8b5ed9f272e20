"""Drafts a status update: what happened and was found since the last one. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.domain.diagnostic_run import BAD, OK, UNKNOWN, WARN, StepResult
from bot.domain.incident import TimelineEntry, describe_role_holder
from bot.domain.timeline_details import (
    AcknowledgedDetail,
    CommanderChangedDetail,
    ImpactChangedDetail,
    NoteAddedDetail,
    RoleAssignedDetail,
    SeverityChangedDetail,
    StatusChangedDetail,
)
from bot.text.truncation import cut, join_lines

LONGEST_NOTES, LONGEST_NOTE, MOST_NOTES = 1200, 300, 8
"""Characters and lines: people read it on a phone, and decide whether it goes out as it is."""

LONGEST_FINDING, LONGEST_BEFORE, MOST_TITLES = 300, 120, 3


@dataclass(frozen=True, slots=True)
class StepChange:
    """What one step found last, and what it had found when the last update was posted; `before` is None where nothing
    was known then."""

    now: StepResult
    before: StepResult | None


def build_draft(
    entries: Sequence[TimelineEntry], findings: Sequence[StepChange], names: Mapping[str, str]
) -> str:
    """A first wording of the next update; empty where nothing of it would be news.

    `entries` happened since the last update, `names` are those of the people in them by their ids.
    """
    is_new, finding = _worst(findings)
    news = [*_people(entries, names), *_changes(entries), *_notes(entries)]
    if not news and not is_new:
        return ""
    return "\n".join([*filter(None, [finding]), *news])


def _worst(findings: Sequence[StepChange]) -> tuple[bool, str]:
    """Whether the worst finding is news, and its sentence; empty while nothing is failing and nothing was."""
    known = [finding for finding in findings if finding.now.verdict != UNKNOWN]
    problems = [change for verdict in (BAD, WARN) for change in known if change.now.verdict == verdict]
    if not problems:
        return _describe_recovery(findings)
    worst, before = problems[0].now, problems[0].before
    said = cut(join_lines(f"{worst.title}: {worst.headline}"), LONGEST_FINDING).rstrip(".")
    if before is None:
        return True, f"{said}.{_more(problems)}"
    if (before.verdict, before.headline) == (worst.verdict, worst.headline):
        recovered = [change for change in known if change.now.verdict == OK and _has_failed(change.before)]
        is_new = bool(recovered) or any(not _has_failed(problem.before) for problem in problems)
        return is_new, f"Unchanged: {said}.{_more(problems)}{_again(recovered)}"
    return True, f"{said} ({_before(worst, before)}).{_more(problems)}"


def _before(worst: StepResult, before: StepResult) -> str:
    if worst.measure and before.measure and worst.measure != before.measure:
        return f"{before.measure} → {worst.measure}"
    return f"before: {cut(join_lines(before.headline), LONGEST_BEFORE).rstrip('.')}"


def _more(problems: Sequence[StepChange]) -> str:
    """How many there are beside the one that is told."""
    bad = sum(problem.now.verdict == BAD for problem in problems[1:])
    warn = len(problems) - 1 - bad
    told = [f"{bad} more {'check is' if bad == 1 else 'checks are'} failing"] if bad else []
    told += [f"{warn} {'shows' if warn == 1 else 'show'} a warning"] if warn else []
    return f" {', '.join(told)}." if told else ""


def _has_failed(before: StepResult | None) -> bool:
    return before is not None and before.verdict in (BAD, WARN)


def _again(recovered: Sequence[StepChange]) -> str:
    """What was not OK before, and is now."""
    titles = list(dict.fromkeys(change.now.title for change in recovered))
    more = f" and {len(titles) - MOST_TITLES} more" if len(titles) > MOST_TITLES else ""
    return f" OK again: {', '.join(titles[:MOST_TITLES])}{more}." if titles else ""


def _describe_recovery(findings: Sequence[StepChange]) -> tuple[bool, str]:
    """All that failed when the last update was posted is fine, and nothing is left unchecked."""
    failed = [
        finding.before for finding in findings if finding.before is not None and _has_failed(finding.before)
    ]
    if not failed or any(finding.now.verdict != OK for finding in findings):
        return False, ""
    worst = next((result for result in failed if result.verdict == BAD), failed[0])
    was = cut(join_lines(f"{worst.title}: {worst.headline}"), LONGEST_FINDING).rstrip(".")
    count = "The check is" if len(findings) == 1 else f"All {len(findings)} checks are"
    return True, f"{count} OK now (before: {was})."


def _people(entries: Sequence[TimelineEntry], names: Mapping[str, str]) -> list[str]:
    """Who does what since then, by name where that is known."""
    sentences = [*_describe_commander(entries, names), *_describe_roles(entries, names)]
    acknowledged = [
        (entry.actor, entry.detail.who or "")
        for entry in entries
        if isinstance(entry.detail, AcknowledgedDetail)
    ]
    if acknowledged:
        sentences.append(_describe_acknowledgement(acknowledged, names))
    return sentences


def _describe_commander(entries: Sequence[TimelineEntry], names: Mapping[str, str]) -> list[str]:
    changes = [entry.detail for entry in entries if isinstance(entry.detail, CommanderChangedDetail)]
    if not changes:
        return []
    name = names.get(changes[-1].to)
    return [f"{name} is the incident commander." if name else "There is a new incident commander."]


def _describe_roles(entries: Sequence[TimelineEntry], names: Mapping[str, str]) -> list[str]:
    details = (entry.detail for entry in entries)
    people = {detail.role: detail.to for detail in details if isinstance(detail, RoleAssignedDetail)}
    return [
        f"{names[person]} is {role}." if person in names else f"There is a new {role}."
        for role, person in ((describe_role_holder(kept), person) for kept, person in people.items())
    ]


def _describe_acknowledgement(people: Sequence[tuple[str, str]], names: Mapping[str, str]) -> str:
    """`people` are the Slack user, and who it was at a provider where none is known."""
    by = [names.get(actor, "") if actor else who for actor, who in people]
    known = list(dict.fromkeys(filter(None, by)))
    if not known:
        return "Acknowledged, people are on it."
    if not all(by):
        known.append("others")
    return f"Acknowledged by {' and '.join([', '.join(known[:-1]), known[-1]] if len(known) > 1 else known)}."


def _changes(entries: Sequence[TimelineEntry]) -> list[str]:
    """Of each kind only the last one is told: what was between is over."""
    last: dict[str, str] = {}
    for entry in entries:
        match entry.detail:
            case StatusChangedDetail(to=to):
                last["Status is now {}."] = to
            case SeverityChangedDetail(to=to):
                last["Severity is now {}."] = to
            case ImpactChangedDetail(impact=impact, affected_users=affected):
                last |= {"Impact: {}": impact} if impact is not None else {}
                last |= {"Affected users: {}": affected} if affected is not None else {}
    return [
        words.format(cut(join_lines(last[words]), LONGEST_FINDING)) for words in CHANGES if last.get(words)
    ]


CHANGES = ("Status is now {}.", "Severity is now {}.", "Impact: {}", "Affected users: {}")
"""How the changes are told, in this order."""


def _notes(entries: Sequence[TimelineEntry]) -> list[str]:
    """The newest notes, each once, and how many earlier ones there are."""
    noted = list(
        dict.fromkeys(entry.detail.text for entry in entries if isinstance(entry.detail, NoteAddedDetail))
    )
    kept = [cut(note, LONGEST_NOTE) for note in noted[-MOST_NOTES:]]
    while sum(map(len, kept)) > LONGEST_NOTES:
        kept.pop(0)
    earlier = len(noted) - len(kept)
    before = [f"… and {earlier} earlier {'note' if earlier == 1 else 'notes'}"] if earlier else []
    return [*before, *kept]
