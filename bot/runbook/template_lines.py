"""The lines of a message template: what stays as it is and what is filled in."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bot.runbook.markdown.inline import MAX_TEXT_LENGTH
from bot.runbook.model import Literal, Placeholder, TemplateLine
from bot.runbook.template_facts import (
    ABOUT,
    FACTS,
    LINK,
    LITERAL_LABELS,
    MOMENT,
    OF_AFFECTED,
    OF_OUTLOOK,
    OUTLOOK,
    find_headline,
    is_person,
)
from bot.runbook.template_gaps import SAMPLE, Gap, find_gaps
from bot.runbook.template_placeholders import (
    LISTED,
    SAID,
    SPAN,
    TIMED,
    WHEN,
    build_free_name,
    find_by_label,
    find_by_place,
    fold_phrase,
)

LABEL = re.compile(
    r"(?P<lead>[^\w\[<{]*)"
    r"(?P<label>[A-Za-z][\w /&'\u2019()-]{0,40}?)(?P<mark>[*_]*\s*:[*_]*)(?P<gap>\s*)(?P<value>.*)"
)
ITEM = re.compile(r"(?P<lead>\s*(?:[-*•]|\d+[.)])\s+)(?P<text>\S.*)")
MOMENTS = frozenset({"postmortem_date", "timestamp", "ended"})
"""Placeholders that only a gap for a time or a day makes of a label."""

RHYTHM = re.compile(rf"\W*every\s+(?P<span>{SPAN}\W*)$", re.I)
SPANS = re.compile(SPAN, re.I)
"""How the value of `Updates: every 15 minutes` is written."""

MAX_EXAMPLES = 20
NEAR = 80
"""Values written out in one line, and letters left of one that say what it is."""

MAX_LABEL_LENGTH = 60
COLUMNS = re.compile(r"(\s+[|•·]\s+)(?=\W*[A-Za-z][\w /]{0,40}[*_]*:)")


STRONG = re.compile(r"\*\*(?=\S|$)|(?:(?<=\S)|^)\*\*")
"""Markdown's signs around strong words, which chats show as they are."""

Part = Literal | Placeholder


def parse_template_lines(text: str) -> tuple[TemplateLine, ...]:
    """The lines of a template's text. List items that are only placeholders become one repeating line."""
    lines: list[TemplateLine] = []
    heading, is_right_below = "", False
    for whole_row in text.strip("\n").split("\n"):
        row = whole_row[:MAX_TEXT_LENGTH]
        item = ITEM.fullmatch(row)
        line = _item(item["lead"], item["text"], heading) if item else None
        if not item and is_right_below:
            line = _parse_told(row, heading)
        is_right_below = line is not None and not item
        if line is None:
            line = TemplateLine(_merge_texts(_columns(row)))
            if row.strip():
                heading = _find_heading(row)
                is_right_below = heading != ""
        elif lines and _same_gap(lines[-1], line):
            lines[-1] = TemplateLine(lines[-1].parts, repeats=bool(item) and _is_listed(line))
            continue
        lines.append(line)
    return tuple(lines)


def _find_heading(row: str) -> str:
    """The label that stands alone in a line; empty for any other line."""
    label = LABEL.fullmatch(row)
    return label["label"] if label and not label["value"].strip(" *_") else ""


TOLD = frozenset(
    {"title", "impact", "status", "root_cause", "resolution", "actions", "affected_users", "feature"}
)
"""What is told in words, also below its label."""


def _parse_told(row: str, heading: str) -> TemplateLine | None:
    """Words right below a label of their own, `Impact:`: another incident's, where they have no gaps."""
    label, name = LABEL.fullmatch(row), find_by_label(heading)
    if name not in TOLD or not row.strip() or find_gaps(row) or (label and find_by_label(label["label"])):
        return None
    return TemplateLine((Literal(""), Placeholder(name, heading, row)))


def _is_listed(line: TemplateLine) -> bool:
    """Whether each of several values gets a line of its own."""
    return line.placeholders[0].name in LISTED or not line.placeholders[0].known


