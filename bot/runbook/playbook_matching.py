"""The playbook that fits what somebody typed."""

import re

from bot.domain.playbook import Playbook
from bot.runbook.model import Runbook
from bot.runbook.normalise import extract_keywords

TITLE, SYMPTOM, FURTHER, EXAMPLE = 3.0, 1.0, 0.1, 0.5
"""What a shared word counts in the title, in the best symptom, in any; and what an example counts."""

VAGUE = frozenset(
    extract_keywords(
        "down fails broken error issue problem unavailable incident high low not working completely "
        "rate big many"
    )
)
"""Words that say that something is wrong but not what: they never decide alone."""


ATTACKS = frozenset(
    extract_keywords(
        "leaked breach breached hacked hacker attack attacker phishing ransomware malware compromised exposed stolen "
        "exfiltrated vulnerability CVE"
    )
)
"""Words of another kind of incident: a playbook that has none of them is for an outage, and no help."""


AMOUNT = re.compile(r"\d{1,2}")
"""A small number, as in "2 of 5 nodes" or "> 5%": it never decides alone, as `500` and `5xx` do."""

HARMLESS = frozenset(extract_keywords("memory connection"))
"""What leaks without an attack."""


def find_best_playbook(runbook: Runbook, words: str, severity_id: str | None) -> Playbook | None:
    """The playbook whose title and symptoms fit the words best, None when none does.

    Examples of a severity lift its playbooks. Among equals that of `severity_id` wins, then the first.
    """
    typed = frozenset(extract_keywords(words))
    best: tuple[float, Playbook] | None = None
    for playbook in runbook.playbooks_for(severity_id):
        if playbook.general:
            continue
        score = _score(runbook, playbook, typed)
        if score and (best is None or score > best[0]):
            best = score, playbook
    return best[1] if best else None


def find_playbook_or_general(runbook: Runbook, words: str, severity_id: str | None) -> Playbook | None:
    """The playbook that fits, else the one that helps whatever the incident is."""
    general = (playbook for playbook in runbook.playbooks if playbook.general)
    return find_best_playbook(runbook, words, severity_id) or next(general, None)


def _score(runbook: Runbook, playbook: Playbook, typed: frozenset[str]) -> float:
    title = frozenset(extract_keywords(playbook.title)) & typed
    symptoms = [frozenset(extract_keywords(symptom)) & typed for symptom in playbook.symptoms]
    if not _fits(typed, title, title.union(*symptoms)):
        return 0.0
    said = max(map(len, symptoms), default=0)
    score = TITLE * len(title) + SYMPTOM * said + FURTHER * sum(map(len, symptoms))
    return score + (EXAMPLE if _is_an_example(runbook, playbook, typed) else 0.0)


def _fits(typed: frozenset[str], title: frozenset[str], shared: frozenset[str]) -> bool:
    """Whether enough of what was typed is in a playbook; an attack is nothing that an outage's playbook helps with."""
    attacks = typed & ATTACKS
    if attacks and not attacks & shared and not typed & HARMLESS:
        return False
    telling = [word for word in shared - VAGUE if not AMOUNT.fullmatch(word)]
    named = typed <= shared and not all(map(AMOUNT.fullmatch, typed))
    return bool(telling or named or len(title) >= 2)


def _is_an_example(runbook: Runbook, playbook: Playbook, typed: frozenset[str]) -> bool:
    """Whether an example of the playbook's severity is in what was typed."""
    severity = runbook.severity(playbook.severity) if playbook.severity else None
    examples = (frozenset(extract_keywords(example)) for example in severity.examples) if severity else ()
    return any(example and example <= typed for example in examples)
