"""The playbook that fits what somebody typed."""

from bot.runbook.model import Runbook
from bot.runbook.words import meaningful
from bot.step import Playbook

TITLE, SYMPTOM, FURTHER, EXAMPLE = 3.0, 1.0, 0.1, 0.5
"""What a shared word counts in the title, in the best symptom, in any; and what an example counts."""

VAGUE = frozenset(
    meaningful(
        "down fails broken error issue problem unavailable incident high low not working completely "
        "rate big many"
    )
)
"""Words that say that something is wrong but not what: they never decide alone."""


def best_playbook(runbook: Runbook, words: str, severity_id: str | None) -> Playbook | None:
    """The playbook whose title and symptoms fit the words best, None when none does.

    Examples of a severity lift its playbooks. Among equals that of `severity_id` wins, then the first.
    """
    typed = frozenset(meaningful(words))
    best: tuple[float, Playbook] | None = None
    for playbook in runbook.playbooks_for(severity_id):
        score = _score(runbook, playbook, typed)
        if score and (best is None or score > best[0]):
            best = score, playbook
    return best[1] if best else None


def _score(runbook: Runbook, playbook: Playbook, typed: frozenset[str]) -> float:
    title = frozenset(meaningful(playbook.title)) & typed
    symptoms = [frozenset(meaningful(symptom)) & typed for symptom in playbook.symptoms]
    shared = title.union(*symptoms)
    fits = bool(shared - VAGUE) or bool(typed and typed <= shared) or len(title) >= 2
    if not fits:
        return 0.0
    said = max(map(len, symptoms), default=0)
    score = TITLE * len(title) + SYMPTOM * said + FURTHER * sum(map(len, symptoms))
    severity = runbook.severity(playbook.severity) if playbook.severity else None
    examples = [frozenset(meaningful(example)) for example in severity.examples] if severity else []
    return score + (EXAMPLE if any(example and example <= typed for example in examples) else 0.0)
