"""One learning as a change of a runbook's text, and what a choice of them makes of it. Lines keep their ends."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

NO_END = "\\ No newline at end of file\n"


@dataclass(frozen=True, slots=True)
class RunbookHunk:
    """Behind the first `after` lines `removed` give way to `added` (texts without line ends); `reason` says why, in one
    sentence, `kind` what is to be known of a command in it: diagnostic, remediation; else empty."""

    reason: str
    after: int
    added: tuple[str, ...]
    removed: tuple[str, ...] = ()
    kind: str = ""


def apply_hunks(text: str, hunks: Iterable[RunbookHunk]) -> str:
    """The text with these. Raises ValueError where it is not the text that they were made for."""
    lines = split_lines(text)
    end = "\r\n" if lines and lines[0].endswith("\r\n") else "\n"
    placed = sorted(enumerate(hunks), key=lambda pair: (pair[1].after, pair[0]), reverse=True)
    for _, hunk in placed:
        until = hunk.after + len(hunk.removed)
        if tuple(line.rstrip("\r\n") for line in lines[hunk.after : until]) != hunk.removed:
            raise ValueError(f"line {hunk.after + 1} is not what it was")
        if hunk.after and hunk.added and not lines[hunk.after - 1].endswith("\n"):
            lines[hunk.after - 1] += end
        lines[hunk.after : until] = [f"{line}{end}" for line in hunk.added]
    return "".join(lines)


def format_diff(path: str, before: str, after: str) -> str:
    """What git would apply."""
    found = difflib.unified_diff(split_lines(before), split_lines(after), f"a/{path}", f"b/{path}")
    return "".join(line if line.endswith("\n") else f"{line}\n{NO_END}" for line in found)


def split_lines(text: str) -> list[str]:
    """At line feeds alone, as git does it, with their ends."""
    lines = text.split("\n")
    return [f"{line}\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])
