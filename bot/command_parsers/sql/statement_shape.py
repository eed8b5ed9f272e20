"""Whether a statement whose placeholders are filled in is still the same statement."""

from collections.abc import Callable
from typing import Any

from bot.command_parsers.parsed_command import MistypedCommand
from bot.command_parsers.placeholders import FIRST, LAST, PlaceholderMap
from bot.errors import UnsupportedCommand

PLACES = frozenset({"location", "stmt_location", "stmt_len", "rexpr_list_start", "rexpr_list_end"})
"""Where something stands in the text, which values move."""

CONSTANTS = frozenset({"ival", "fval", "sval", "boolval"})


def is_same_statement(asked: str, filled: str, fill: Callable[[str], str]) -> bool:
    """Whether the one is the other but for the values: a placeholder that stood for a value is one constant."""
    from postgast import PgQueryError, parse

    if any(filled.count(mark) > asked.count(mark) for mark in (";", "--", "/*")):
        return False
    before, after = PlaceholderMap({}), PlaceholderMap({})
    try:
        trees = parse(before.hide(asked, brackets=False)), parse(after.hide(filled, brackets=False))
    except (PgQueryError, MistypedCommand, UnsupportedCommand):
        return False
    if not after.typed <= before.typed:
        return False
    return _same(
        *trees, lambda text: fill(before.unhide(text)).lower(), lambda text: after.unhide(text).lower()
    )


def _same(one: Any, other: Any, asked: Callable[[str], str], told: Callable[[str], str]) -> bool:
    waiting = [(one, other)]
    while waiting:
        left, right = waiting.pop()
        if isinstance(left, str) and isinstance(right, str):
            is_same = asked(left) == told(right)
        elif not hasattr(left, "ListFields") or not hasattr(right, "ListFields"):
            is_same = left == right
        elif not _one_constant(left, right):
            pairs = _pairs(left, right)
            is_same = pairs is not None
            waiting += pairs or []
        else:
            is_same = True
        if not is_same:
            return False
    return True


def _pairs(left: Any, right: Any) -> list[tuple[Any, Any]] | None:
    """What two nodes of one kind hold, side by side; None where they are of two kinds, or hold different things."""
    if left.DESCRIPTOR is not right.DESCRIPTOR or _gap(left) != _gap(right):
        return None
    first, second = _fields(left), _fields(right)
    if [name for name, _ in first] != [name for name, _ in second]:
        return None
    return [(one, other) for (_, one), (_, other) in zip(first, second, strict=True)]


def _one_constant(left: Any, right: Any) -> bool:
    """Whether a placeholder that the grammar took for a column has become a constant."""
    if not _gap(left) or right.DESCRIPTOR.name != "Node" or right.WhichOneof("node") != "a_const":
        return False
    return right.a_const.WhichOneof("val") in CONSTANTS


def _gap(node: Any) -> bool:
    """Whether a part of an expression is nothing but a placeholder: a column's name there would say too much."""
    if node.DESCRIPTOR.name != "Node" or node.WhichOneof("node") != "column_ref":
        return False
    names = [field.string.sval for field in node.column_ref.fields]
    return len(names) == 1 and len(names[0]) == 1 and FIRST <= ord(names[0]) <= LAST


def _fields(node: Any) -> list[tuple[str, Any]]:
    """What a node holds by name, lists with one entry for each of their members."""
    found = []
    for about, value in node.ListFields():
        if about.name not in PLACES:
            each = (
                list(value) if not isinstance(value, str | bytes) and hasattr(value, "__len__") else [value]
            )
            found += [(f"{about.name} {number}", part) for number, part in enumerate(each)]
    return found
