"""PostgreSQL's `pg_dump`, `pg_restore` and `psql`: found where the private server's programs are, run at an address."""

import asyncio
import os
import re
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from bot.adapters.database.migrations import split_password
from bot.adapters.embedded_postgres.binaries import build_environment, list_program_folders
from bot.errors import TocsinError

PROGRAMS = ("pg_dump", "pg_restore", "psql")
VERSION = re.compile(rb"\(PostgreSQL\) (\d+)")
LAST_WORDS = 600


class ProgramFailed(TocsinError):
    """One of PostgreSQL's programs ended with an error. The text has its last words."""


@dataclass(frozen=True, slots=True)
class PostgresPrograms:
    """The programs of one folder, of the major version `version`."""

    folder: Path
    version: int

    async def run(
        self,
        name: str,
        *words: str,
        address: str = "",
        given: IO[bytes] | None = None,
        output: IO[bytes] | None = None,
    ) -> bytes:
        """What the program printed, unless it goes to `output`. Raises ProgramFailed.

        The address' password goes by the environment.
        """
        env, at = build_environment(), []
        if address:
            explicit, env["PGPASSWORD"] = split_password(address)
            at = ["--dbname", explicit]
        done = await asyncio.to_thread(
            subprocess.run,
            [str(self.folder / name), *at, *words],
            stdin=given or subprocess.DEVNULL,
            stdout=output or subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=env,
            check=False,
        )
        if done.returncode:
            said = done.stderr.decode(errors="replace").strip()[-LAST_WORDS:]
            raise ProgramFailed(f"{name} says: {said or f'exit code {done.returncode}'}")
        return done.stdout or b""


def find_postgres_programs(given: Path | None, server_version: int) -> PostgresPrograms:
    """The programs that fit a server of this major version: its own, else the next newer ones. Raises TocsinError."""
    found = {
        programs.version: programs for programs in reversed([*_list_programs(list_program_folders(given))])
    }
    fitting = [version for version in found if version >= server_version]
    if fitting:
        return found[min(fitting)]
    have = ", ".join(map(str, sorted(found))) or "none"
    raise TocsinError(
        f"The server is PostgreSQL {server_version}, and no pg_dump, pg_restore and psql of that version or newer are"
        f" here (found: {have}). Install its client programs, or set TOCSIN_POSTGRES_BIN to their folder."
    )


def _list_programs(folders: Iterable[Path]) -> Iterable[PostgresPrograms]:
    for folder in folders:
        if all(os.access(folder / name, os.X_OK) for name in PROGRAMS):
            asked = [str(folder / "pg_dump"), "--version"]
            said = subprocess.run(asked, capture_output=True, env=build_environment(), check=False).stdout
            if version := VERSION.search(said):
                yield PostgresPrograms(folder, int(version[1]))
