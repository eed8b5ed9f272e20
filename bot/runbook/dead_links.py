"""The links of a runbook: which of them anybody may ask, and a note behind each that leads nowhere any more."""

import re
from collections.abc import Iterator, Mapping, Sequence

from bot.domain.runbook_hunk import RunbookHunk
from bot.runbook.linked_files import split_files
from bot.runbook.model import Runbook
from bot.runbook.parser import parse_runbook
from bot.text.redaction import redact

ASKABLE = re.compile(r"https?://[^\s@<>\[\]{}]+", re.I)
MAX_REASON = 200


def list_links(text: str) -> Sequence[str]:
    """Those of the main file that anybody may ask: http(s), without a user in them and without a secret."""
    runbook = parse_runbook(next(split_files(text))[1])
    found = dict.fromkeys(link.url for link in runbook.links if not link.file and ASKABLE.fullmatch(link.url))
    return [url for url in found if redact(url) == url]


def note_dead_links(runbook: Runbook, lines: Sequence[str], dead: Mapping[str, str]) -> Iterator[RunbookHunk]:
    """A note behind each of these links; `dead` says by address what was answered."""
    for link in runbook.links:
        why = dead.get(link.url)
        if why is None or link.file or not 0 < link.line <= len(lines):
            continue
        old = lines[link.line - 1]
        reason = f"The link of “{link.name}” is dead: {why}"[:MAX_REASON]
        yield RunbookHunk(reason, link.line - 1, (append_note(old, f"_(dead link: {why})_"),), (old,))


def append_note(line: str, said: str) -> str:
    """The line with a note behind it; in a table within its last cell."""
    row = line.rstrip()
    is_cell = row.lstrip().startswith("|") and row.endswith("|")
    return f"{row[:-1].rstrip()} {said} |" if is_cell else f"{line} {said}"
