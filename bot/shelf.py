"""The runbook's file and the runbooks that it links to, from the disk."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from bot.runbook import Link, Problem, Unreadable, beside, decode, joined, related

MOST_FILES = 20
MOST_BYTES = 1_000_000
"""Of linked runbooks, all together."""

MOST_LOOKS = 200
"""Linked paths that are looked at, there or not."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """`text` is that of all files (`bot.runbook.joined`). `looked_for` are the linked files, there or not: an edit of
    any changes the runbook. `unreadable` are the linked runbooks that are there but cannot be read: why, by name."""

    text: str
    problems: tuple[Problem, ...]
    looked_for: tuple[Path, ...]
    unreadable: Mapping[str, str]


def gather(path: Path) -> Shelf:
    """Read a runbook and, each once, the Markdown files in its folder to which it and they link.

    Raises OSError or Unreadable for the runbook itself; a linked one that cannot be read is a problem only.
    """
    text, mended = decode(path.read_bytes())
    reading = _Reading(path.parent, path.resolve())
    reading.follow(related(text))
    return Shelf(
        joined(text, reading.texts),
        (*mended, *reading.problems),
        tuple(reading.looked_for.values()),
        reading.unreadable,
    )


def dead_end(folder: Path, path: str) -> str | None:
    """What is wrong with a path that stands in a runbook in this folder; None when its file is there."""
    try:
        target = (folder / path).resolve()
        if not target.is_relative_to(folder.resolve()):
            return "is outside of the runbook's folder"
        return None if target.is_file() else "is no file" if target.exists() else "is not there"
    except (
        OSError,
        ValueError,
        RuntimeError,
    ):  # RuntimeError: symbolic links in a circle, before Python 3.13
        return "is no path"


class _Reading:
    """Follows links from file to file, with what is left of the bounds."""

    def __init__(self, folder: Path, main: Path) -> None:
        self.texts: dict[str, str] = {}
        self.problems: list[Problem] = []
        self.looked_for: dict[str, Path] = {}
        self.unreadable: dict[str, str] = {}
        self._folder = folder
        self._seen = {main}
        self._left = MOST_BYTES

    def follow(self, links: tuple[Link, ...]) -> None:
        queue = deque(links)
        while queue and len(self.looked_for) < MOST_LOOKS:
            link = queue.popleft()
            name = beside(link)
            if name in self.looked_for or "\n" in name:
                continue
            self.looked_for[name] = self._folder / name
            if dead_end(self._folder, name) is not None:  # `check` tells of every link that leads nowhere
                continue
            text = self._text(link, name)
            if text is not None:
                self.texts[name] = text
                queue += [replace(each, file=name) for each in related(text)]

    def _text(self, link: Link, name: str) -> str | None:
        target = (self._folder / name).resolve()
        if target in self._seen:
            return None
        self._seen.add(target)
        try:
            raw = self._bytes(target)
            text, mended = decode(raw)
        except (OSError, Unreadable) as error:
            why = error.strerror if isinstance(error, OSError) else str(error)
            self.unreadable[name] = f"{name} cannot be read: {str(why).rstrip('.')}."
            self._tell(link, f"The linked runbook {self.unreadable[name]} Its playbooks are missing.")
            return None
        except _TooMuch:
            message = (
                f"The linked runbook {name} is not read: at most {MOST_FILES} are, with {MOST_BYTES:,} bytes together. "
                "Link to fewer, or to shorter ones."
            )
            self._tell(link, message)
            return None
        self._left -= len(raw)
        self.problems += [replace(each, file=name) for each in mended]
        return text

    def _bytes(self, target: Path) -> bytes:
        if len(self.texts) >= MOST_FILES:
            raise _TooMuch
        with target.open("rb") as file:
            raw = file.read(self._left + 1)
        if len(raw) > self._left:
            raise _TooMuch
        return raw

    def _tell(self, link: Link, message: str) -> None:
        self.problems.append(Problem(link.line, "warning", message, link.file))


class _TooMuch(Exception):
    """A bound is reached."""
