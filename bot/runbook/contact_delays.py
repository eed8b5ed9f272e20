"""When each contact of a table is paged, by a column about it."""

import re
from collections.abc import Iterator, Sequence

from bot.runbook.escalation_words import is_time, parse_delay
from bot.runbook.markdown.block_tree import MarkdownTable
from bot.runbook.markdown.inline import strip_markdown
from bot.runbook.markdown.outline import Node
from bot.runbook.model import EscalationLevel
from bot.runbook.severity_drafts import ESCALATES


def parse_contact_delays(nodes: Sequence[Node]) -> Iterator[EscalationLevel]:
    """`| On-call | @first | Immediate |`, `| Manager | @second | +30 minutes |`: contacts with when they are paged."""
    for table in (block for node in nodes for block in node.blocks if isinstance(block, MarkdownTable)):
        when = _find_delay_column(table)
        for row in table.rows if when else ():
            after = parse_delay(row.cells[when]) if when < len(row.cells) else None
            if after is not None:
                yield EscalationLevel(after, strip_markdown(row.cells[0]), row.line)


def _find_delay_column(table: MarkdownTable) -> int:
    """The column of a table of contacts that says when each is paged; 0, which is the names', where there is none."""
    heads = [strip_markdown(head) for head in table.header]
    when = next((at for at, head in enumerate(heads) if at and ESCALATES.search(head)), 0)
    cells = [strip_markdown(row.cells[when]) for row in table.rows if when < len(row.cells)]
    timed, open_ = sum(map(is_time, cells)), sum(not re.search(r"\w", cell) for cell in cells)
    return when if timed >= 2 or (timed and timed + open_ == len(cells)) else 0
