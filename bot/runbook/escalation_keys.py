"""The levels of an escalation that a fence lists as data: `who: lead`, `after: 15m`."""

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta

from bot.runbook.escalation_words import extract_people, means_somebody, parse_delay
from bot.runbook.model import EscalationLevel

PAIR = re.compile(r"\s*(?P<dash>-\s+)?(?P<key>[A-Za-z][\w -]{0,30}?)\s*:\s*(?P<value>\S.*)?")
WHO = re.compile(r"who|role|contacts?|notify|page|targets?|person|team|responder|name", re.I)
WHEN = re.compile(r"after|delay|wait|when|time|timeout|escalat\w+[ _]after", re.I)

KINDS = (("who", WHO), ("when", WHEN))


def parse_keyed_levels(rows: Sequence[tuple[int, str]], severity: str | None) -> Iterator[EscalationLevel]:
    """A level for each item of a list that says who; none where fewer than two do, or nothing says when."""
    told = [(line, item) for line, item in _list_items(rows) if means_somebody(item.get("who", ""))]
    if len(told) < 2 or not any("when" in item for _, item in told):
        return
    for place, (line, item) in enumerate(told):
        after = parse_delay(item.get("when", ""))
        after = after if place else after or timedelta(0)  # the first is called at once
        yield EscalationLevel(after, extract_people(item["who"]), line, severity)


def _list_items(rows: Sequence[tuple[int, str]]) -> list[tuple[int, dict[str, str]]]:
    """The items of a list of keys and values, each with its line: what they say of who and when."""
    items: list[tuple[int, dict[str, str]]] = []
    for number, row in rows:
        pair = PAIR.fullmatch(row.rstrip())
        if pair is None:
            continue
        if pair["dash"] or not items:
            items.append((number, {}))
        kind = next((name for name, key in KINDS if key.fullmatch(pair["key"])), "")
        items[-1][1].setdefault(kind, (pair["value"] or "").strip("\"' "))
    return items
