"""The runbook's file: read at the start, and again when it was edited or a SIGHUP came."""

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path

from bot.contacts import ContactBook
from bot.effects import TellOfRunbook
from bot.errors import SettingsProblem, StoreAway
from bot.lifecycle import Desk, Edition, edition
from bot.ports import Store
from bot.runbook import Problem, Runbook, Unreadable, parted, preflight
from bot.shelf import Shelf, gather

log = logging.getLogger(__name__)

LOOK_EVERY = 1.0
"""Seconds between looks at the file. It is read when two looks found it the same: editors write in pieces."""

IsSet = Callable[[str], bool]
Recognise = Callable[[Runbook], Awaitable[Runbook]]
"""Gives each step its meaning."""

Stamp = tuple[int, int, int]


async def first_edition(path: Path, store: Store) -> Edition:
    """The runbook's file; when it cannot be used, the last good edition that the database keeps.

    Raises SettingsProblem when there is none either.
    """
    try:
        found, shelf = _read(path)
    except (OSError, Unreadable) as error:
        last = await store.last_edition()
        if last is None:
            raise SettingsProblem([unreadable(path, error)]) from None
        why = unreadable(path, error)
        log.error("%s Going on with the last good one.", why)
        return replace(edition(last[1], "database"), instead_of=why)
    _warn(path, [*shelf.problems, *found.runbook.problems])
    async with store.transaction() as work:
        await work.keep_edition(found.sha, found.source, found.text)
    return found


def unreadable(path: Path, error: OSError | Unreadable) -> str:
    """Why the file cannot be used, in a sentence."""
    why = error.strerror if isinstance(error, OSError) else str(error)
    return f"TOCSIN_RUNBOOK: {path} cannot be read: {str(why).rstrip('.')}."


def tell_unreached(current: Edition, book: ContactBook, is_set: IsSet) -> None:
    """Say in the log who would not be reached, and why."""
    for reach in preflight(current.runbook, book, is_set):
        for name, why in reach.unreached:
            log.warning("%s does not reach %s: %s", reach.severity, name, why)


class Rereading:
    """Keeps the desk's runbook as the file has it. A running incident keeps the edition that it was declared with."""

    def __init__(self, desk: Desk, path: Path, is_set: IsSet, recognise: Recognise) -> None:
        self._desk, self._path, self._is_set, self._recognise = desk, path, is_set, recognise
        self._now = asyncio.Event()
        self._told = desk.editions.current.instead_of
        self._linked: tuple[Path, ...] = ()

    def now(self) -> None:
        """Read it at the next opportunity, whether or not it looks edited."""
        self._now.set()

    async def run(self) -> None:
        """Recognise the commands of the first edition, then look at the file until cancelled."""
        await self._take(self._desk.editions.current)
        read, seen = None, self._stamps()  # it may have been edited since the start read it
        while True:
            try:
                async with asyncio.timeout(LOOK_EVERY):
                    await self._now.wait()
            except TimeoutError:
                pass
            asked, before, seen = self._now.is_set(), seen, self._stamps()
            self._now.clear()
            if not asked and (seen == read or seen != before):
                continue
            try:
                await self._reread()
                read = seen
                if len(stamps := self._stamps()) != len(
                    seen
                ):  # further files are linked: they count from here on
                    read, seen = None, stamps
            except StoreAway as away:  # read again at the next look
                log.warning("the runbook was edited, but the database %s", away.why)

    async def _reread(self) -> None:
        try:
            found, shelf = await asyncio.to_thread(_read, self._path)
            self._linked = shelf.looked_for
            _same_files(self._desk.editions.current, shelf)
        except (OSError, Unreadable) as error:
            await self._tell(unreadable(self._path, error))
            return
        self._told = ""
        if found.sha == self._desk.editions.current.sha and not self._desk.editions.current.instead_of:
            return
        _warn(self._path, [*shelf.problems, *found.runbook.problems])
        async with self._desk.store.transaction() as work:
            await work.keep_edition(found.sha, found.source, found.text)
        await self._take(found)
        log.info("the runbook was read again; incidents from here on are declared with it")
        tell_unreached(found, self._desk.book, self._is_set)

    async def _take(self, found: Edition) -> None:
        """Put it in force, and again with its commands recognised, which takes a second."""
        contacts = self._desk.book.called(found.runbook.contacts)
        self._desk.editions.take(found)
        self._desk.contacts.clear()
        self._desk.contacts.update(contacts)
        self._desk.editions.take(replace(found, runbook=await self._recognise(found.runbook)))

    def _stamps(self) -> tuple[Stamp | None, ...]:
        return tuple(_stamp(path) for path in (self._path, *self._linked))

    async def _tell(self, why: str) -> None:
        if why == self._told:
            return
        log.error("%s Going on with the one before.", why)
        content = hashlib.sha256(f"{why}{self._stamps()}".encode()).hexdigest()[:16]
        async with self._desk.store.transaction() as work:
            await work.enqueue([TellOfRunbook(channel_name=self._desk.channel_name, sha=content, why=why)])
        self._told = why


def _read(path: Path) -> tuple[Edition, Shelf]:
    """The edition and where it comes from. Raises OSError or Unreadable, with its errors by line."""
    shelf = gather(path)
    found = edition(shelf.text, str(path))
    if why := "; ".join(f"{problem.place}: {problem.message}" for problem in found.runbook.errors()):
        raise Unreadable(why)
    return found, shelf


def _same_files(current: Edition, shelf: Shelf) -> None:
    """Raises Unreadable when a linked runbook that is in force is still there, but cannot be read any more."""
    for name, _ in parted(current.text):
        if name in shelf.unreadable:
            raise Unreadable(f"the linked runbook {shelf.unreadable[name]}")


def _warn(path: Path, problems: Sequence[Problem]) -> None:
    for problem in problems:
        log.warning("%s, %s: %s", path, problem.place, problem.message)


def _stamp(path: Path) -> Stamp | None:
    """What changes when somebody edits the file; None when it is not there."""
    try:
        about = path.stat()
    except OSError:
        return None
    return about.st_mtime_ns, about.st_size, about.st_ino
