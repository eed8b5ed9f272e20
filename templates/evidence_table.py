"""The table behind a finding, in letters of one width that a phone shows without a break."""

from collections.abc import Iterator, Sequence
from textwrap import wrap

from bot.domain.evidence import EvidenceTable
from templates.escaping import cut

WIDEST, MOST_ROWS = 40, 15
"""Letters of a line, and rows: a phone has room for no more beside each other."""

WIDEST_CELL, MIN_COLUMN_WIDTH = 34, 10
"""Letters of a cell that stands in its column, and those that a column keeps: cut shorter, it says nothing."""

LONGEST_CELL, MOST_BELOW, LONGEST_LIST = 400, 12, 2800
"""Letters of a cell that stands below its table, how many do, and letters of a table without columns."""

SAYING = "what"
"""The head of a column whose cells speak for themselves."""

Row = tuple[str, ...]


def format_table(table: EvidenceTable) -> str:
    """A table in letters of one width. Its widest columns are cut until a row fits, and what was cut stands whole below
    it, each cell in a line of its own; where that does not help, each row is an item with all of its cells. Rows that
    are left out are counted. A name that stands above is not repeated."""
    rows = [tuple(map(_printable, row)) for row in table.rows[:MOST_ROWS]]
    listed = [tuple(map(_printable, table.heads)), *rows]
    padded = [(*row, *[""] * (max(map(len, listed)) - len(row))) for row in listed]
    widths = _fit_columns([max(len(row[column]) for row in padded) for column in range(len(padded[0]))])
    more = table.left_out + len(table.rows) - len(rows)
    if widths is None:
        return "\n".join(_list_rows(padded, more))
    text: list[str] = []
    for above, row in zip([(), *padded], padded, strict=False):
        cells = ("", *row[1:]) if row[:1] == above[:1] else row
        shown = (cut(cell, width).ljust(width) for cell, width in zip(cells, widths, strict=False))
        text.append("  ".join(shown).rstrip())
    text += [f"and {more:,} more"] if more else []
    return "\n".join([*text, *_list_below(padded, widths)])


def _list_below(rows: Sequence[Row], widths: Sequence[int]) -> list[str]:
    """The cells that were cut, with their row and column, after an empty line; each once."""
    heads = rows[0]
    told = [
        (f"{row[0]}, {heads[column]}" if column and len(row[0]) <= widths[0] else heads[column], cell)
        for row in rows[1:]
        for column, cell in enumerate(row)
        if len(cell) > widths[column]
    ]
    once = [*dict.fromkeys(told)][:MOST_BELOW]
    found = [": ".join(filter(None, (where.strip(", "), cut(cell, LONGEST_CELL)))) for where, cell in once]
    wrapped = [line for text in found for line in _wrap(text)]
    return ["", *wrapped] if wrapped else []


def _list_rows(rows: Sequence[Row], more: int) -> Iterator[str]:
    """Each row as an item, below the name in its first cell."""
    length, above = 0, ""
    for number, row in enumerate(rows[1:]):
        if length > LONGEST_LIST:
            more += len(rows) - 1 - number
            break
        if row[0] and row[0] != above:
            yield from _wrap(_name_cell(rows[0][0] if row[0][0].isdigit() else "", row[0]))
        above = row[0]
        cells = zip(rows[0][1:], row[1:], strict=True)
        item = " · ".join(_name_cell("" if head == SAYING else head, cell) for head, cell in cells if cell)
        length += len(item)
        yield from _wrap(f"• {item}") if item else ()
    if more:
        yield f"and {more:,} more"


def _name_cell(head: str, cell: str) -> str:
    """A cell beside its head; a name that begins its row needs none, a number does."""
    return " ".join(filter(None, (head, cut(cell, LONGEST_CELL))))


def _wrap(text: str) -> list[str]:
    return wrap(text, WIDEST, subsequent_indent="  ", break_on_hyphens=False)


def _fit_columns(longest: Sequence[int]) -> list[int] | None:
    """The widths at which the columns fit side by side; None where they do not."""
    widths = [min(width, WIDEST_CELL) for width in longest]
    while sum(widths) + 2 * (len(widths) - 1) > WIDEST:
        if max(widths) <= MIN_COLUMN_WIDTH:
            return None
        widths[widths.index(max(widths))] -= 1
    return widths


def _printable(text: str) -> str:
    printable = "".join(letter if letter.isprintable() else " " for letter in text[: 2 * LONGEST_CELL])
    return " ".join(printable.split())
