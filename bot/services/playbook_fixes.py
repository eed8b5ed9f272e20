"""The fixes that a playbook lists with their causes, and which of them a finding points to. Pure."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from bot.domain.diagnostic_run import BAD, WARN, StepResult
from bot.domain.playbook import Playbook
from bot.domain.section_parts import BulletList

LISTED = re.compile(r"\*\*(?P<cause>[^*\n]{3,80}?)\s*:?\*\*\s*[:–—-]?\s*(?P<deed>\S.{2,300})", re.DOTALL)
HEAD = re.compile(r"\b(?:fix|fixes|remed(?:y|ies)|solutions?|resolution|causes?)\b", re.IGNORECASE)
WORD = re.compile(r"[a-z0-9]{3,}")
SAID_OF_ALL = frozenset(
    ["and", "the", "for", "with", "error", "errors", "failure", "issue", "issues", "problem"]
)
"""Words that tell no cause from another."""

STEM_LENGTH = 5
"""So many letters of a word have to be the same: `mismatch` and `mismatched`."""

NEEDED = 2 / 3
"""The share of a cause's words that a finding has to have, and never one word alone where the cause has several."""


BETWEEN = 1
"""Other words that may stand between them."""


@dataclass(frozen=True, slots=True)
class CommonFix:
    """One of them: its place in the list, its cause, and what a person does, both in the runbook's words."""

    number: int
    cause: str
    deed: str


def list_fixes(playbook: Playbook) -> Iterator[CommonFix]:
    """Those of the sections that are about fixes, in their order."""
    for section in playbook.sections:
        if not HEAD.search(section.title):
            continue
        items = chain.from_iterable(part.items for part in section.parts if isinstance(part, BulletList))
        for place, item in enumerate(items, 1):
            if found := LISTED.fullmatch(item.text.strip()):
                yield CommonFix(item.number or place, found["cause"].strip(), found["deed"].strip())


def find_fixes(playbook: Playbook | None, result: StepResult) -> tuple[CommonFix, ...]:
    """Those whose cause stands in what a failing or warning step found."""
    if playbook is None or result.verdict not in (BAD, WARN):
        return ()
    said = list(_stem(_read(result)))
    return tuple(fix for fix in list_fixes(playbook) if _fits(fix.cause, said))


def _read(result: StepResult) -> str:
    """Everything that a finding says, in its table too."""
    table = result.detail.table
    rows: Iterable[tuple[str, ...]] = table.rows if table is not None else ()
    return " ".join((result.headline, result.detail.text, *chain.from_iterable(rows)))


def _stem(text: str) -> Iterator[str]:
    return (word[:STEM_LENGTH] for word in WORD.findall(text.casefold()) if word not in SAID_OF_ALL)


def _fits(cause: str, said: Sequence[str]) -> bool:
    """Whether a cause's words stand close together in what was said: far apart they mean something else."""
    wanted = frozenset(_stem(cause))
    needed = max(NEEDED * len(wanted), min(2, len(wanted)), 1)
    width = len(wanted) + BETWEEN
    return any(len(wanted.intersection(said[at : at + width])) >= needed for at in range(len(said)))
