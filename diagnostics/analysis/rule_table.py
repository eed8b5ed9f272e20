"""Rules in a table, worst first, each with a verdict and a sentence: the first that holds speaks."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from bot.domain.finding import Verdict

Seen = TypeVar("Seen")


@dataclass(frozen=True, slots=True)
class Rule(Generic[Seen]):
    """`holds` answers whether it is so of what was seen (what is empty or None is no), `sentence` says it to people."""

    holds: Callable[[Seen], object]
    verdict: Verdict
    sentence: Callable[[Seen], str]


def always(_: object) -> bool:
    """What the last rule of a table holds by."""
    return True


def judge(rules: Iterable[Rule[Seen]], seen: Seen) -> tuple[Verdict, str]:
    """Verdict and sentence of the first rule that holds. Raises LookupError where none does: the last rule of a table
    holds always."""
    for rule in rules:
        if rule.holds(seen):
            return rule.verdict, rule.sentence(seen)
    raise LookupError("no rule holds of what was seen")
