"""Registry of the monitored systems: which module runs which check, with which keys."""

import asyncio
import functools
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from pydantic import SecretStr

from bot.domain.playbook import Action, AwsCall, HttpCall, RedisCall, SqlCall
from bot.settings.monitored_systems import MonitoredSettings
from bot.settings.setting_lookup import MONITORED_POSTGRES, find_monitored_value
from diagnostics.clients.http_client import HttpClient
from diagnostics.engine.router import DiagnosticRegistry, DiagnosticSource, Look
from diagnostics.engine.text_readers import list_text_readers
from diagnostics.systems import aws_status, grafana, prometheus, statuspage

if TYPE_CHECKING:
    from diagnostics.clients.aws import AwsClients
    from diagnostics.systems.github import GitHub
    from diagnostics.systems.kubernetes import Kubernetes
    from diagnostics.systems.postgres import Postgres

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


def build_registry(settings: MonitoredSettings) -> DiagnosticRegistry:
    """Everything that can be asked with these settings, each part loaded when it is asked for the first time."""
    open_ = AsyncExitStack()
    inside = frozenset(host.strip() for host in settings.inside_hosts.split(",") if host.strip())
    web = HttpClient(_addresses(settings), inside)
    open_.push_async_callback(web.aclose)
    aws = functools.cache(lambda: _aws(settings, open_, web))
    postgres = functools.cache(lambda: _postgres(settings))
    clusters = functools.cache(lambda: _kubernetes(settings, open_))

    async def warm(services: Iterable[str]) -> None:
        if any(name.startswith("AWS_") for name in os.environ):
            await (await asyncio.to_thread(aws)).warm(services)

    async def warnings() -> Sequence[str]:
        return await (await asyncio.to_thread(postgres)).list_role_warnings()

    parts: dict[tuple[str, ...], Callable[[], dict[str, DiagnosticSource]]] = {
        AWS: lambda: _of_aws(settings, aws()),
        VENDORS: lambda: _of_vendors(settings, web),
        HTTP: lambda: _over_http(settings, web),
        ("postgres.",): lambda: _of_postgres(postgres()),
        ("redis.",): _of_redis,
        ("kubectl.",): lambda: {"kubectl.": DiagnosticSource("Kubernetes", clusters().run, by_incident=True)},
    }
    texts = list_text_readers(aws, clusters)
    chosen = (match_address, match_service)
    return DiagnosticRegistry(LazyRegistry(parts), chosen, warm, warnings, open_, texts)


class LazyRegistry(Mapping[str, DiagnosticSource]):
    """Sources by name, each group made when one of it is wanted."""

    def __init__(self, parts: Mapping[tuple[str, ...], Callable[[], dict[str, DiagnosticSource]]]) -> None:
        made = {names: functools.cache(make) for names, make in parts.items()}
        self._of = {name: make for names, make in made.items() for name in names}

    def __getitem__(self, name: str) -> DiagnosticSource:
        return self._of[name]()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._of)

    def __len__(self) -> int:
        return len(self._of)


def _aws(settings: MonitoredSettings, open_: AsyncExitStack, web: HttpClient) -> "AwsClients":
    from diagnostics.clients.aws import AwsClients

    aws = AwsClients(settings.aws_role, reachability=web.reachability)
    open_.callback(aws.close)
    return aws


def _postgres(settings: MonitoredSettings) -> "Postgres":
    from diagnostics.systems.postgres import Postgres

    return Postgres(_secret(settings.monitored_database_url), MONITORED_POSTGRES)


def _of_postgres(postgres: "Postgres") -> dict[str, DiagnosticSource]:
    return {
        "postgres.": DiagnosticSource(
            "postgres", postgres.run, check_by_kind(SqlCall, postgres.describe_missing)
        )
    }


def _of_redis() -> dict[str, DiagnosticSource]:
    from diagnostics.systems.redis import Redis

    redis = Redis({name: value for name in REDIS if (value := find_monitored_value(name))})
    return {"redis.": DiagnosticSource("redis", redis.run, check_by_kind(RedisCall, redis.describe_missing))}


def _kubernetes(settings: MonitoredSettings, open_: AsyncExitStack) -> "Kubernetes":
    from diagnostics.clients.kubernetes import KubernetesClients
    from diagnostics.systems.kubernetes import Kubernetes

    clients = KubernetesClients(settings.kubeconfig)
    open_.push_async_callback(clients.aclose)
    return Kubernetes(clients)


def _of_aws(settings: MonitoredSettings, aws: "AwsClients") -> dict[str, DiagnosticSource]:
    from diagnostics.systems.any_aws import AnyAws
    from diagnostics.systems.cloudwatch import CloudWatch
    from diagnostics.systems.cloudwatch_logs import CloudWatchLogs
    from diagnostics.systems.ecs import Ecs
    from diagnostics.systems.load_balancer import LoadBalancer
    from diagnostics.systems.logs_insights import LogsInsights
    from diagnostics.systems.rds import Rds

    def source(system: str, look: Look, by_incident: bool = False) -> DiagnosticSource:
        return DiagnosticSource(system, look, lacking, by_incident)

    def lacking(action: Action) -> str:
        call = action.call
        return aws.describe_missing(call if isinstance(call, AwsCall) else AwsCall("cloudwatch", "", {}))

    metrics = CloudWatch(aws).run
    return {
        "ecs.describe_services": source("ecs", Ecs(aws).run, by_incident=True),
        "rds.": source("rds", Rds(aws).run),
        "logs.filter_log_events": source("logs", CloudWatchLogs(aws).run, by_incident=True),
        "logs.start_query": source("insights", LogsInsights(aws).run),
        "cloudwatch.get_metric_statistics": source("cloudwatch", metrics),
        "cloudwatch.get_metric_data": source("cloudwatch", metrics),
        "ecs.utilisation": source("cloudwatch", metrics),
        "load_balancer.traffic": DiagnosticSource(
            "cloudwatch", LoadBalancer(aws, settings.load_balancer).run
        ),
        ANY_AWS: source("aws", AnyAws(aws).run),
    }


