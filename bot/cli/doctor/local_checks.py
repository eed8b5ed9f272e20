"""What can be told on this machine without asking anybody."""

import platform
import shutil
from collections.abc import Iterator

from bot.cli.doctor.lines import CheckLine, Configuration, Level, LocalCheck, judge
from bot.cli.start_check import list_suspicions
from bot.cli.version import read_version
from bot.contacts import ContactBook, list_missing_settings
from bot.runbook import Runbook, check_reach
from bot.settings import Settings
from bot.settings.setting_lookup import list_open_secrets

MIN_FREE_BYTES = 500_000_000
GB = 1_000_000_000


def check_open_secrets(known: Configuration) -> Iterator[CheckLine]:
    """Whether everybody on this machine may read a secret."""
    if names := list_open_secrets():
        mend = "Make them readable for Tocsin's user only (chmod 600)."
        yield CheckLine("Settings", Level.YELLOW, f"everybody here may read {', '.join(names)}", mend)


def check_settings_of_ways(known: Configuration) -> Iterator[CheckLine]:
    """The settings that handles name and that are not there."""
    for name, handles in known.book.handles.items():
        for handle in handles:
            if missing := list_missing_settings(handle, known.settings.has):
                text = f"{name} ({handle.shown}) needs {' and '.join(missing)}"
                yield CheckLine("People", Level.RED, text, "Set it, or take the handle out.")


def check_runbook(known: Configuration) -> Iterator[CheckLine]:
    """Who is called for each severity, and by which ways."""
    for reach in check_reach(known.runbook, known.book, known.settings.has):
        called = ", ".join(f"{name} ({how})" for name, how in reach.reached)
        everyone = "everyone in the incidents channel" if reach.everyone else ""
        text = f"{reach.severity} calls {', '.join(filter(None, (called, everyone))) or 'nobody'}"
        missed = "; ".join(f"{name}: {why}" for name, why in reach.unreached)
        text = f"{text}; not {missed}" if missed else text
        mend = "Give each a way in the contacts file (docs/PAGING.md)." if missed else ""
        yield judge("Runbook", text, mend, Level.YELLOW)


def check_disk(known: Configuration) -> Iterator[CheckLine]:
    """Room where the private database or what was understood of the runbook is kept."""
    folder = known.settings.data_dir
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    text = f"{free / GB:.1f} GB are free at {folder}"
    yield judge("Disk", text, "Make room there." if free < MIN_FREE_BYTES else "")


def check_versions(known: Configuration) -> Iterator[CheckLine]:
    """Tocsin's and Python's; the database says its own."""
    text = f"Tocsin {read_version()}, Python {platform.python_version()}"
    yield CheckLine("Versions", Level.GREEN, text)


LOCAL: tuple[LocalCheck, ...] = (
    check_open_secrets,
    check_settings_of_ways,
    check_runbook,
    check_disk,
    check_versions,
)
"""In the order of the page."""


def examine_at_start(settings: Settings, runbook: Runbook, book: ContactBook) -> list[CheckLine]:
    """The lines that ask nobody: what a start can say without a call and in milliseconds."""
    lines = [CheckLine("Settings", Level.YELLOW, text) for text in list_suspicions(settings)]
    known = Configuration(settings, runbook, book)
    return [*lines, *(line for check in LOCAL for line in check(known))]
