"""The lines of a message template: what stays as it is and what is filled in."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.runbook.gaps import LISTED, SAID, WHEN, by_label, by_place, free_name
from bot.runbook.inline import LONGEST
from bot.runbook.model import Literal, Placeholder, TemplateLine

BRACKET = re.compile(
    r"\{\{\s*(?P<braces>[^{}\n]+?)\s*\}\}"
    r"|\[(?P<square>[^\[\]\n]+)\](?!\()"
    r"|<(?P<angle>[A-Za-z][^<>@\n:/]*(?:/[^<>@\n:/]+)*)>"
)
LABEL = re.compile(
    r"(?P<lead>[^\w\[<{]*)"
    r"(?P<label>[A-Za-z][\w /&'\u2019()-]{0,40}?)(?P<mark>[*_]*\s*:[*_]*)(?P<gap>\s*)(?P<value>.*)"
)
ITEM = re.compile(r"(?P<lead>\s*(?:[-*•]|\d+[.)])\s+)(?P<text>\S.*)")
TAGS = frozenset({"b", "br", "i", "p", "strong", "em", "ul", "li", "u", "div", "span", "code", "pre"})
COLUMNS = re.compile(r"(\s+[|•·]\s+)(?=\W*[A-Za-z][\w /]{0,40}[*_]*:)")


@dataclass(frozen=True, slots=True)
class _Gap:
    """A bracket in a line: where it stands and its words."""

    start: int
    end: int
    content: str


Part = Literal | Placeholder


def template_lines(text: str) -> tuple[TemplateLine, ...]:
    """The lines of a template's text. List items that are only placeholders become one repeating line."""
    lines: list[TemplateLine] = []
    heading = ""
    for whole_row in text.strip("\n").split("\n"):
        row = whole_row[:LONGEST]
        item = ITEM.fullmatch(row)
        if item:
            line = _item(item["lead"], item["text"], heading)
            last = lines[-1] if lines else None
            if last and _same_gap(last, line):
                lines[-1] = TemplateLine(last.parts, repeats=True)
                continue
        else:
            label = LABEL.fullmatch(row)
            if row.strip():
                heading = label["label"] if label and not label["value"].strip() else ""
            line = TemplateLine(_merged(_columns(row)))
        lines.append(line)
    return tuple(lines)


def unbalanced(line: TemplateLine) -> bool:
    """Whether a bracket of a line has no partner and would be shown to readers as it is."""
    text = "".join(part.text for part in line.parts if isinstance(part, Literal))
    text = re.sub(r"\[[^\[\]]*\]|\{\{[^{}]*\}\}", "", text)
    return any(mark in text for mark in ("[", "]", "{{", "}}"))


def _item(lead: str, text: str, heading: str) -> TemplateLine:
    name = by_label(heading)
    gaps = _gaps(text)
    whole = len(gaps) == 1 and (gaps[0].start, gaps[0].end) == (0, len(text))
    if name in LISTED and (whole or (name == "actions" and not gaps)):
        return TemplateLine((Literal(lead), Placeholder(name, heading, text)), repeats=True)
    if whole and heading and by_place(gaps[0].content, "") is None:
        return TemplateLine((Literal(lead), Placeholder(free_name(heading), heading, text)))
    return TemplateLine(_merged([Literal(lead), *_columns(text)]))


def _same_gap(last: TemplateLine, line: TemplateLine) -> bool:
    """Whether two list lines that follow each other only have the same placeholder."""
    if not all(len(each.parts) == 2 and isinstance(each.parts[1], Placeholder) for each in (last, line)):
        return False
    return last.placeholders[0].name == line.placeholders[0].name and isinstance(last.parts[0], Literal)


def _columns(row: str) -> list[Part]:
    """One line, which may hold several labels: `Severity: P1 | Status: Investigating`."""
    parts: list[Part] = []
    pieces = COLUMNS.split(row)
    for number, piece in enumerate(pieces):
        parts += [Literal(piece)] if number % 2 else _labelled(piece)
    return parts


def _labelled(text: str) -> list[Part]:
    found = LABEL.fullmatch(text)
    name = by_label(found["label"]) if found else None
    if found is None or not found["value"].strip():
        return list(_running(text))
    head = Literal(text[: found.start("value")])
    label, value = found["label"].strip(), found["value"].rstrip()
    gaps = _gaps(value)
    if name == "postmortem_date" and not any(WHEN.search(gap.content) for gap in gaps):
        name = None
    if name:
        start, end = (gaps[0].start, gaps[0].end) if len(gaps) == 1 else (0, len(value))
        if name == "started" and re.fullmatch(r"\s*\(?[A-Z]{2,4}\)?", value[end:]):
            end = len(value)
        return [
            head,
            Literal(value[:start]),
            Placeholder(name, label, value[start:end]),
            *_said(value[end:]),
        ]
    if (
        len(gaps) == 1
        and (gaps[0].start, gaps[0].end) == (0, len(value))
        and by_place(gaps[0].content, label) is None
    ):
        return [*_running(head.text), Placeholder(free_name(label), label, value)]
    return list(_running(text))


def _running(text: str) -> Iterator[Part]:
    """Text without a label that is understood: its brackets, and values written out."""
    end = 0
    for gap in _gaps(text):
        yield from _said(text[end : gap.start])
        name = by_place(gap.content, text[: gap.start])
        yield Placeholder(name or free_name(gap.content), gap.content, text[gap.start : gap.end])
        end = gap.end
    yield from _said(text[end:])


def _said(text: str) -> Iterator[Part]:
    for name, pattern in SAID:
        found = pattern.search(text)
        if found:
            yield from _said(text[: found.start("value")])
            yield Placeholder(name, name.replace("_", " ").capitalize(), found["value"])
            yield from _said(text[found.end("value") :])
            return
    yield Literal(text)


def _gaps(text: str) -> Sequence[_Gap]:
    found = []
    for match in BRACKET.finditer(text):
        content = (match["braces"] or match["square"] or match["angle"]).strip()
        is_tag = match["angle"] is not None and content.casefold() in TAGS
        if content and content not in {"x", "X"} and not is_tag and re.search(r"\w|\u2026|\.\.", content):
            found.append(_Gap(match.start(), match.end(), content))
    return found


def _merged(parts: Sequence[Part]) -> tuple[Part, ...]:
    """The parts without empty texts and with neighbouring texts joined."""
    merged: list[Part] = []
    for part in parts:
        last = merged[-1] if merged else None
        if isinstance(part, Literal) and isinstance(last, Literal):
            merged[-1] = Literal(last.text + part.text)
        elif isinstance(part, Placeholder) or part.text:
            merged.append(part)
    return tuple(merged)
