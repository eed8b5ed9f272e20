"""The levels of an escalation that a fence lists as data: `who: lead`, `after: 15m`."""

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta

from bot.runbook.escalation_words import extract_people, means_somebody, parse_delay
from bot.runbook.model import EscalationLevel

PAIR = re.compile(r"\s*(?P<dash>-\s+)?(?P<key>[A-Za-z][\w -]{0,30}?)\s*:\s*(?P<value>\S.*)?")
WHO = re.compile(r"who|role|contacts?|notify|page|targets?|person|team|responder|name", re.I)
WHEN = re.compile(r"after|delay|wait|when|time|timeout|escalat\w+[ _]after", re.I)


def parse_keyed_levels(rows: Sequence[tuple[int, str]], severity: str | None) -> Iterator[EscalationLevel]:
    """A level for each item of a list that says who; none where fewer than two do, or nothing says when."""
    items: list[dict[str, str]] = []
    lines: list[int] = []
    for number, row in rows:
        pair = PAIR.fullmatch(row.rstrip())
        if pair is None:
            continue
        if pair["dash"] or not items:
            items.append({})
            lines.append(number)
        kind = next((name for name, key in (("who", WHO), ("when", WHEN)) if key.fullmatch(pair["key"])), "")
        items[-1].setdefault(kind, (pair["value"] or "").strip("\"' "))
    told = [
        (line, item) for line, item in zip(lines, items, strict=True) if means_somebody(item.get("who", ""))
    ]
    if len(told) < 2 or not any("when" in item for _, item in told):
        return
    for place, (line, item) in enumerate(told):
        after = parse_delay(item.get("when", ""))
        yield EscalationLevel(
            after if place else after or timedelta(0), extract_people(item["who"]), line, severity
        )
