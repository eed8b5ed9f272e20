"""The monitored systems as the settings name them: which module asks what, and with which keys."""

import asyncio
import functools
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from pydantic import SecretStr

from bot.settings import MONITORED_POSTGRES, MonitoredSettings, value_of
from bot.step import Action, AwsCall, HttpCall, RedisCall, SqlCall
from diagnostics import aws_status, grafana, prometheus, statuspage
from diagnostics.systems import Look, Source, Systems
from diagnostics.web import Web

if TYPE_CHECKING:
    from diagnostics.aws import Aws
    from diagnostics.github import GitHub
    from diagnostics.postgres import Postgres

Some = TypeVar("Some", SqlCall, RedisCall)
AWS = (
    *("ecs.describe_services", "rds.", "logs.filter_log_events", "logs.start_query"),
    *(
        "cloudwatch.get_metric_statistics",
        "cloudwatch.get_metric_data",
        "ecs.utilisation",
        "load_balancer.traffic",
    ),
    "aws",
)
VENDORS = ("razorpay.payments", "sentry.issues", "crashlytics.", "play.", "git.", "github.", "grafana.")
HTTP = ("health.check", "http.", "statuspage", "aws_status", "prometheus")
"""What each part answers."""

REDIS = ("REDIS_HOST", "REDIS_PORT", "REDIS_PASSWORD", "REDIS_CACERT")


def monitored(settings: MonitoredSettings) -> Systems:
    """Everything that can be asked with these settings, each part loaded when it is asked for the first time."""
    open_ = AsyncExitStack()
    inside = frozenset(each.strip() for each in settings.inside_hosts.split(",") if each.strip())
    web = Web(_addresses(settings), inside)
    open_.push_async_callback(web.aclose)
    aws = functools.cache(lambda: _aws(settings, open_))
    postgres = functools.cache(lambda: _postgres(settings))

    async def warm(services: Iterable[str]) -> None:
        if any(name.startswith("AWS_") for name in os.environ):
            await (await asyncio.to_thread(aws)).warm(services)

    async def warnings() -> Sequence[str]:
        return await (await asyncio.to_thread(postgres)).role_warnings()

    parts: dict[tuple[str, ...], Callable[[], dict[str, Source]]] = {
        AWS: lambda: _of_aws(settings, aws()),
        VENDORS: lambda: _of_vendors(settings, web),
        HTTP: lambda: _over_http(settings, web),
        ("postgres.",): lambda: _of_postgres(postgres()),
        ("redis.",): _of_redis,
    }
    return Systems(Parts(parts), (by_address, by_service), warm, warnings, open_)


class Parts(Mapping[str, Source]):
    """Sources by name, each group made when one of it is wanted."""

    def __init__(self, parts: Mapping[tuple[str, ...], Callable[[], dict[str, Source]]]) -> None:
        made = {names: functools.cache(make) for names, make in parts.items()}
        self._of = {name: make for names, make in made.items() for name in names}

    def __getitem__(self, name: str) -> Source:
        return self._of[name]()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._of)

    def __len__(self) -> int:
        return len(self._of)


def _aws(settings: MonitoredSettings, open_: AsyncExitStack) -> "Aws":
    from diagnostics.aws import Aws

    aws = Aws(settings.aws_role)
    open_.callback(aws.close)
    return aws


def _postgres(settings: MonitoredSettings) -> "Postgres":
    from diagnostics.postgres import Postgres

    return Postgres(_secret(settings.monitored_database_url), MONITORED_POSTGRES)


def _of_postgres(postgres: "Postgres") -> dict[str, Source]:
    return {"postgres.": Source("postgres", postgres.look, of(SqlCall, postgres.lacks))}


def _of_redis() -> dict[str, Source]:
    from diagnostics.redis import Redis

    redis = Redis({name: value for name in REDIS if (value := value_of(name))})
    return {"redis.": Source("redis", redis.look, of(RedisCall, redis.lacks))}


def _of_aws(settings: MonitoredSettings, aws: "Aws") -> dict[str, Source]:
    from diagnostics.cloudwatch import CloudWatch
    from diagnostics.ecs import Ecs
    from diagnostics.generic import Generic
    from diagnostics.insights import Insights
    from diagnostics.load_balancer import LoadBalancer
    from diagnostics.logs import Logs
    from diagnostics.rds import Rds

    def source(system: str, look: Look, by_incident: bool = False) -> Source:
        return Source(system, look, lacking, by_incident)

    def lacking(action: Action) -> str:
        call = action.call
        return aws.lacks(call if isinstance(call, AwsCall) else AwsCall("cloudwatch", "", {}))

    metrics = CloudWatch(aws).look
    return {
        "ecs.describe_services": source("ecs", Ecs(aws).look, by_incident=True),
        "rds.": source("rds", Rds(aws).look),
        "logs.filter_log_events": source("logs", Logs(aws).look, by_incident=True),
        "logs.start_query": source("insights", Insights(aws).look),
        "cloudwatch.get_metric_statistics": source("cloudwatch", metrics),
        "cloudwatch.get_metric_data": source("cloudwatch", metrics),
        "ecs.utilisation": source("cloudwatch", metrics),
        "load_balancer.traffic": Source("cloudwatch", LoadBalancer(aws, settings.load_balancer).look),
        ANY_AWS: source("aws", Generic(aws).look),
    }


