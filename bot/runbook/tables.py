"""Tables that stand on their side."""

from bot.runbook.blocks import Row, Table
from bot.runbook.inline import plain
from bot.runbook.levels import find_level, find_word


def upright(table: Table) -> Table:
    """A table with one column for each severity, turned so that it has one row for each; any other as it is.

    The rows then stand at the line of the table's header.
    """
    levels = [find_level(plain(head)) or find_word(plain(head)) for head in table.header[1:]]
    if len(levels) < 2 or not all(levels):
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
