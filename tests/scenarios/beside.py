"""Cases of one test that share the machine, each with a database of its own: a recovery mostly waits."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TypeVar

Case = TypeVar("Case")
Databases = Callable[[], AbstractContextManager[str]]
"""Gives the address of a fresh database for as long as it is needed."""

AT_ONCE = 4
"""So many bots run side by side. Each has about ten connections of the server's fifty."""


async def run_beside(
    cases: Iterable[Case],
    databases: Databases,
    folder: Path,
    run: Callable[[Case, str, Path], Awaitable[None]],
    at_once: int = AT_ONCE,
) -> None:
    """Run each case with the address of a fresh database and a folder of its own; what fails names its case."""
    places = asyncio.Semaphore(at_once)

    async def one(number: int, case: Case) -> None:
        async with places:
            with databases() as database:
                try:
                    await run(case, database, folder / str(number))
                except Exception as error:
                    error.add_note(f"case {case}")
                    raise

    async with asyncio.TaskGroup() as group:
        for number, case in enumerate(cases):
            group.create_task(one(number, case))
