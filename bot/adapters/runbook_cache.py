"""Caches on disk how a runbook's commands were classified, for the next start.

That costs half a second of a processor, and the next start mostly reads the same text with the same code. Everything
that the meaning depends on is in a file's name: the text, this code and the grammars that it reads with.
"""

import asyncio
import hashlib
import io
import logging
import os
import pickle
import secrets
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from enum import Enum
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bot.adapters.runbook_parser_process import classify_in_subprocess
from bot.domain import playbook as step
from bot.domain.playbook import ParsedStep, Step
from bot.runbook import Runbook, RunbookVersion

log = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parents[1]
CODE = (
    "*.py",
    "adapters/*.py",
    "command_parsers/**/*.py",
    "contacts/**/*.py",
    "domain/**/*.py",
    "runbook/**/*.py",
    "text/**/*.py",
)
GRAMMARS = (
    "botocore",
    "jmespath",
    "jq",
    "markdown-it-py",
    "postgast",
    "protobuf",
    "regex",
    "tree-sitter",
    "tree-sitter-bash",
)
"""What a meaning depends on beside the text: our own code, and the distributions that read the languages."""

MAX_CACHED_VERSIONS = 16
"""Files that are kept, the newest: a replica of the version before may run beside this one, and both restart."""

DIGEST = 32


class RunbookCache:
    """Gives an edition's steps their meaning; what was understood is kept below `data_dir`.

    Where that cannot be written, or others may write there, every start understands the runbook anew.
    """

    def __init__(self, data_dir: Path) -> None:
        self._folder = data_dir / "recognised"

    async def __call__(self, found: RunbookVersion) -> Runbook:
        """The runbook with the meaning of each step, as `runbook_parser_process.recognised_apart` gives it."""
        kept = await asyncio.to_thread(self._load_cached, found)
        if kept is not None:
            return kept
        runbook = await classify_in_subprocess(found.runbook)
        await asyncio.to_thread(self._keep, found, runbook)
        return runbook

    def _load_cached(self, found: RunbookVersion) -> Runbook | None:
        try:
            with _open_folder(self._folder) as folder:
                meanings = _unpack(_read(folder, _name(found)))
        except (OSError, pickle.UnpicklingError) as error:
            if not isinstance(error, FileNotFoundError):
                log.info("cannot read the runbook cache, parsing again: %s", error)
            return None
        return _with_meanings(found.runbook, meanings)

    def _keep(self, found: RunbookVersion, runbook: Runbook) -> None:
        meanings = [step.meaning for step in _steps(runbook)]
        if None in meanings:  # the process failed, which the log has
            return
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with _open_folder(self._folder) as folder:
                _write(folder, _name(found), _pack(meanings))
                _prune(folder)
        except OSError as error:
            log.info("cannot write the runbook cache: %s", error)


def _steps(runbook: Runbook) -> Iterator[Step]:
    for playbook in runbook.playbooks:
        yield from playbook.steps()


def _with_meanings(runbook: Runbook, meanings: list[ParsedStep]) -> Runbook:
    left = iter(meanings)

    def with_meaning(plain: Step) -> Step:
        return replace(plain, meaning=next(left))

    return replace(
        runbook, playbooks=tuple(playbook.with_steps(with_meaning) for playbook in runbook.playbooks)
    )


# ---- what it depends on


def _name(found: RunbookVersion) -> str:
    return hashlib.sha256(f"{found.sha} {_fingerprint()}".encode()).hexdigest()


@cache
def _fingerprint() -> str:
    """Another one for each version of the code and of what it reads languages with."""
    told = hashlib.sha256(sys.version.encode())
    for name in GRAMMARS:
        told.update(f"{name} {version(name)}\n".encode())
    for path in sorted({path for pattern in CODE for path in ROOT.glob(pattern)}):
        told.update(hashlib.sha256(path.read_bytes()).digest())
    return told.hexdigest()


# ---- the files: a digest, then pickled meanings


def _pack(meanings: list[Any]) -> bytes:
    written = io.BytesIO()
    _Pickler(written, pickle.HIGHEST_PROTOCOL).dump(meanings)
    payload = written.getvalue()
    return hashlib.sha256(payload).digest() + payload


class _Pickler(pickle.Pickler):
    """Writes members of enumerations by their value: some versions of Python write them by `getattr`."""

    def reducer_override(self, value: object) -> Any:
        return (type(value), (value.value,)) if isinstance(value, Enum) else NotImplemented


def _unpack(kept: bytes) -> list[ParsedStep]:
    """Raises UnpicklingError when it is damaged or has anything but meanings."""
    digest, told = kept[:DIGEST], kept[DIGEST:]
    if hashlib.sha256(told).digest() != digest:
        raise pickle.UnpicklingError("the file is damaged")
    meanings: list[ParsedStep] = _Unpickler(io.BytesIO(told)).load()
    return meanings


class _Unpickler(pickle.Unpickler):
    """Makes what a meaning consists of and nothing else, though only we can have written it."""

    def find_class(self, module: str, name: str) -> Any:
        if module != step.__name__ or not isinstance(found := getattr(step, name, None), type):
            raise pickle.UnpicklingError(f"{module}.{name} is no part of a meaning")
        return found


@contextmanager
def _open_folder(path: Path) -> Iterator[int]:
    """The folder, if it is ours alone. Raises OSError otherwise."""
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        _must_be_ours(folder, 0o077)
        yield folder
    finally:
        os.close(folder)


def _must_be_ours(descriptor: int, forbidden: int) -> None:
    found = os.fstat(descriptor)
    if found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) & forbidden:
        raise PermissionError("others may write there")


def _read(folder: int, name: str) -> bytes:
    descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
    with open(descriptor, "rb") as file:
        _must_be_ours(descriptor, 0o022)
        return file.read()


def _write(folder: int, name: str, told: bytes) -> None:
    """Whole or not at all, whoever else writes the same."""
    draft = f"{name}.{secrets.token_hex(4)}"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    with open(os.open(draft, flags, 0o600, dir_fd=folder), "wb") as file:
        file.write(told)
    os.replace(draft, name, src_dir_fd=folder, dst_dir_fd=folder)


def _prune(folder: int) -> None:
    by_age = sorted(os.listdir(folder), key=lambda name: -os.stat(name, dir_fd=folder).st_mtime_ns)
    for name in by_age[MAX_CACHED_VERSIONS:]:
        os.unlink(name, dir_fd=folder)
