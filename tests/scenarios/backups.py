"""A backup of the bot's database, put back as an operator does: the database is dropped and made again from it."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tests.looking import close_connections
from tests.scenarios.conftest import World


@dataclass(frozen=True)
class Backup:
    """How the database `name` stood while no bot was connected."""

    server: str
    name: str

    def put_back(self) -> None:
        """The database as it stood then. Connections to it are ended."""
        self._administer(
            f"drop database {self.name} with (force)",
            f"create database {self.name} template {self.name}_saved",
        )

    def _administer(self, *statements: str) -> None:
        with psycopg.connect(self.server, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())


def backup(world: World) -> AbstractContextManager[Backup]:
    """A backup that is gone at the end; no bot may be connected when it is made."""
    assert world.settings.database_url is not None
    return backup_of(world.settings.database_url.get_secret_value())


@contextmanager
def backup_of(address: str) -> Iterator[Backup]:
    """A backup of the database at this address, gone at the end; nobody may be connected when it is made."""
    name = str(conninfo_to_dict(address)["dbname"])
    made = Backup(make_conninfo(address, dbname="postgres"), name)
    close_connections()
    made._administer(f"create database {name}_saved template {name}")
    try:
        yield made
    finally:
        made._administer(f"drop database {name}_saved with (force)")
