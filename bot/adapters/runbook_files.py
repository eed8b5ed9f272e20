"""Loads the runbook and the runbooks that it links to from the disk."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from bot.runbook import (
    NamedLink,
    Problem,
    UndecodableFile,
    decode_text,
    find_related,
    join_files,
    resolve_link,
)

MAX_FILES = 20
MAX_BYTES = 1_000_000
"""Of linked runbooks, all together."""

MAX_LOOKUPS = 200
"""Linked paths that are looked at, there or not."""


@dataclass(frozen=True, slots=True)
class RunbookFiles:
    """`text` is that of all files (`bot.runbook.joined`). `looked_for` are the linked files, there or not: an edit of
    any changes the runbook. `unreadable` are the linked runbooks that are there but cannot be read: why, by name."""

    text: str
    problems: tuple[Problem, ...]
    looked_for: tuple[Path, ...]
    unreadable: Mapping[str, str]


def load_runbook_files(path: Path) -> RunbookFiles:
    """Read a runbook and, each once, the Markdown files in its folder to which it and they link.

    Raises OSError or UndecodableFile for the runbook itself; a linked one that cannot be read is a problem only.
    """
    text, mended = decode_text(path.read_bytes())
    reading = _LinkReader(path.parent, path.resolve())
    reading.follow(find_related(text))
    return RunbookFiles(
        join_files(text, reading.texts),
        (*mended, *reading.problems),
        tuple(reading.looked_for.values()),
        reading.unreadable,
    )


def find_broken_link(folder: Path, path: str) -> str | None:
    """What is wrong with a path that stands in a runbook in this folder; None when its file is there."""
    try:
        target = (folder / path).resolve()
        if not target.is_relative_to(folder.resolve()):
            return "is outside of the runbook's folder"
        return None if target.is_file() else "is no file" if target.exists() else "was not found"
    except (
        OSError,
        ValueError,
        RuntimeError,
    ):  # RuntimeError: symbolic links in a circle, before Python 3.13
        return "is no path"


class _LinkReader:
    """Follows links from file to file, with what is left of the bounds."""

    def __init__(self, folder: Path, main: Path) -> None:
        self.texts: dict[str, str] = {}
        self.problems: list[Problem] = []
        self.looked_for: dict[str, Path] = {}
        self.unreadable: dict[str, str] = {}
        self._folder = folder
        self._seen = {main}
        self._left = MAX_BYTES

    def follow(self, links: tuple[NamedLink, ...]) -> None:
        queue = deque(links)
        while queue and len(self.looked_for) < MAX_LOOKUPS:
            link = queue.popleft()
            name = resolve_link(link)
            if name in self.looked_for or "\n" in name:
                continue
            self.looked_for[name] = self._folder / name
            if (
                find_broken_link(self._folder, name) is not None
            ):  # `check` tells of every link that leads nowhere
                continue
            text = self._text(link, name)
            if text is not None:
                self.texts[name] = text
                queue += [replace(link, file=name) for link in find_related(text)]

    def _text(self, link: NamedLink, name: str) -> str | None:
        target = (self._folder / name).resolve()
        if target in self._seen:
            return None
        self._seen.add(target)
        try:
            raw = self._bytes(target)
            text, mended = decode_text(raw)
        except (OSError, UndecodableFile) as error:
            why = error.strerror if isinstance(error, OSError) else str(error)
            self.unreadable[name] = f"{name} cannot be read: {str(why).rstrip('.')}."
            self._tell(link, f"The linked runbook {self.unreadable[name]} Its playbooks are missing.")
            return None
        except _LimitReached:
            message = (
                f"The linked runbook {name} is not read: at most {MAX_FILES} are, with {MAX_BYTES:,} bytes together. "
                "Link to fewer, or to shorter ones."
            )
            self._tell(link, message)
            return None
        self._left -= len(raw)
        self.problems += [replace(problem, file=name) for problem in mended]
        return text

    def _bytes(self, target: Path) -> bytes:
        if len(self.texts) >= MAX_FILES:
            raise _LimitReached
        with target.open("rb") as file:
            raw = file.read(self._left + 1)
        if len(raw) > self._left:
            raise _LimitReached
        return raw

    def _tell(self, link: NamedLink, message: str) -> None:
        self.problems.append(Problem(link.line, "warning", message, link.file))


class _LimitReached(Exception):
    """A bound is reached."""
