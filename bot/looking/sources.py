"""The monitored systems as the settings name them: which module asks what, and with which keys."""

import os
from collections.abc import Callable, Iterable
from typing import TypeVar
from urllib.parse import urlsplit

from pydantic import SecretStr

from bot.settings import MONITORED_POSTGRES, Settings, named
from bot.step import Action, AwsCall, HttpCall, SqlCall
from diagnostics import aws_status, statuspage
from diagnostics.aws import Aws
from diagnostics.aws_status import AwsStatus
from diagnostics.ecs import Ecs
from diagnostics.git import Git
from diagnostics.github import GitHub
from diagnostics.health import Health
from diagnostics.http import Http
from diagnostics.logs import Logs
from diagnostics.postgres import Postgres
from diagnostics.razorpay import Razorpay
from diagnostics.rds import Rds
from diagnostics.sentry import Sentry
from diagnostics.statuspage import Statuspage
from diagnostics.systems import Look, Source, Systems
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

    async def warm(services: Iterable[str]) -> None:
        if any(name.startswith("AWS_") for name in os.environ):
            await aws.warm(services)

    systems = Systems(
        {
            **_of_aws(aws),
            **_of_vendors(settings, web),
            **_over_http(settings, web, aws),
            **_of_postgres(postgres),
        },
        (by_address,),
        warm,
        postgres.role_warnings,
    )
    systems.open.callback(aws.close)
    systems.open.push_async_callback(web.aclose)
    return systems


def _of_aws(aws: Aws) -> dict[str, Source]:
    def source(system: str, look: Look, by_incident: bool = False) -> Source:
        return Source(system, look, of(AwsCall, aws.lacks), by_incident)

    return {
        "ecs.describe_services": source("ecs", Ecs(aws).look, by_incident=True),
        "rds.": source("rds", Rds(aws).look),
        "logs.filter_log_events": source("logs", Logs(aws).look, by_incident=True),
    }


def _of_postgres(postgres: Postgres) -> dict[str, Source]:
    return {"postgres.": Source("postgres", postgres.look, of(SqlCall, postgres.lacks))}


def _over_http(settings: Settings, web: Web, aws: Aws) -> dict[str, Source]:
    health = Health(web, settings.health_url)
    return {
        "health.check": Source("http", health.look, health.lacks),
        "http.": Source("http", Http(web).look),
        "statuspage": Source("http", Statuspage(web).look),
        "aws_status": Source("http", AwsStatus(web, _regions(aws)).look),
    }


def _of_vendors(settings: Settings, web: Web) -> dict[str, Source]:
    razorpay = Razorpay(web, settings.razorpay_key_id, _secret(settings.razorpay_key_secret))
    sentry = Sentry(web, _secret(settings.sentry_auth_token), settings.sentry_org, settings.sentry_url)
    return {
        "razorpay.payments": Source("http", razorpay.look, razorpay.lacks),
        "sentry.issues": Source("http", sentry.look, unless(sentry.configured, NO_SENTRY), by_incident=True),
        "git.": _history(settings, web),
    }


def _history(settings: Settings, web: Web) -> Source:
    """Where commits are read: the clone of this machine, else GitHub."""
    git = Git(settings.repository_dir)
    if git.configured:
        return Source("git", git.look, by_incident=True)
    github = GitHub(web, _secret(settings.github_token), settings.github_repository, settings.github_api_url)
    return Source("http", github.look, unless(github.configured, NO_HISTORY), by_incident=True)


NO_SENTRY = "Sentry is not asked: SENTRY_AUTH_TOKEN is not set."
NO_HISTORY = "No history is read: set GITHUB_TOKEN and GITHUB_REPOSITORY, or TOCSIN_REPOSITORY_DIR."


def unless(configured: bool, said: str) -> Callable[[Action], str]:
    """What is lacking, whatever is asked."""
    return lambda action: "" if configured else said


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