def _over_http(settings: MonitoredSettings, web: HttpClient) -> dict[str, DiagnosticSource]:
    from diagnostics.systems.aws_status import AwsStatus
    from diagnostics.systems.health import ServiceHealth
    from diagnostics.systems.http_endpoint import Http
    from diagnostics.systems.prometheus import Prometheus
    from diagnostics.systems.statuspage import Statuspage

    health = ServiceHealth(web, settings.health_url)
    return {
        "health.check": DiagnosticSource("the health endpoint", health.run, health.describe_missing),
        "http.": DiagnosticSource("http", Http(web).run),
        "statuspage": DiagnosticSource("http", Statuspage(web).run),
        "aws_status": DiagnosticSource("AWS status", AwsStatus(web, _regions()).run),
        "prometheus": DiagnosticSource(
            "http", Prometheus(web, settings.grafana_url, _secret(settings.grafana_token)).run
        ),
    }


def _of_vendors(settings: MonitoredSettings, web: HttpClient) -> dict[str, DiagnosticSource]:
    from diagnostics.clients.google import GoogleClient
    from diagnostics.systems.crashlytics import Crashlytics
    from diagnostics.systems.google_play import GooglePlay
    from diagnostics.systems.grafana import Grafana
    from diagnostics.systems.razorpay import Razorpay
    from diagnostics.systems.sentry import Sentry

    razorpay = Razorpay(web, settings.razorpay_key_id, _secret(settings.razorpay_key_secret))
    sentry = Sentry(web, _secret(settings.sentry_auth_token), settings.sentry_org, settings.sentry_url)
    google = GoogleClient(web, _secret(settings.google_token), settings.google_credentials)
    dashboards = Grafana(web, settings.grafana_url, _secret(settings.grafana_token))
    apps = tuple(app.strip() for app in settings.crashlytics_apps.split(",") if app.strip())
    return {
        "razorpay.payments": DiagnosticSource("Razorpay", razorpay.run, razorpay.describe_missing),
        "sentry.issues": DiagnosticSource("Sentry", sentry.run, by_incident=True),
        "crashlytics.": DiagnosticSource(
            "Crashlytics", Crashlytics(google, apps, settings.play_package).run, by_incident=True
        ),
        "play.": DiagnosticSource(
            "Google Play", GooglePlay(google, settings.play_package).run, by_incident=True
        ),
        "git.": _history(settings, web),
        "grafana.": DiagnosticSource("Grafana", dashboards.run, dashboards.describe_missing),
        "github.": DiagnosticSource("GitHub", _github(settings, web).run, by_incident=True),
    }


def _history(settings: MonitoredSettings, web: HttpClient) -> DiagnosticSource:
    """Where commits are read: the clone of this machine, else GitLab where that is set, else GitHub."""
    from diagnostics.systems.git import Git
    from diagnostics.systems.gitlab import GitLab

    git = Git(settings.repository_dir)
    if git.configured:
        return DiagnosticSource("git", git.run, by_incident=True)
    gitlab = GitLab(web, _secret(settings.gitlab_token), settings.gitlab_project, settings.gitlab_host)
    if gitlab.configured:
        return DiagnosticSource("GitLab", gitlab.run, by_incident=True)
    return DiagnosticSource("GitHub", _github(settings, web).run, by_incident=True)


def _github(settings: MonitoredSettings, web: HttpClient) -> "GitHub":
    from diagnostics.systems.github import GitHub

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


def match_service(action: Action) -> str | None:
    """Operations of AWS without a rule of their own are shown as they are."""
    return ANY_AWS if isinstance(action.call, AwsCall) and action.runs not in JUDGED else None


def match_address(action: Action) -> str | None:
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
    named = [urlsplit(address) for address in own if "://" in address]
    bases = [f"{address.scheme}://{address.netloc}" for address in named]
    return {**{base: base for base in bases}, **settings.addresses}


def _regions() -> frozenset[str]:
    """Those that the environment names: AWS itself is not loaded for it."""
    named_here = (os.environ.get(name, "") for name in ("AWS_REGION", "AWS_DEFAULT_REGION"))
    return frozenset(host for host in named_here if host)


def check_by_kind(kind: type[Some], lacks: Callable[[Some], str]) -> Callable[[Action], str]:
    """What is lacking for an action, by its call."""

    def lacking(action: Action) -> str:
        assert isinstance(action.call, kind), action.runs
        return lacks(action.call)

    return lacking


def _secret(value: SecretStr | None) -> str:
    return value.get_secret_value() if value else ""
