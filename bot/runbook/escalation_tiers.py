"""The tiers of an escalation that are named once, and whose times stand elsewhere for each severity."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.runbook.escalation_words import find_level_name, parse_delay
from bot.runbook.markdown.block_tree import MarkdownTable
from bot.runbook.markdown.inline import strip_markdown
from bot.runbook.model import EscalationLevel
from bot.runbook.severity_names import is_same_level

TIER_HEAD = re.compile(r"escalate\w* to (?:tier|level|L)\s*-?\s*(?P<number>[2-9])", re.I)
"""The head of a column with the time after which a tier is called: `Escalate to Tier 2`."""

REFERENCE = re.compile(r"tier (?P<number>\d)")
OF_A_LEVEL = re.compile(r"\((?P<level>[^()]+)\)")


def parse_tier_times(table: MarkdownTable) -> Iterator[EscalationLevel]:
    """`| Severity | … | Escalate to Tier 2 |`, `| Critical | … | 15 minutes |`: when each is called."""
    heads = [TIER_HEAD.search(strip_markdown(head)) for head in table.header]
    for row in table.rows if any(heads) else ():
        level = find_level_name(row.cells[0]) if row.cells else None
        for head, cell in zip(heads, row.cells, strict=False):
            after = parse_delay(cell) if head else None
            if head and level and after is not None:
                yield EscalationLevel(after, f"tier {head['number']}", row.line, level)


def resolve_tiers(found: Sequence[EscalationLevel]) -> list[EscalationLevel]:
    """The levels with the names of the tiers that are meant by number; who stands there without a time is then called
    at those of the severities only."""
    named = [level for level in found if level.severity is None]
    own = [level for level in found if not REFERENCE.fullmatch(level.text)]
    references = [level for level in found if level.severity and REFERENCE.fullmatch(level.text)]
    if not named or not references:
        return own
    timed = [level for level in named if level.after is not None]
    graded = [level for level in own if level.severity]
    resolved = (_resolve_tier(level, named) for level in references)
    return [*timed, *graded, *filter(None, resolved)]


def _resolve_tier(level: EscalationLevel, named: Sequence[EscalationLevel]) -> EscalationLevel | None:
    """A level of a tier with the names of that one; None where there is none of its number."""
    reference = REFERENCE.fullmatch(level.text)
    number = int(reference["number"]) if reference else 0
    if not 0 < number <= len(named):
        return None
    return replace(level, text=_select_names(named[number - 1].text, level.severity or ""))


def _select_names(text: str, severity: str) -> str:
    """Of `CTO (Critical) / Lead (High)` the names that are for a severity or for all."""
    parts = [part.strip() for part in text.split("/")]
    graded = [(part, OF_A_LEVEL.search(part)) for part in parts]
    levels = [find_level_name(bracket[1]) if bracket else None for _, bracket in graded]
    if not any(levels):
        return text
    kept = [
        part for part, level in zip(parts, levels, strict=True) if not level or is_same_level(level, severity)
    ]
    return ", ".join(OF_A_LEVEL.sub("", part).strip() for part in kept)
