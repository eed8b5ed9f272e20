"""The evidence of one step, for the thread: table, text, picture, where it comes from."""

from collections.abc import Sequence

from bot.evidence import ALL, NOT_CONFIGURED, UNKNOWN, Detail, Look, Result, Table, told_once
from bot.ports import Block, Message
from bot.runbook import meaning_of, step_at
from bot.step import Kind
from templates import actions
from templates.evidence import LONGEST_HEADLINE, MARKS
from templates.kit import (
    Bold,
    Line,
    Link,
    Span,
    When,
    button,
    buttons,
    context,
    lasted,
    message,
    preformatted,
    rich,
    section,
)
from templates.letters import cut
from templates.view import View, at_line

WIDEST, WIDEST_CELL, MOST_ROWS = 64, 34, 15
"""Letters of a table's row and of its cell, and its rows: it is read on a phone."""

NARROWEST = 5
"""Letters that every column keeps; what has no room for them is left out at the right, and said."""

MOST_TEXT = 1800
LONGEST_LINK = 2000
"""Characters of an address: with what stands beside it, it fits into one grey line."""

MOST_PLACES = 6
"""Lines of the runbook that are named where many playbooks ask the same."""

MOST_BY_HAND, LONGEST_BY_HAND = 12, 700
"""Commands that are given where nothing is configured, and letters of each."""

LATE = 5.0
"""Seconds from when on it is said that something was read a while ago."""


def detail(view: View, look: Look, result: Result, file: str | None) -> Message:
    """The evidence of one step, for the thread; `file` is the id of its picture in Slack."""
    kept = result.detail
    mark = MARKS[result.verdict or UNKNOWN]
    head: Line = (f"{mark} ", Bold(result.title), f"  {cut(result.headline, LONGEST_HEADLINE)}")
    parts = [section([head])]
    if kept.table is not None and kept.table.rows:
        parts.append(preformatted(drawn(kept.table)))
    if kept.text.strip():
        parts.append(preformatted(cut(kept.text, MOST_TEXT)))
    if kept.next_look:
        parts.append(section([("Next: ", kept.next_look)]))
    if kept.command:
        parts += [section([("The same by hand:",)]), preformatted(cut(kept.command, MOST_TEXT))]
    blocks: list[Block] = [rich("finding", *parts)]
    if file is not None:
        blocks.append(
            {
                "type": "image",
                "block_id": "finding-chart",
                "slack_file": {"id": file},
                "alt_text": cut(kept.chart or result.title, 1900),
            }
        )
    blocks.append(context("finding-state", _source(view, look, result)))
    again = button("Run again", actions.RUN_STEP, actions.value(look.incident, result.line, result.file))
    blocks.append(buttons("finding-buttons", again))
    return message([head], *blocks)


def by_hand(view: View, look: Look) -> Message | None:
    """The commands of what was not asked since a setting is missing; None where no command only reads."""
    steps = {
        (each.file, each.line): (each.headline, step)
        for each in look.results
        if each.cause == NOT_CONFIGURED
        and (step := step_at(view.runbook, each.file, each.line)) is not None
        and step.command is not None
        and meaning_of(step).kind is Kind.DIAGNOSTIC
    }
    if not steps:
        return None
    head: Line = (f"{MARKS[UNKNOWN]} ", Bold("What was not asked, to run by hand:"))
    parts = [section([head])]
    said = ""
    for why, step in [*steps.values()][:MOST_BY_HAND]:
        parts.append(section([*([(why,)] if why != said else []), (Bold(step.title),)]))
        parts.append(preformatted(cut(step.command or "", LONGEST_BY_HAND)))
        said = why
    if len(steps) > MOST_BY_HAND:
        parts.append(section([(f"and {len(steps) - MOST_BY_HAND} more: see the runbook",)]))
    return message([head], rich("by-hand", *parts))


def _source(view: View, look: Look, result: Result) -> Line:
    kept: Detail = result.detail
    same = (
        next(group for group in told_once(look.results) if result in group)
        if look.scope == ALL
        else (result,)
    )
    found: list[Line] = [(at_line(view.runbook_url, each.line, each.file),) for each in same[:MOST_PLACES]]
    if kept.link.startswith("https://") and len(kept.link) <= LONGEST_LINK:
        found.insert(0, (Link(kept.link, "Open in the console"),))
    if kept.begin and kept.end:
        found.append((When(kept.begin), " to ", When(kept.end)))
    if kept.age is not None:
        age = lasted(kept.age)
        found.append((f"{kept.aged} {age} ago" if kept.aged else f"newest data {age} old",))
    if result.collected_at is not None:
        read: Line = ("read ", When(result.collected_at))
        late = (result.seen_at - result.collected_at).total_seconds() if result.seen_at else 0.0
        found.append((*read, f", {lasted(late)} before it was asked for") if late > LATE else read)
    if result.digest:
        found.append((f"sha256 {result.digest[:12]}",))
    joined: list[Span] = []
    for number, each in enumerate(found):
        joined += [" · "] if number else []
        joined += each
    return tuple(joined)


def drawn(table: Table) -> str:
    """A table in letters of one width. The widest columns are cut until a row fits; rows that are left out are
    counted, and so are columns."""
    rows = [tuple(_cell(each) for each in row) for row in table.rows[:MOST_ROWS]]
    listed = [tuple(_cell(each) for each in table.heads), *rows]
    padded = [(*row, *[""] * (max(map(len, listed)) - len(row))) for row in listed]
    widths = _fitting([max(len(row[column]) for row in padded) for column in range(len(padded[0]))])
    text = [
        "  ".join(cut(cell, width).ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip()
        for row in padded
    ]
    more, beside = table.left_out + len(table.rows) - len(rows), len(padded[0]) - len(widths)
    text += [f"and {more:,} more"] if more else []
    return "\n".join([*text, *([f"and {beside} more column{'s' * (beside > 1)}"] if beside else [])])


def _fitting(widths: Sequence[int]) -> list[int]:
    """The widths of the columns that fit side by side."""
    kept = [*widths]
    while sum(kept) + 2 * (len(kept) - 1) > WIDEST:
        if max(kept) > NARROWEST:
            kept[kept.index(max(kept))] -= 1
        else:
            kept = [*widths[: len(kept) - 1]]
    return kept


def _cell(text: str) -> str:
    printable = "".join(letter if letter.isprintable() else " " for letter in text[: 4 * WIDEST_CELL])
    return cut(" ".join(printable.split()), WIDEST_CELL)
