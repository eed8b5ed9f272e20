"""The bot's own database, opened for an operator's command beside a bot that runs."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import click

from bot.errors import TocsinError

if TYPE_CHECKING:
    from bot.adapters.database.operator_session import OperatorSession

REFERENCE = re.compile(r"(?:INC[- ]?)?(\d{1,15})", re.IGNORECASE)


class IncidentNumber(click.ParamType[int]):
    """`INC-42`, `inc 42` or `42`."""

    name = "INC-42"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number of the incident."""
        if isinstance(value, int):
            return value
        found = REFERENCE.fullmatch(str(value).strip())
        if found is None:
            self.fail(f"{value!r} names no incident: write INC-42.", param, ctx)
        return int(found[1])


INCIDENT = IncidentNumber()


@asynccontextmanager
async def open_operator_database() -> AsyncIterator["OperatorSession"]:
    """A session at the bot's own database, past a pooler. Raises DatabaseUnavailable, SettingsProblem."""
    from bot import settings
    from bot.adapters.database.operator_session import open_operator_session
    from bot.adapters.database_startup import open_database
    from bot.settings import setting_lookup

    known = settings.read_store_settings()
    async with open_database(known, beside=True) as address:
        direct = setting_lookup.read_secret(known.database_direct_url)
        async with open_operator_session(direct or address) as session:
            yield session


def describe_missing(number: int) -> TocsinError:
    """What is said of an incident that is not there."""
    return TocsinError(f"There is no INC-{number} in this database.")
