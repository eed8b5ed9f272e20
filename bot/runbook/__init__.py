"""Markdown in, a typed runbook and its problems out. Pure: no files, no network, no clock."""

from bot.runbook.contacts import ActionMatch, match_contacts
from bot.runbook.decoding import Unreadable, decode
from bot.runbook.durations import runs_no_clock
from bot.runbook.escalation import Rung, ladder
from bot.runbook.filling import gaps_of, step_at
from bot.runbook.linked import beside, joined, parted
from bot.runbook.matching import best_playbook
from bot.runbook.model import (
    KNOWN,
    Contact,
    EscalationLevel,
    Item,
    Link,
    Literal,
    Placeholder,
    Problem,
    Runbook,
    Severity,
    Template,
    TemplateLine,
    Window,
    place,
)
from bot.runbook.named import Named, named, near
from bot.runbook.preflight import Reach, how_reached, preflight, with_book
from bot.runbook.reading import read, related
from bot.runbook.recognising import meaning_of, recognised, tally, with_problems
from bot.runbook.report import as_json, as_text
from bot.runbook.said import told_of
from bot.runbook.thresholds import thresholds

__all__ = [
    "KNOWN",
    "ActionMatch",
    "Contact",
    "EscalationLevel",
    "Item",
    "Link",
    "Literal",
    "Named",
    "Placeholder",
    "Problem",
    "Reach",
    "Runbook",
    "Rung",
    "Severity",
    "Template",
    "TemplateLine",
    "Unreadable",
    "Window",
    "as_json",
    "as_text",
    "beside",
    "best_playbook",
    "decode",
    "gaps_of",
    "how_reached",
    "joined",
    "ladder",
    "match_contacts",
    "meaning_of",
    "named",
    "near",
    "parted",
    "place",
    "preflight",
    "read",
    "recognised",
    "related",
    "runs_no_clock",
    "step_at",
    "tally",
    "thresholds",
    "told_of",
    "with_book",
    "with_problems",
]
