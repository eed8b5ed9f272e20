"""People in a table: names in one column, and in the others how to reach them."""

import re
from collections.abc import Iterator, Sequence

from bot.runbook import languages
from bot.runbook.contacts import means_people
from bot.runbook.escalation_words import is_time, parse_delay
from bot.runbook.handles import MAIL, find_handles
from bot.runbook.markdown.block_tree import MarkdownTable, Row
from bot.runbook.markdown.inline import join_soft_breaks, strip_markdown
from bot.runbook.model import Contact

ROLE = re.compile(r"role|team|position|function", re.I)
WHO = re.compile(
    r"role|name|team|contact|who|position|person|vendor|service|function|entity|party|organi[sz]ation|provider|group"
    rf"|{languages.ROLE}",
    re.I,
)
OF_ELSE = re.compile(
    r"\W*(?:level|tier|sev\w*|priority|step|order|rank|week(?: of)?|date|day|shift|time|when|from|no|area|type|platform"
    r"|system|integration)?\W*",
    re.I,
)
"""First heads of tables in which the people stand in another column."""

SITUATION = re.compile(
    rf"\W*(?:situation|condition|scenario|case|when|if|event|severity|priority|level|trigger|{languages.SITUATION})",
    re.I,
)
"""The first head of a table that says when somebody is called, and not how."""

ON_TIME = re.compile(r"\W*(?:when|trigger|timing|escalate when)\W*", re.I)
WHEN = re.compile(r"\bwhen\b|trigger", re.I)
"""The head of a column that says when somebody is called."""

REACHED = re.compile(r"contact|phone|e-?mail|slack|handle|pager|reach", re.I)
"""Heads of columns that say how somebody is reached."""


def parse_table_contacts(table: MarkdownTable) -> Iterator[Contact]:
    """Everybody in a table that does not say in which situation somebody is called."""
    heads = [strip_markdown(head) for head in table.header]
    if not heads or SITUATION.match(heads[0]):
        return
    column = _find_name_column(heads)
    named = _list_named(table, column)
    is_about = WHO.search(heads[column]) is not None or _are_people([name for name, _ in named])
    tells_how = _tells_how(heads)
    when = next((at for at, head in enumerate(heads) if ON_TIME.fullmatch(head)), None)
    for name, row in named:
        others = _list_others(row, column)
        known = find_handles(" \n".join(row.cells))
        is_level = _is_level(others, tells_how) or _waits(row, when)
        if _is_name(name) and (known or (is_about and not is_level)):
            yield Contact(name, row.line, " · ".join(map(join_soft_breaks, others)), known)


def _find_name_column(heads: Sequence[str]) -> int:
    """Where the names stand: below the head that speaks of roles or teams, else in the first column unless that has
    something else, then below the head that speaks of people."""
    if role := next((at for at, head in enumerate(heads) if ROLE.search(head)), 0):
        return role
    if not OF_ELSE.fullmatch(heads[0]):
        return 0
    return next((at for at, head in enumerate(heads) if WHO.search(head)), 0)


def _list_named(table: MarkdownTable, column: int) -> list[tuple[str, Row]]:
    """The rows that reach as far as the column of the names, each with what stands there."""
    return [(strip_markdown(row.cells[column]), row) for row in table.rows if column < len(row.cells)]


def _are_people(names: Sequence[str]) -> bool:
    """Whether most cells of a column name people."""
    return sum(map(means_people, names)) * 2 > len(names)


def _tells_how(heads: Sequence[str]) -> bool:
    """Whether the second column of a table tells how somebody is reached, and not when."""
    return any(REACHED.search(head) and not WHEN.search(head) for head in heads[1:2])


def _list_others(row: Row, column: int) -> list[str]:
    """What stands in a row besides the name."""
    return [cell for cell in (*row.cells[:column], *row.cells[column + 1 :]) if cell]


def _is_name(cell: str) -> bool:
    return bool(cell) and MAIL.search(cell) is None


def _waits(row: Row, when: int | None) -> bool:
    """Whether the column that says when somebody is called has a time: `No answer after 15 min`."""
    return when is not None and when < len(row.cells) and parse_delay(row.cells[when]) is not None


def _is_level(cells: Sequence[str], tells_how: bool) -> bool:
    """Whether a row is a level of an escalation, which has times; `tells_how` when its second column tells how
    somebody is reached."""
    if tells_how and cells and not is_time(cells[0]):
        return False
    return any(map(is_time, cells))
