"""The monitored systems as the settings name them: which module asks what, and with which keys."""

from collections.abc import Callable
from typing import TypeVar

from pydantic import SecretStr

from bot.settings import MONITORED_POSTGRES, Settings, named
from bot.step import Action, AwsCall, SqlCall
from diagnostics.aws import Aws
from diagnostics.postgres import Postgres
from diagnostics.systems import Source, Systems

Some = TypeVar("Some", AwsCall, SqlCall)


def value_of(name: str) -> str | None:
    """The value of a variable that names a monitored system; None when it is not set."""
    if name in MONITORED_POSTGRES:
        return MONITORED_POSTGRES[name] or None
    found = named(name)
    return found.get_secret_value() if found else None


def monitored(settings: Settings) -> Systems:
    """Everything that can be asked with these settings."""
    aws = Aws(settings.aws_role)
    postgres = Postgres(_secret(settings.monitored_database_url), MONITORED_POSTGRES)
    sources: dict[str, Source] = {
        "postgres.": Source("postgres", postgres.look, of(SqlCall, postgres.lacks)),
    }
    systems = Systems(sources)
    systems.open.callback(aws.close)
    return systems


def of(kind: type[Some], lacks: Callable[[Some], str]) -> Callable[[Action], str]:
    """What is lacking for an action, by its call."""

    def lacking(action: Action) -> str:
        assert isinstance(action.call, kind), action.runs
        return lacks(action.call)

    return lacking


def _secret(value: SecretStr | None) -> str:
    return value.get_secret_value() if value else ""
