"""The monitored systems as the settings name them: which module asks what, and with which keys."""

from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlsplit

from pydantic import SecretStr

from bot.settings import MONITORED_POSTGRES, Settings, named
from bot.step import Action, AwsCall, HttpCall, SqlCall
from diagnostics import aws_status, statuspage
from diagnostics.aws import Aws
from diagnostics.aws_status import AwsStatus
from diagnostics.health import Health
from diagnostics.http import Http
from diagnostics.postgres import Postgres
from diagnostics.razorpay import Razorpay
from diagnostics.statuspage import Statuspage
from diagnostics.systems import Source, Systems
from diagnostics.web import Web

Some = TypeVar("Some", AwsCall, SqlCall)


def value_of(name: str) -> str | None:
    """The value of a variable that names a monitored system; None when it is not set."""
    if name in MONITORED_POSTGRES:
        return MONITORED_POSTGRES[name] or None
    found = named(name)
    return found.get_secret_value() if found else None


def monitored(settings: Settings) -> Systems:
    """Everything that can be asked with these settings."""
    aws, web = Aws(settings.aws_role), Web(_addresses(settings))
    postgres = Postgres(_secret(settings.monitored_database_url), MONITORED_POSTGRES)
    health, http = Health(web, settings.health_url), Http(web)
    razorpay = Razorpay(web, settings.razorpay_key_id, _secret(settings.razorpay_key_secret))
    pages, feed = Statuspage(web), AwsStatus(web, _regions(aws))
    sources: dict[str, Source] = {
        "postgres.": Source("postgres", postgres.look, of(SqlCall, postgres.lacks)),
        "health.check": Source("http", health.look, health.lacks),
        "razorpay.payments": Source("http", razorpay.look, razorpay.lacks),
        "http.": Source("http", http.look),
        "statuspage": Source("http", pages.look),
        "aws_status": Source("http", feed.look),
    }
    systems = Systems(sources, (by_address,))
    systems.open.callback(aws.close)
    systems.open.push_async_callback(web.aclose)
    return systems


def by_address(action: Action) -> str | None:
    """Which module knows the site that a GET asks; None where it is any other."""
    call = action.call
    if not isinstance(call, HttpCall) or call.method != "GET" or action.filters:
        return None
    parts = urlsplit(call.url)
    if parts.hostname in aws_status.HOSTS:
        return "aws_status"
    return "statuspage" if statuspage.PATH.search(parts.path) else None


def _addresses(settings: Settings) -> dict[str, str]:
    """Sites that are reached elsewhere, and those that may be inside since a setting names them."""
    own = [urlsplit(each) for each in (settings.health_url,) if each]
    bases = [f"{each.scheme}://{each.netloc}" for each in own]
    return {**{each: each for each in bases}, **settings.addresses}


def _regions(aws: Aws) -> frozenset[str]:
    region = aws.region_of(AwsCall("", "", {}))
    return frozenset({region}) if region else frozenset()


def of(kind: type[Some], lacks: Callable[[Some], str]) -> Callable[[Action], str]:
    """What is lacking for an action, by its call."""

    def lacking(action: Action) -> str:
        assert isinstance(action.call, kind), action.runs
        return lacks(action.call)

    return lacking


def _secret(value: SecretStr | None) -> str:
    return value.get_secret_value() if value else ""
