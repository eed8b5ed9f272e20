"""Clocks of real programs that are set while they run: a bot's wall clock, and the clock of a database."""

import shutil
import struct
import subprocess
from collections.abc import Mapping
from pathlib import Path

import psycopg

SOURCE = Path(__file__).with_name("clock_step.c")

SET = """
create or replace function pg_catalog.now() returns timestamptz language sql stable parallel safe as $$
    select pg_catalog.transaction_timestamp() + interval '{seconds} seconds' $$;
create or replace function pg_catalog.clock_timestamp() returns timestamptz language sql volatile parallel safe as $$
    select pg_catalog.timeofday()::timestamptz + interval '{seconds} seconds' $$
"""
"""Column defaults and statements name these two; what they are made of goes on as it does."""

FORGET_PLANS = "create schema clock_was_set; drop schema clock_was_set"
"""Plans that sessions keep of prepared statements hold the functions' old text, since PostgreSQL holds that its own
functions never change; a schema that comes or goes makes every session plan anew."""


def has_compiler() -> bool:
    """Whether a WallClock can be made here."""
    return shutil.which("cc") is not None


class WallClock:
    """The wall clock of the programs that are started with `environment`, by a library that is preloaded into them."""

    def __init__(self, folder: Path) -> None:
        """Raises FileNotFoundError where there is no C compiler."""
        compiler = shutil.which("cc")
        if compiler is None:
            raise FileNotFoundError("cc")
        library, self._step = folder / "clock_step.so", folder / "clock_step"
        self.ahead = 0.0
        self.set(0.0)
        subprocess.run([compiler, "-shared", "-fPIC", "-O2", "-o", library, SOURCE], check=True)
        self.environment: Mapping[str, str] = {"LD_PRELOAD": str(library), "CLOCK_STEP": str(self._step)}

    def set(self, ahead: float) -> None:
        """From now on it is ahead of the true time by so many seconds."""
        self.ahead = ahead
        with self._step.open("r+b" if self._step.exists() else "wb") as file:
            file.write(struct.pack("d", ahead))


def set_database_clock(address: str, ahead: float) -> None:
    """From now on the clock of this database is ahead of the true time by so many seconds. Needs a superuser."""
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("set allow_system_table_mods = on")
        connection.execute(SET.format(seconds=f"{ahead:.3f}").encode())
        connection.execute(FORGET_PLANS.encode())
