"""Who is called first, and who next when nobody answers: by the severity's action and the runbook's own escalation,
else on-call, DevOps lead, CTO, everyone."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.domain.page_attempts import WORST
from bot.runbook import languages
from bot.runbook.contacts import ActionMatch, is_of_the_team, match_contacts, means_people
from bot.runbook.durations import has_no_deadline
from bot.runbook.model import EscalationLevel, Runbook, Severity
from bot.runbook.severity_names import is_same_level

DEFAULT = ("On-call engineer", "DevOps Lead", "CTO", "Everyone")
NO_PAGE = re.compile(
    r"\b(?:no|not|don't|never|without) (?:pag(?:e|ing)|call)|\b(?:business|office|working) hours", re.I
)
"""Words of a severity that nobody is called for."""

ON_CALL = re.compile(rf"on[- ]?call|\bprimary\b|\bduty\b|{languages.ON_CALL}", re.I)
ANSWERS_FIRST = re.compile(
    r"\bfirst (?:responder|response|point of contact|to (?:respond|answer))"
    r"|\b(?:takes|gets|receives) (?:all |the )?pages?\b",
    re.I,
)
"""What is told of a contact who answers first."""

LATER = re.compile(r"\b(?:secondary|backup|tertiary|second|manager)\b", re.I)
"""Of those who are on call, who is called later."""

COMMANDS = re.compile(r"\bincident (?:commander|manager|lead)\b", re.I)
"""Of the team's roles, whose it is to call the others."""

URGENT = timedelta(minutes=30)
"""Under this response time everybody of the team's own is called rather than nobody."""

UNREADABLE = timedelta(minutes=15)
"""The distance of the steps where a response time is written that cannot be read, such as `Drop everything`."""


@dataclass(frozen=True, slots=True)
class EscalationStep:
    """One step of the ladder: `after` counts from the first call; `names` are contacts; `unmatched` are words that fit
    nobody and have to be said in the room."""

    after: timedelta
    names: tuple[str, ...]
    everyone: bool
    unmatched: tuple[str, ...]
    line: int


def can_wait(severity: Severity) -> bool:
    """Whether it is answered at leisure, such as on the next business day: then nobody is called. What cannot be read
    as a time is no leave to let it wait."""
    return severity.response is None and has_no_deadline(severity.response_text)


def select_first_contacts(runbook: Runbook, severity: Severity, names: Sequence[str]) -> ActionMatch:
    """Who is called at once: whom the severity's action names and who stands at no time in the escalation; where that
    is nobody, the escalation's first step. `names` are all contacts.

    Then comes the role that the severity names, or whom its response time does (`15 min, engineering manager`).
    Without an escalation of the runbook's own only the worst severities fall back on the usual one. Of a severity that
    can wait only the action is read: whom it names is not called for it.
    """
    called = match_contacts(severity.action, names)
    if can_wait(severity):
        return called
    own = select_levels(runbook, severity, names)
    opening = [] if called.everyone else _opening(called, own)
    met = [called, *(match_contacts(level.text, names) for level in opening)]
    may_page = not NO_PAGE.search(f"{severity.action}; {severity.response_text}; {severity.role}")
    if not own and not _somebody(called) and may_page:
        told = (match_contacts(words, names) for words in (severity.role, severity.response_text))
        role = next(filter(_somebody, told), None)
        met += (
            [role]
            if role
            else _find_fallback(severity, _list_on_call(runbook, names), _list_own(runbook, names), names)
        )
    return _join(met, names)


def _list_on_call(runbook: Runbook, names: Sequence[str]) -> list[str]:
    """The contacts who are on call by name, else who answer first by what is told of them."""
    told = {contact.name for contact in runbook.contacts if ANSWERS_FIRST.search(contact.text)}
    on_call = [name for name in names if ON_CALL.search(name)]
    first = [name for name in on_call if not LATER.search(name)]
    return first or on_call or [name for name in names if name in told]


def _list_own(runbook: Runbook, names: Sequence[str]) -> list[str]:
    """The contacts who are of the team: of those whom nobody can reach only who is a role by name, where any is."""
    own = [name for name in names if is_of_the_team(name)]
    unreached = {contact.name for contact in runbook.contacts if not contact.handles}
    if not any(map(means_people, own)):
        return own
    return [name for name in own if name not in unreached or means_people(name)]


