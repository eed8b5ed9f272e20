"""Tables that stand on their side."""

from bot.runbook.markdown.block_tree import MarkdownTable, Row
from bot.runbook.markdown.inline import strip_markdown
from bot.runbook.severity_names import find_level, find_level_word

MAX_LEVELS = 10


def transpose_table(table: MarkdownTable) -> MarkdownTable:
    """A table with one column for each severity, turned so that it has one row for each; any other as it is.

    The rows then stand at the line of the table's header.
    """
    heads_of_levels = [strip_markdown(head) for head in table.header[1 : MAX_LEVELS + 2]]
    levels = [find_level(head) or find_level_word(head) for head in heads_of_levels]
    if not 2 <= len(levels) <= MAX_LEVELS or not all(levels):
        return table
    heads = ("Severity", *(row.cells[0] if row.cells else "" for row in table.rows))
    columns = range(1, len(table.header))
    return MarkdownTable(
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