def _item(lead: str, text: str, heading: str) -> TemplateLine:
    name = find_by_label(heading) or ("feature" if OF_AFFECTED.match(heading) else None)
    gaps = find_gaps(text)
    whole = len(gaps) == 1 and (gaps[0].start, gaps[0].end) == (0, len(text))
    if name in LISTED and (whole or not gaps):
        return TemplateLine((Literal(lead), Placeholder(name, heading, text)), repeats=True)
    if name in TOLD and not gaps:
        return TemplateLine((Literal(lead), Placeholder(name, heading, text)))
    if whole and heading and find_by_place(gaps[0].content, "") is None:
        return TemplateLine((Literal(lead), Placeholder(build_free_name(heading), heading, text)))
    return TemplateLine(_merge_texts([Literal(lead), *_columns(text)]))


def _same_gap(last: TemplateLine, line: TemplateLine) -> bool:
    """Whether two list lines that follow each other only have the same placeholder."""
    if not all(
        len(labelled.parts) == 2 and isinstance(labelled.parts[1], Placeholder) for labelled in (last, line)
    ):
        return False
    return last.placeholders[0].name == line.placeholders[0].name and isinstance(last.parts[0], Literal)


def _columns(row: str) -> list[Part]:
    """One line, which may hold several labels: `Severity: P1 | Status: Investigating`."""
    parts: list[Part] = []
    pieces = COLUMNS.split(row)
    for number, piece in enumerate(pieces):
        parts += [Literal(piece)] if number % 2 else _parse_labelled(piece)
    return parts


def _parse_labelled(text: str) -> list[Part]:
    found = LABEL.fullmatch(text)
    name = find_by_label(found["label"]) if found else None
    if found is None or not found["value"].strip():
        return list(_running(text))
    head = Literal(text[: found.start("value")])
    label, value = found["label"].strip(), found["value"].rstrip()
    gaps = find_gaps(value)
    if name == "cadence" and not gaps:
        return _parse_rhythm(text, head, label, value)
    name = _correct_name(name, value, gaps)
    if name is None and not gaps and (example := _find_example(label, value)):
        return [*_running(head.text), Placeholder(example, label, value)]
    if name:
        start, end = _find_place(name, value, gaps)
        gap = Placeholder(name, label, value[start:end])
        return [head, Literal(value[:start]), gap, *_parse_text(value[end:])]
    if _is_one_gap(value, gaps) and find_by_place(gaps[0].content, label) is None:
        return [*_running(head.text), Placeholder(build_free_name(label), label, value)]
    return list(_running(text))


def _correct_name(name: str | None, value: str, gaps: Sequence[Gap]) -> str | None:
    """What is filled in behind a label, by what stands there too: a title that is a reference, a moment without a
    time."""
    if name == "title" and _is_one_gap(value, gaps) and find_by_label(gaps[0].content) == "reference":
        return "reference"
    if name == "title" and gaps and find_by_place(gaps[0].content, "") == "severity":
        return None
    if name in MOMENTS and not (any(map(_tells_time, gaps)) or MOMENT.match(value)):
        return None
    return name


def _parse_rhythm(text: str, head: Literal, label: str, value: str) -> list[Part]:
    """`Updates: every 15 minutes`: how often is filled in; other words behind such a label stay."""
    if rhythm := RHYTHM.match(value):
        start = rhythm.start("span")
        return [head, Literal(value[:start]), Placeholder("cadence", label, value[start:])]
    return [head, Placeholder("cadence", label, value)] if SPANS.fullmatch(value) else list(_running(text))


def _find_example(label: str, value: str) -> str:
    """What belongs behind a label in place of the value that its writer made up; empty where the value stays."""
    phrase = fold_phrase(label)
    if ("://" in value and not LINK.search(value)) or not re.search(r"\w", value):
        return ""
    if phrase in LITERAL_LABELS:
        return LITERAL_LABELS[phrase] or build_free_name(label)
    if OF_OUTLOOK.match(phrase):
        return build_free_name(label)
    return build_free_name(label) if is_person(label, value) else ""


def _tells_time(gap: Gap) -> bool:
    return WHEN.search(gap.content) is not None or TIMED.search(gap.content) is not None