def _find_fallback(
    severity: Severity, on_call: Sequence[str], team: Sequence[str], names: Sequence[str]
) -> list[ActionMatch]:
    """Who is called where neither the action nor an escalation names anybody: of the worst severities the first of the
    usual people, of one with a response time the contact who is on call, and of one that is urgent everybody of the
    team's own."""
    usual = (match_contacts(words, names) for words in DEFAULT)
    answered = severity.response is not None or not severity.rank
    urgent = not severity.rank or (severity.response or URGENT) < URGENT
    sources = (
        on_call[:1] if answered else [],
        next((list(match.matched) for match in usual if match.matched), []) if severity.rank < WORST else [],
        [name for name in team if COMMANDS.search(name)][:1] if urgent else [],
        list(team) if urgent else [],
    )
    return [ActionMatch(False, tuple(next(filter(None, sources), [])), ())]


def _join(met: Sequence[ActionMatch], names: Sequence[str]) -> ActionMatch:
    """All of them as one, in the order of the names."""
    matched = {name for match in met for name in match.matched}
    return ActionMatch(
        any(match.everyone for match in met),
        tuple(name for name in names if name in matched),
        tuple({words.casefold(): words for match in reversed(met) for words in match.unmatched}.values()),
    )


def build_escalation(
    runbook: Runbook, severity: Severity, names: Sequence[str]
) -> tuple[EscalationStep, ...]:
    """Who is called after the first call, and when, as long as nobody has answered. `names` are all contacts.

    Empty for a severity that is answered at leisure, and for one without a response time where the runbook has no
    escalation for it. A step that names only those whom the first call named is left out, and so is one that names
    nobody. Steps without a time of their own are one response time apart.
    """
    own = select_levels(runbook, severity, names)
    if can_wait(severity) or not (own or _is_timed(severity)):
        return ()
    called = select_first_contacts(runbook, severity, names)
    opening = _opening(match_contacts(severity.action, names), own)
    rungs: list[EscalationStep] = []
    for level in own or [EscalationLevel(None, words, 0) for words in DEFAULT]:
        met = match_contacts(level.text, names)
        # Of the usual ladder words that fit nobody are no reason to stop at a step.
        if level not in opening and (_calls_more(met, called) or (own and _names_others(met, called))):
            after = level.after or _distance(severity) * (len(rungs) + 1)
            rungs.append(EscalationStep(after, met.matched, met.everyone, met.unmatched, level.line))
    return tuple(sorted(rungs, key=lambda rung: rung.after))


def _distance(severity: Severity) -> timedelta:
    """How far the steps are apart that have no time of their own."""
    return UNREADABLE if severity.response is None else severity.response


def _calls_more(met: ActionMatch, called: ActionMatch) -> bool:
    """Whether a step calls anybody who was not called at first. One after a call to everyone repeats it."""
    return called.everyone or met.everyone or not set(met.matched) <= set(called.matched)


def _names_others(met: ActionMatch, called: ActionMatch) -> bool:
    """Whether a step names anybody who fits no contact and whom the first call did not name."""
    first = {words.casefold() for words in called.unmatched}
    return any(words.casefold() not in first for words in met.unmatched)


def select_levels(runbook: Runbook, severity: Severity, names: Sequence[str]) -> list[EscalationLevel]:
    """The levels of the runbook's own escalation for this severity that name somebody, in their order. Those that are
    for no severity in particular are not for a mild one without a response time."""
    for_all = _is_timed(severity) or severity.rank < WORST
    own = (
        level
        for level in runbook.escalation
        if (is_same_level(level.severity, severity.id) if level.severity else for_all)
    )
    return [level for level in own if _somebody(match_contacts(level.text, names))]


def _opening(called: ActionMatch, own: Sequence[EscalationLevel]) -> list[EscalationLevel]:
    """The levels that belong to the first call, beside whom the action called."""
    at_once = [level for level in own if level.after == timedelta(0)]
    return at_once or ([] if _somebody(called) else list(own[:1]))


def _somebody(met: ActionMatch) -> bool:
    return met.everyone or bool(met.matched or met.unmatched)


def _is_timed(severity: Severity) -> bool:
    """Whether a response time is given, also one that cannot be read."""
    return severity.response is not None or bool(severity.response_text)