def _over_http(settings: MonitoredSettings, web: Web) -> dict[str, Source]:
    from diagnostics.aws_status import AwsStatus
    from diagnostics.health import Health
    from diagnostics.http import Http
    from diagnostics.prometheus import Prometheus
    from diagnostics.statuspage import Statuspage

    health = Health(web, settings.health_url)
    return {
        "health.check": Source("the health address", health.look, health.lacks),
        "http.": Source("http", Http(web).look),
        "statuspage": Source("http", Statuspage(web).look),
        "aws_status": Source("AWS status", AwsStatus(web, _regions()).look),
        "prometheus": Source(
            "http", Prometheus(web, settings.grafana_url, _secret(settings.grafana_token)).look
        ),
    }


def _of_vendors(settings: MonitoredSettings, web: Web) -> dict[str, Source]:
    from diagnostics.crashlytics import Crashlytics
    from diagnostics.google import Google
    from diagnostics.grafana import Grafana
    from diagnostics.play import Play
    from diagnostics.razorpay import Razorpay
    from diagnostics.sentry import Sentry

    razorpay = Razorpay(web, settings.razorpay_key_id, _secret(settings.razorpay_key_secret))
    sentry = Sentry(web, _secret(settings.sentry_auth_token), settings.sentry_org, settings.sentry_url)
    google = Google(web, _secret(settings.google_token), settings.google_credentials)
    dashboards = Grafana(web, settings.grafana_url, _secret(settings.grafana_token))
    apps = tuple(each.strip() for each in settings.crashlytics_apps.split(",") if each.strip())
    return {
        "razorpay.payments": Source("Razorpay", razorpay.look, razorpay.lacks),
        "sentry.issues": Source("Sentry", sentry.look, by_incident=True),
        "crashlytics.": Source(
            "Crashlytics", Crashlytics(google, apps, settings.play_package).look, by_incident=True
        ),
        "play.": Source("Google Play", Play(google, settings.play_package).look, by_incident=True),
        "git.": _history(settings, web),
        "grafana.": Source("Grafana", dashboards.look, dashboards.lacks),
        "github.": Source("GitHub", _github(settings, web).look, by_incident=True),
    }


def _history(settings: MonitoredSettings, web: Web) -> Source:
    """Where commits are read: the clone of this machine, else GitLab where that is set, else GitHub."""
    from diagnostics.git import Git
    from diagnostics.gitlab import GitLab

    git = Git(settings.repository_dir)
    if git.configured:
        return Source("git", git.look, by_incident=True)
    gitlab = GitLab(web, _secret(settings.gitlab_token), settings.gitlab_project, settings.gitlab_host)
    if gitlab.configured:
        return Source("GitLab", gitlab.look, by_incident=True)
    return Source("GitHub", _github(settings, web).look, by_incident=True)


def _github(settings: MonitoredSettings, web: Web) -> "GitHub":
    from diagnostics.github import GitHub

    return GitHub(web, _secret(settings.github_token), settings.github_repository, settings.github_api_url)


ANY_AWS = "aws"
"""Any operation of AWS that has no module of its own."""

JUDGED = frozenset(
    {
        "ecs.describe_services",
        "rds.describe_db_clusters",
        "rds.describe_db_instances",
        "logs.filter_log_events",
        "logs.start_query",
        "cloudwatch.get_metric_statistics",
        "cloudwatch.get_metric_data",
    }
)
"""The operations of AWS for which there is a rule."""


def by_service(action: Action) -> str | None:
    """Operations of AWS without a rule of their own are shown as they are."""
    return ANY_AWS if isinstance(action.call, AwsCall) and action.runs not in JUDGED else None


def by_address(action: Action) -> str | None:
    """Which module knows the site that is asked; None where it is any other. A query may be posted, after a click.

    What a pipe would show of the answer is left out: the judgement has the whole of it.
    """
    call = action.call
    if not isinstance(call, HttpCall):
        return None
    parts = urlsplit(call.url)
    if call.method == "POST":
        posted = {"prometheus": prometheus.PATH, "grafana.": grafana.PATH}
        return next((name for name, path in posted.items() if path.search(parts.path)), None)
    if call.method != "GET":
        return None
    if parts.hostname in aws_status.HOSTS:
        return "aws_status"
    if prometheus.PATH.search(parts.path):
        return "prometheus"
    return "statuspage" if statuspage.PATH.search(parts.path) else None


def _addresses(settings: MonitoredSettings) -> dict[str, str]:
    """Sites that are reached elsewhere, and those that may be inside since a setting names them."""
    own = (
        *(settings.health_url, settings.sentry_url, settings.github_api_url, settings.gitlab_host),
        *(settings.prometheus_url, settings.grafana_url),
    )
    named = [urlsplit(each) for each in own if "://" in each]
    bases = [f"{each.scheme}://{each.netloc}" for each in named]
    return {**{each: each for each in bases}, **settings.addresses}


def _regions() -> frozenset[str]:
    """Those that the environment names: AWS itself is not loaded for it."""
    named_here = (os.environ.get(name, "") for name in ("AWS_REGION", "AWS_DEFAULT_REGION"))
    return frozenset(each for each in named_here if each)


def of(kind: type[Some], lacks: Callable[[Some], str]) -> Callable[[Action], str]:
    """What is lacking for an action, by its call."""

    def lacking(action: Action) -> str:
        assert isinstance(action.call, kind), action.runs
        return lacks(action.call)

    return lacking


def _secret(value: SecretStr | None) -> str:
    return value.get_secret_value() if value else ""
