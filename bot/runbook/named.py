"""The playbook or step that somebody names in a hurry: what was meant, or what it might be."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from bot.runbook.model import Runbook
from bot.runbook.words import meaningful
from bot.step import Playbook, Step

NEAR = 0.75
"""How alike a word and a mistyped one are, of 1."""

MOST_NEAR = 3


@dataclass(frozen=True, slots=True)
class Named:
    """A playbook, or one of its steps; `exactly` when its whole title was typed, or the playbook's id."""

    playbook: Playbook
    step: Step | None = None
    exactly: bool = False

    @property
    def title(self) -> str:
        """What it is called."""
        return self.step.title if self.step else self.playbook.title


def named(runbook: Runbook, own: Playbook | None, words: str) -> tuple[Named, ...]:
    """What the words name: one, or several between which they do not decide; none when no title has all of them.

    A whole title is that one. Else the steps of the `own` playbook and the playbooks come before the steps of others.
    """
    typed = words.strip().casefold()
    playbooks = [Named(each) for each in runbook.playbooks]
    steps = [Named(each, step) for each in runbook.playbooks for step in each.steps()]
    mine = [each for each in steps if each.playbook == own]
    for each in (*playbooks, *mine, *steps):
        if typed == each.title.casefold() or (each.step is None and typed == each.playbook.id):
            return (Named(each.playbook, each.step, exactly=True),)
    wanted = frozenset(meaningful(words))
    for some in ([*mine, *playbooks], steps):
        if wanted and (found := [each for each in some if wanted <= frozenset(meaningful(each.title))]):
            return tuple({each.title: each for each in found}.values())
    return ()


def near(runbook: Runbook, own: Playbook | None, words: str) -> Sequence[str]:
    """The titles that may have been meant by words that none has: mistyped, or most of them; the nearest first."""
    typed = meaningful(words)
    steps = sorted(runbook.playbooks, key=lambda each: each != own)
    titles = [
        *(step.title for each in steps for step in each.steps()),
        *(each.title for each in runbook.playbooks),
    ]
    shares = {title: _share(typed, meaningful(title)) for title in dict.fromkeys(titles)}
    most = max(shares.values(), default=0.0)
    return [title for title, share in shares.items() if share == most > 0.5][:MOST_NEAR]


def _share(typed: Sequence[str], title: Sequence[str]) -> float:
    """Which part of the typed words is, or is nearly, in a title."""
    alike = [
        max((SequenceMatcher(None, one, other).ratio() for other in title), default=0.0) for one in typed
    ]
    return sum(ratio for ratio in alike if ratio >= NEAR) / (len(typed) or 1)