def _is_one_gap(value: str, gaps: Sequence[Gap]) -> bool:
    """Whether a value is nothing but one gap."""
    return len(gaps) == 1 and (gaps[0].start, gaps[0].end) == (0, len(value))


def _find_place(name: str, value: str, gaps: Sequence[Gap]) -> tuple[int, int]:
    """Where what is filled in begins and ends: the only gap, else all of the value; of a time its zone too."""
    start, end = (gaps[0].start, gaps[0].end) if len(gaps) == 1 else (0, len(value))
    if name == "started" and re.fullmatch(r"\s*\(?[A-Z]{2,4}\)?", value[end:]):
        end = len(value)
    return start, end


def _running(text: str) -> Iterator[Part]:
    """Text without a label that is understood: its brackets, and values written out."""
    end = 0
    for gap in find_gaps(text):
        yield from _parse_text(text[end : gap.start], text[:end])
        name = find_by_place(gap.content, text[: gap.start])
        label = _label_gap(gap, text)
        yield Placeholder(name or build_free_name(label), label, text[gap.start : gap.end])
        end = gap.end
    yield from _parse_text(text[end:], text[:end])


def _parse_text(text: str, before: str = "") -> Iterator[Part]:
    """Text without gaps: values written out become placeholders, facts of another incident too. `before` stands left of
    it in its line."""
    end = 0
    for found in _find_examples(text):
        left = (before + text[: found.start])[-NEAR:]
        yield Literal(text[end : found.start])
        yield _fill_example(found, left, text[found.start : found.end])
        end = found.end
    rest, left = text[end:], (before + text[:end])[-NEAR:]
    if headline := find_headline(left, rest):
        yield Literal(rest[: headline.start("title")])
        yield Placeholder("title", "Title", headline["title"])
    else:
        yield Literal(rest)


@dataclass(frozen=True, slots=True)
class _Example:
    """A value that is written out: where it stands, and what it is (`severity`, `time`, `person`, `figure`)."""

    start: int
    end: int
    kind: str
    is_said: bool


def _find_examples(text: str) -> list[_Example]:
    """The values written out in a text, in its order, none over another. Of very many the last takes what is left."""
    said = [
        _Example(*match.span("value"), name, True)
        for name, pattern in (*SAID, ("feature", ABOUT), ("eta", OUTLOOK))
        for match in pattern.finditer(text)
    ]
    facts = [
        _Example(*match.span(), kind, False) for kind, pattern in FACTS for match in pattern.finditer(text)
    ]
    found: list[_Example] = []
    for example in sorted([*said, *facts], key=lambda example: (example.start, not example.is_said)):
        if found and example.start < found[-1].end:
            continue
        if len(found) == MAX_EXAMPLES:
            found[-1] = replace(found[-1], end=len(text))
            break
        found.append(example)
    return found


def _fill_example(found: _Example, left: str, raw: str) -> Placeholder:
    if found.is_said:
        return Placeholder(found.kind, found.kind.replace("_", " ").capitalize(), raw)
    label = " ".join(re.sub(r"[^\w ]+|\d+", " ", left).split()[-5:]) or found.kind.capitalize()
    meant = find_by_place(found.kind, left) if found.kind != "figure" else None
    return Placeholder(meant or build_free_name(f"{label} {found.kind}"), label, raw)


def _label_gap(gap: Gap, text: str) -> str:
    """What a gap is called for people: its words, or its whole line where those say nothing (`[X]% of requests`)."""
    return (
        " ".join(text.split())[:MAX_LABEL_LENGTH] if SAMPLE.fullmatch(gap.content.split()[0]) else gap.content
    )


def _merge_texts(parts: Sequence[Part]) -> tuple[Part, ...]:
    """The parts without empty texts and with neighbouring texts joined."""
    merged: list[Part] = []
    for part in parts:
        last = merged[-1] if merged else None
        if isinstance(part, Literal) and isinstance(last, Literal):
            merged[-1] = Literal(last.text + part.text)
        elif isinstance(part, Placeholder) or part.text:
            merged.append(part)
    return tuple(Literal(STRONG.sub("", part.text)) if isinstance(part, Literal) else part for part in merged)
