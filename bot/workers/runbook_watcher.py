"""Loads the runbook at the start, and again when its file was edited or a SIGHUP came."""

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path

from bot.adapters.runbook_files import RunbookFiles, load_runbook_files
from bot.contacts import ContactBook
from bot.domain.effects import TellOfRunbook
from bot.errors import DatabaseUnavailable, SettingsProblem
from bot.ports import Store
from bot.runbook import Problem, Runbook, UndecodableFile, check_reach, list_causes, split_files
from bot.services import (
    RunbookVersion,
    ServiceContext,
    Unreached,
    build_version,
    report_unreached_contacts,
)

log = logging.getLogger(__name__)

LOOK_EVERY = 1.0
"""Seconds between looks at the file. It is read when two looks found it the same: editors write in pieces."""

IsSet = Callable[[str], bool]
Recognise = Callable[[RunbookVersion], Awaitable[Runbook]]
"""An edition's runbook with the meaning of each step."""

Stamp = tuple[int, int, int]


async def load_first_version(path: Path, store: Store) -> RunbookVersion:
    """The runbook's file; when it cannot be used, the last good version in the database.

    Raises SettingsProblem when there is none either.
    """
    try:
        found, shelf = _read(path)
    except (OSError, UndecodableFile) as error:
        try:
            last = await store.find_last_runbook()
        except DatabaseUnavailable:
            last = None
        if last is None:
            raise SettingsProblem([describe_unreadable(path, error)]) from None
        why = describe_unreadable(path, error)
        log.error("%s Keeping the last good runbook.", why)
        return replace(build_version(last[1], "database"), instead_of=why)
    _warn(path, [*shelf.problems, *found.runbook.problems])
    return found


def describe_unreadable(path: Path, error: OSError | UndecodableFile) -> str:
    """Why the file cannot be used, in a sentence."""
    why = error.strerror if isinstance(error, OSError) else str(error)
    return f"TOCSIN_RUNBOOK: {path} cannot be read: {str(why).rstrip('.')}."


def find_unreached_contacts(
    current: RunbookVersion, book: ContactBook, is_set: IsSet
) -> tuple[Unreached, ...]:
    """Who would not be reached, at which severities, and why; said in the log too."""
    found: dict[tuple[str, str], list[str]] = {}
    for reach in check_reach(current.runbook, book, is_set):
        for name, why in reach.unreached:
            found.setdefault((name, why), []).append(reach.severity)
    unreached = tuple((name, ", ".join(severities), why) for (name, why), severities in found.items())
    for line in describe_unreached(unreached):
        log.warning("%s", line)
    return unreached


def describe_unreached(unreached: Sequence[Unreached]) -> list[str]:
    """A line for each reason why somebody would not be reached."""
    by_reason: dict[str, list[tuple[str, str]]] = {}
    for name, severities, why in unreached:
        by_reason.setdefault(why, []).append((name, severities))
    lines = []
    for why, people in by_reason.items():
        if len(people) == 1:
            name, severities = people[0]
            lines.append(f"{severities} cannot page {name}: {why}")
        else:
            named = ", ".join(f"{name} ({severities})" for name, severities in people)
            lines.append(f"{len(people)} contacts cannot be paged: {named}: {why}")
    return lines


class RunbookWatcher:
    """Keeps the current runbook as the file has it. An open incident keeps the version that it was declared with."""

    def __init__(self, desk: ServiceContext, path: Path, is_set: IsSet, recognise: Recognise) -> None:
        self._desk, self._path, self._is_set, self._recognise = desk, path, is_set, recognise
        self._now = asyncio.Event()
        self._last_problem = desk.runbook_versions.current.instead_of
        self._linked: tuple[Path, ...] = ()

    def now(self) -> None:
        """Reload it at the next opportunity, even if it does not look edited."""
        self._now.set()

    async def run(self) -> None:
        """Classify the first version's commands, then watch the file until cancelled."""
        await self._take(self._desk.runbook_versions.current)
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
            except DatabaseUnavailable as away:  # read again at the next look
                log.warning("the runbook was edited, but the database %s; retrying", away.why)

    async def _reread(self) -> None:
        try:
            found, shelf = await asyncio.to_thread(_read, self._path)
            self._linked = shelf.looked_for
            _same_files(self._desk.runbook_versions.current, shelf)
            _keeps_severities(self._desk.runbook_versions.current, found)
        except (OSError, UndecodableFile) as error:
            await self._tell(describe_unreadable(self._path, error))
            return
        self._last_problem = ""
        if (
            found.sha == self._desk.runbook_versions.current.sha
            and not self._desk.runbook_versions.current.instead_of
        ):
            return
        _warn(self._path, [*shelf.problems, *found.runbook.problems])
        async with self._desk.store.transaction() as tx:
            await tx.save_runbook_version(found.sha, found.source, found.text)
        await self._take(found)
        log.info("runbook reloaded; new incidents use it")
        told = find_unreached_contacts(found, self._desk.book, self._is_set)
        async with self._desk.store.transaction() as tx:
            await report_unreached_contacts(self._desk, tx, told)

    async def _take(self, found: RunbookVersion) -> None:
        """Put it in force, and again with its commands recognised, which takes a second when they were not known."""
        contacts = self._desk.book.merge_page_handles(found.runbook.contacts)
        self._desk.runbook_versions.take(found)
        self._desk.contacts.clear()
        self._desk.contacts.update(contacts)
        self._desk.runbook_versions.take(replace(found, runbook=await self._recognise(found)))

    def _stamps(self) -> tuple[Stamp | None, ...]:
        return tuple(_stamp(path) for path in (self._path, *self._linked))

    async def _tell(self, why: str) -> None:
        if why == self._last_problem:
            return
        log.error("%s Keeping the previous runbook.", why)
        content = hashlib.sha256(f"{why}{self._stamps()}".encode()).hexdigest()[:16]
        async with self._desk.store.transaction() as tx:
            await tx.enqueue([TellOfRunbook(channel_name=self._desk.channel_name, sha=content, why=why)])
        self._last_problem = why


def _read(path: Path) -> tuple[RunbookVersion, RunbookFiles]:
    """The runbook's version and its files. Raises OSError or UndecodableFile, with its errors by line."""
    shelf = load_runbook_files(path)
    found = build_version(shelf.text, str(path))
    if why := "; ".join(f"{problem.place}: {problem.message}" for problem in found.runbook.errors()):
        raise UndecodableFile(why)
    return found, shelf


def _same_files(current: RunbookVersion, shelf: RunbookFiles) -> None:
    """Raises UndecodableFile when a linked runbook that is in force is still there, but cannot be read any more."""
    for name, _ in split_files(current.text):
        if name in shelf.unreadable:
            raise UndecodableFile(f"the linked runbook {shelf.unreadable[name]}")


def _keeps_severities(current: RunbookVersion, found: RunbookVersion) -> None:
    """Raises UndecodableFile when no severities are left of those in force: an editor's accident, and no runbook."""
    if found.runbook.assumes_severities and not current.runbook.assumes_severities:
        raise UndecodableFile("line 1: no severities were found any more")


def _warn(path: Path, problems: Sequence[Problem]) -> None:
    for line in list_causes(problems):
        log.warning("%s, %s", path, line)


def _stamp(path: Path) -> Stamp | None:
    """What changes when somebody edits the file; None when it is not there."""
    try:
        about = path.stat()
    except OSError:
        return None
    return about.st_mtime_ns, about.st_size, about.st_ino
