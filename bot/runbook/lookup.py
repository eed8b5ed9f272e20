"""The playbook or step that somebody names in a hurry: what was meant, or what it might be."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from bot.domain.playbook import Playbook, Step
from bot.runbook.model import Runbook
from bot.runbook.normalise import extract_keywords

NUMBER = re.compile(r"step\s*(?:no\.?|number)?\s*#?\s*(?P<number>\d{1,3})\W*", re.I)
NEAR = 0.75
"""How alike a word and a mistyped one are, of 1."""

MAX_SUGGESTIONS = 3


@dataclass(frozen=True, slots=True)
class PlaybookReference:
    """A playbook, or one of its steps; `exactly` when its whole title was typed, or the playbook's id."""

    playbook: Playbook
    step: Step | None = None
    exactly: bool = False

    @property
    def title(self) -> str:
        """What it is called."""
        return self.step.title if self.step else self.playbook.title

    def has_title(self, typed: str) -> bool:
        """Whether the words, in small letters, are its whole title or the playbook's id."""
        return typed == self.title.casefold() or (self.step is None and typed == self.playbook.id)


def find_by_title(runbook: Runbook, own: Playbook | None, words: str) -> tuple[PlaybookReference, ...]:
    """What the words name: one, or several between which they do not decide; none when no title has all of them.

    A whole title is that one, and so is `step 4` of the `own` playbook. Else that one's steps and the playbooks come
    before the steps of others.
    """
    typed = words.strip().casefold()
    if (numbered := NUMBER.fullmatch(typed)) and own is not None:
        return _find_by_number(own, int(numbered["number"]))
    candidates = [PlaybookReference(playbook) for playbook in runbook.playbooks]
    steps = [PlaybookReference(playbook, step) for playbook in runbook.playbooks for step in playbook.steps()]
    mine = [candidate for candidate in steps if candidate.playbook == own]
    wanted = frozenset(extract_keywords(words))
    return (
        _by_whole_title(typed, [*candidates, *mine, *steps])
        or _with_words(wanted, [*mine, *candidates])
        or _with_words(wanted, steps)
    )


def _by_whole_title(typed: str, candidates: Sequence[PlaybookReference]) -> tuple[PlaybookReference, ...]:
    whole = [candidate for candidate in candidates if candidate.has_title(typed)]
    return tuple(replace(candidate, exactly=True) for candidate in whole[:1])


def _with_words(
    wanted: frozenset[str], candidates: Sequence[PlaybookReference]
) -> tuple[PlaybookReference, ...]:
    """Those whose titles have all of the words, each title once; none where there are no words."""
    if not wanted:
        return ()
    found = {
        candidate.title: candidate
        for candidate in candidates
        if wanted <= frozenset(extract_keywords(candidate.title))
    }
    return tuple(found.values())


def _find_by_number(own: Playbook, number: int) -> tuple[PlaybookReference, ...]:
    """The steps of this number; where no step has any, the one that stands in this place."""
    steps = list(own.steps())
    if any(step.number is not None for step in steps):
        return tuple(PlaybookReference(own, step, exactly=True) for step in steps if step.number == number)
    return tuple(PlaybookReference(own, step, exactly=True) for step in steps[number - 1 : number] if number)


def suggest_titles(runbook: Runbook, own: Playbook | None, words: str) -> Sequence[str]:
    """The titles that may have been meant by words that none has: mistyped, or most of them; the nearest first."""
    typed = extract_keywords(words)
    own_first = sorted(runbook.playbooks, key=lambda playbook: playbook != own)
    titles = [step.title for playbook in own_first for step in playbook.steps()]
    titles += [playbook.title for playbook in runbook.playbooks]
    shares = {title: _share(typed, extract_keywords(title)) for title in dict.fromkeys(titles)}
    most = max(shares.values(), default=0.0)
    return [title for title, share in shares.items() if share == most > 0.5][:MAX_SUGGESTIONS]


def _share(typed: Sequence[str], title: Sequence[str]) -> float:
    """Which part of the typed words is, or is nearly, in a title."""
    alike = [
        max((SequenceMatcher(None, candidate, other).ratio() for other in title), default=0.0)
        for candidate in typed
    ]
    return sum(ratio for ratio in alike if ratio >= NEAR) / (len(typed) or 1)
