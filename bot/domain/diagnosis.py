"""What findings agree on: the one suspect that they name, and the playbook's step for it. Pure.

Nothing is guessed. Each finding may name one suspect; where failing findings name two different ones, nothing is said.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.diagnostic_run import BAD, WARN, StepResult, Suspect
from bot.domain.playbook import Playbook

SAME_EVENT = timedelta(minutes=30)
"""Deployments that began within this time of each other are one, told by two systems under two names."""

VERSION = re.compile(r"\d+(?:\.\d+)+")
"""The number of a version in a name: `mobile-v5.3.0` and `5.3.0 (50300)` are one release."""

REMEDIES: Mapping[str, re.Pattern[str]] = {
    "deployment": re.compile(
        r"\broll(?:ed|ing)?[ -]?back\b|\brevert|previous (?:version|revision|release)", re.I
    ),
    "connections": re.compile(r"\bkill\b|\bterminat|\bend\b.*\b(?:idle|session)|connection pool", re.I),
    "lock": re.compile(r"^(?!.*\b(?:idle|connections)\b).*(?:\bkill\b|\bterminat)|\bblock(?:er|ing)", re.I),
    "vendor": re.compile(r"fallback|circuit breaker|switch(?:ing)? (?:to|over)|another provider", re.I),
    "release": re.compile(r"\bhalt|\brollout|\broll(?:ed|ing)?[ -]?back\b|\bhotfix", re.I),
    "memory": re.compile(r"\bscale|\bmemory\b", re.I),
}
"""By the kind of a suspect: the words of the playbook's step or sentence that is for it. Who holds a lock is in a
transaction: a step that ends idle sessions, or connections, is not for it."""

HITS_NOBODY = "0 to end"
"""The measure of a preview that found nobody to end."""


@dataclass(frozen=True, slots=True)
class Remedy:
    """What the playbook says to do. `step` counts the playbook's steps from 1, 0 for a sentence that is none."""

    text: str
    line: int
    step: int = 0


def find_suspect(results: Collection[StepResult]) -> Suspect | None:
    """The one suspect that the failing findings agree on; None where there is none, or more than one.

    A warning alone is not enough: something must fail.
    """
    verdicts = [result.verdict for result in results]
    if BAD not in verdicts:
        return None
    suspects = _list_suspects(results)
    if not suspects or any(not _is_same(suspects[0], other) for other in suspects[1:]):
        return None
    return suspects[0]


def _list_suspects(results: Collection[StepResult]) -> list[Suspect]:
    """Whom failing results name, then whom warnings name."""
    return [
        result.suspect
        for verdict in (BAD, WARN)
        for result in results
        if result.verdict == verdict and result.suspect is not None
    ]


def _is_same(one: Suspect, other: Suspect) -> bool:
    if one.kind != other.kind:
        return False
    versions = [VERSION.findall(suspect.name)[:1] for suspect in (one, other)]
    if one.at is None or other.at is None:
        return one.name == other.name or (versions[0] != [] and versions[0] == versions[1])
    return abs(one.at - other.at) <= SAME_EVENT


def format_distance(suspect: Suspect, began: datetime) -> str:
    """`8 min before`, `2 min after`; empty for what has no instant."""
    if suspect.at is None:
        return ""
    minutes = round(abs((began - suspect.at).total_seconds()) / 60)
    return f"{minutes} min {'before' if suspect.at <= began else 'after'}"


def find_remedy(
    suspect: Suspect, playbook: Playbook | None, results: Collection[StepResult] = ()
) -> Remedy | None:
    """What the playbook says to do about it: a step before a sentence; None where it says nothing. A step that would
    end nobody, as its preview among `results` says, is passed over."""
    words = REMEDIES.get(suspect.kind)
    if playbook is None or words is None:
        return None
    useless = {result.title for result in results if result.measure == HITS_NOBODY}
    return next(
        (
            remedy
            for remedy in _list_remedies(playbook)
            if words.search(remedy.text) and remedy.text not in useless
        ),
        None,
    )


def _list_remedies(playbook: Playbook) -> Iterator[Remedy]:
    for number, step in enumerate(playbook.steps(), 1):
        yield Remedy(step.title, step.line, number)
    for section in playbook.sections:
        for part in section.parts:
            items: Sequence[object] = getattr(part, "items", ())
            for item in items:
                said = str(getattr(item, "text", "")).replace("**", "").replace("`", "")
                yield Remedy(said, int(getattr(item, "line", 0)))
