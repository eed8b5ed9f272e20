"""Gaps of the message templates that nobody can fill: what readers would see in their place, and what to write."""

import re
from collections.abc import Iterable, Iterator, Sequence

from bot.runbook.model import Literal, Placeholder, Problem, Template
from bot.runbook.template_lines import parse_template_lines

NAMES = {"alert": "alert", "update": "status update", "resolution": "resolution message"}
AT_THE_END = {
    "root_cause": "the root cause",
    "resolution": "what was done",
    "duration": "the duration",
    "ended": "the time of the end",
    "postmortem_date": "the date of the post-mortem",
}
"""What is told when an incident is resolved, and not before."""

RAW = re.compile(
    r"(?P<empty>(?<=[:=\w] )\[\s*\](?!\s*\w)|\{\{\s*\}\}|<\s+>|_{3,})"
    r"|(?P<other>\$\{[A-Za-z_][\w.]{0,40}\}|(?<![{$])\{[A-Za-z_][\w .-]{0,40}\}(?!\})|%[A-Z][A-Z_]{1,40}%"
    r"|(?<!\w)__[A-Z][A-Z_]{0,40}?__(?!\w)|@@[A-Z][A-Z_]{1,40}@@|\$[A-Z][A-Z_]{2,40}(?![\w{]))"
)
SAMPLE = re.compile(r"(?<![A-Za-z])(?:X{2,}|N{3,}|YYYY|TBD|TBA|TODO|FIXME)(?![A-Za-z])|(?<=\w )#{3,}")
"""What stands in a template in place of something, without a bracket around it."""

MAX_GAPS = 90
"""Fields that the form has room for beside its own."""


def find_unfillable(template: Template, rows: Sequence[str], line: int) -> Iterator[Problem]:
    """What cannot be filled in one message; `line` is that of the first row."""
    for number, row in enumerate(rows, line):
        for found in RAW.finditer(row):
            if (
                found["other"]
                and found[0].startswith("{")
                and any(found[0] in gap.raw for gap in template.placeholders())
            ):
                continue
            what = (
                "does not say what belongs there"
                if found["empty"]
                else "is no placeholder that is understood"
            )
            message = (
                f"“{found[0]}” {what}, so nobody can fill it and readers would see it as it is. "
                "Write words in square brackets: [Region]."
            )
            yield Problem(number, "warning", message)
        if sample := SAMPLE.search(_literal(row)):
            message = (
                f"“{sample[0].strip()}” is a sample, so nobody can fill it and readers would see it as it is. "
                "Write words in square brackets: [Region]."
            )
            yield Problem(number, "warning", message)
    for gap in template.placeholders():
        if why := _why(template.id, gap):
            at = next((number for number, row in enumerate(rows, line) if gap.raw in row), line)
            yield Problem(at, "warning", why)


def _literal(row: str) -> str:
    """What of a row is shown as it is."""
    parts = [part for line in parse_template_lines(row) for part in line.parts]
    return "\n".join(part.text for part in parts if isinstance(part, Literal))


def find_overfull(templates: Iterable[Template]) -> Iterator[Problem]:
    """The messages with more gaps than their forms have room for."""
    for template in templates:
        asked = sum(1 for gap in template.placeholders() if not gap.known)
        if asked > MAX_GAPS:
            message = (
                f"The {NAMES[template.id]} asks for {asked} things that only people know, and the form has room for "
                f"{MAX_GAPS}: nobody can fill the others. Ask for fewer."
            )
            yield Problem(template.line, "warning", message, template.file)


def _why(id: str, gap: Placeholder) -> str:
    if id != "resolution" and gap.name in AT_THE_END:
        return (
            f"The {NAMES[id]} asks for {AT_THE_END[gap.name]} ({gap.raw}), which nobody can fill before the incident "
            "is resolved: it will say “not known yet”. Leave it to the resolution message."
        )
    if not gap.known and not re.search(r"[^\W_]", gap.label):
        return (
            f"“{gap.raw}” does not say what belongs there, so nobody can fill it. Write what it is: [Region]."
        )
    return ""
