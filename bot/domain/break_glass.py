"""When one approver alone may have a remediation carried out, in an emergency in which nobody else answers. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.contacts.approvers import NEVER_ALONE
from bot.domain.remediation import RULES, Remediation, RemediationState
from bot.text.person_placeholders import mark_person

SILENT_FOR = timedelta(minutes=5)
"""So long after the pages no approver has clicked anything."""


@dataclass(frozen=True, slots=True)
class Emergency:
    """What the incident has to do with it: whether it is one of the worst severity, whether it is a drill, which kinds
    the contacts file allows, and the incident's other remediations."""

    is_worst: bool
    is_drill: bool
    kinds: tuple[str, ...]
    others: tuple[Remediation, ...] = ()


def explain_never_alone(found: Remediation, emergency: Emergency) -> str:
    """Why nobody ever carries this out alone in this incident, in a sentence; empty when that may come to be."""
    if found.kind.value not in emergency.kinds or found.kind.value in NEVER_ALONE:
        return f"Break-glass is off for {found.kind.value}: the contacts file does not name it."
    if emergency.is_drill or found.is_drill or not emergency.is_worst:
        return "Break-glass is for a real incident of the worst severity only."
    if found.is_by_hand:
        return "This one is done by hand."
    if found.plan is None or found.plan.strict:
        return f"Two people have to agree{f', since {found.plan.strict}' if found.plan else ''}."
    if rejected := _find_rejected(found, emergency.others):
        return f"{rejected.reference} of the same target was rejected: break-glass is closed for it in this incident."
    return ""


def _find_rejected(found: Remediation, others: Iterable[Remediation]) -> Remediation | None:
    assert found.plan is not None
    return next(
        (
            other
            for other in others
            if other.state is RemediationState.REJECTED
            and other.plan is not None
            and other.plan.target == found.plan.target
        ),
        None,
    )


def explain_not_yet(found: Remediation, person: str, approvers: Iterable[str], now: datetime) -> str:
    """Why this approver has to wait for the others, in a sentence; empty when none of them answers."""
    others = sorted(set(approvers) - {person})
    if unpaged := [other for other in others if other not in found.paged]:
        return f"{_name(unpaged)} was not paged for this card."
    recent = {other: datetime.fromisoformat(at) for other, at in found.clicked.items() if other in others}
    if answering := [other for other, at in recent.items() if now - at < SILENT_FOR]:
        return f"{_name(answering)} has clicked within the last {_minutes(SILENT_FOR)}: talk to them."
    since = [datetime.fromisoformat(found.paged[other]) for other in others] or [find_beginning(found)]
    if (left := max(since) + SILENT_FOR - now) > timedelta(0):
        return f"The approvers have {int(left.total_seconds()) + 1} s left to answer."
    return ""


def find_beginning(found: Remediation) -> datetime:
    """When its card was made."""
    assert found.expires_at is not None
    return found.expires_at - RULES[found.kind].expires_after


def find_alone_from(found: Remediation, emergency: Emergency) -> datetime | None:
    """From when on the card says that one alone may do it; None where nobody may."""
    if found.state is not RemediationState.PROPOSED or explain_never_alone(found, emergency):
        return None
    return find_beginning(found) + SILENT_FOR


def build_clicked(found: Remediation, person: str, now: datetime) -> Mapping[str, str]:
    """Who has clicked on it, with this click."""
    return {**found.clicked, person: now.isoformat()}


def _name(people: Iterable[str]) -> str:
    return ", ".join(map(mark_person, people))


def _minutes(time: timedelta) -> str:
    return f"{time.total_seconds() / 60:.0f} min"
