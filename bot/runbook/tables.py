"""Tables that stand on their side."""

from bot.runbook.blocks import Row, Table
from bot.runbook.inline import plain
from bot.runbook.levels import find_level, find_word

MOST_LEVELS = 10


def upright(table: Table) -> Table:
    """A table with one column for each severity, turned so that it has one row for each; any other as it is.

    The rows then stand at the line of the table's header.
    """
    heads_of_levels = [plain(head) for head in table.header[1 : MOST_LEVELS + 2]]
    levels = [find_level(head) or find_word(head) for head in heads_of_levels]
    if not 2 <= len(levels) <= MOST_LEVELS or not all(levels):
        return table
    heads = ("Severity", *(row.cells[0] if row.cells else "" for row in table.rows))
    columns = range(1, len(table.header))
    return Table(
        table.line,
        heads,
        tuple(
            Row(
                table.line,
                (table.header[at], *(row.cells[at] if at < len(row.cells) else "" for row in table.rows)),
            )
            for at in columns
        ),
    )
