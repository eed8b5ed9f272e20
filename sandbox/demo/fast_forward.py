"""A runbook whose promises fall due sixty times sooner, so that somebody who tries it sees them fall due."""

import re

SIZES = {"minute": ("second", 1), "hour": ("minute", 1), "day": ("minute", 24), "week": ("minute", 168)}
"""A sixtieth of each unit: its own unit, and how many of those."""
SPAN = re.compile(r"\b(\d+) (minute|hour|day|week)s?\b", re.IGNORECASE)
COMMANDS = re.compile(r"^```\w+$")


def shorten_durations(runbook: str) -> str:
    """The runbook's text with every span of time divided by 60: `15 minutes` becomes `15 seconds`, `1 week`
    `168 minutes`. Its commands, the fences with a language, stay as they are.
    """
    lines, inside = [], False
    for line in runbook.splitlines(keepends=True):
        if line.startswith("```"):
            inside = bool(COMMANDS.match(line.rstrip()))
        lines.append(line if inside else SPAN.sub(_sooner, line))
    return "".join(lines)


def _sooner(found: re.Match[str]) -> str:
    unit, times = SIZES[found[2].lower()]
    count = int(found[1]) * times
    return f"{count} {unit}{'' if count == 1 else 's'}"
