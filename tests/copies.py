"""Fresh databases for tests, copied ahead: a test does not wait for its own."""

import itertools
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import psycopg


class Copies:
    """Copies of a database on one server. While a test runs, the next copy is made and used ones are dropped."""

    def __init__(self, address: Callable[[str], str], template: str) -> None:
        self._address, self._template = address, template
        self._numbers = itertools.count()
        self._thread = ThreadPoolExecutor(1, "copies")
        self._dropped: list[Future[None]] = []
        self._next = self._thread.submit(self._copy)

    def take(self) -> str:
        """The name of a copy that nobody has used."""
        name = self._next.result()
        self._next = self._thread.submit(self._copy)
        return name

    def drop(self, name: str) -> None:
        """Remove a copy, whoever is still connected, as soon as there is time."""
        self._dropped.append(self._thread.submit(self._administer, f"drop database {name} with (force)"))

    def close(self) -> None:
        """Return when everything is done. Raises what went wrong with a copy."""
        self._thread.shutdown()
        self._next.result()
        for each in self._dropped:
            each.result()

    def _copy(self) -> str:
        name = f"test_{next(self._numbers)}"
        self._administer(f"create database {name} template {self._template} strategy file_copy")
        return name

    def _administer(self, statement: str) -> None:
        with psycopg.connect(self._address("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())
