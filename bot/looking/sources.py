"""The monitored systems as the settings name them: which module asks what, and with which keys."""

import os
from collections.abc import Callable, Iterable
from typing import TypeVar
from urllib.parse import urlsplit

from pydantic import SecretStr

from bot.settings import MONITORED_POSTGRES, Settings, value_of
from bot.step import Action, AwsCall, HttpCall, RedisCall, SqlCall
from diagnostics import aws_status, prometheus, statuspage
from diagnostics.aws import Aws
from diagnostics.aws_status import AwsStatus
from diagnostics.cloudwatch import CloudWatch
from diagnostics.crashlytics import Crashlytics
from diagnostics.ecs import Ecs
from diagnostics.generic import Generic
from diagnostics.git import Git
from diagnostics.github import GitHub
from diagnostics.gitlab import GitLab
from diagnostics.google import Google
from diagnostics.health import Health
from diagnostics.http import Http
from diagnostics.insights import Insights
from diagnostics.load_balancer import LoadBalancer
from diagnostics.logs import Logs
from diagnostics.play import Play
from diagnostics.postgres import Postgres
from diagnostics.prometheus import Prometheus
from diagnostics.razorpay import Razorpay
from diagnostics.rds import Rds
from diagnostics.redis import Redis
from diagnostics.sentry import Sentry
from diagnostics.statuspage import Statuspage
from diagnostics.systems import Look, Source, Systems
from diagnostics.web import Web

Some = TypeVar("Some", SqlCall, RedisCall)
REDIS = ("REDIS_HOST", "REDIS_PORT", "REDIS_PASSWORD", "REDIS_CACERT")


def monitored(settings: Settings) -> Systems:
    """Everything that can be asked with these settings."""
    aws = Aws(settings.aws_role)
    inside = frozenset(each.strip() for each in settings.inside_hosts.split(",") if each.strip())
    web = Web(_addresses(settings), inside)
    postgres = Postgres(_secret(settings.monitored_database_url), MONITORED_POSTGRES)
    redis = Redis({name: value for name in REDIS if (value := value_of(name))})

    async def warm(services: Iterable[str]) -> None:
        if any(name.startswith("AWS_") for name in os.environ):
            await aws.warm(services)

    systems = Systems(
        {
            **_of_aws(settings, aws),
            **_of_vendors(settings, web),
            **_over_http(settings, web, aws),
            "postgres.": Source("postgres", postgres.look, of(SqlCall, postgres.lacks)),
            "redis.": Source("redis", redis.look, of(RedisCall, redis.lacks)),
        },
        (by_address, by_service),
        warm,
        postgres.role_warnings,
    )
    systems.open.callback(aws.close)
    systems.open.push_async_callback(web.aclose)
    return systems


def _of_aws(settings: Settings, aws: Aws) -> dict[str, Source]:
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


def _over_http(settings: Settings, web: Web, aws: Aws) -> dict[str, Source]:
    health = Health(web, settings.health_url)
    return {
        "health.check": Source("http", health.look, health.lacks),
        "http.": Source("http", Http(web).look),
        "statuspage": Source("http", Statuspage(web).look),
        "aws_status": Source("http", AwsStatus(web, _regions(aws)).look),
        "prometheus": Source(
            "http", Prometheus(web, settings.grafana_url, _secret(settings.grafana_token)).look
        ),
    }


def _of_vendors(settings: Settings, web: Web) -> dict[str, Source]:
    razorpay = Razorpay(web, settings.razorpay_key_id, _secret(settings.razorpay_key_secret))
    sentry = Sentry(web, _secret(settings.sentry_auth_token), settings.sentry_org, settings.sentry_url)
    google = Google(web, _secret(settings.google_token), settings.google_credentials)
    apps = tuple(each.strip() for each in settings.crashlytics_apps.split(",") if each.strip())
    return {
        "razorpay.payments": Source("http", razorpay.look, razorpay.lacks),
        "sentry.issues": Source("http", sentry.look, by_incident=True),
        "crashlytics.": Source(
            "http", Crashlytics(google, apps, settings.play_package).look, by_incident=True
        ),
        "play.": Source("http", Play(google, settings.play_package).look, by_incident=True),
        "git.": _history(settings, web),
        "github.": Source("http", _github(settings, web).look, by_incident=True),
    }


def _history(settings: Settings, web: Web) -> Source:
    """Where commits are read: the clone of this machine, else GitLab where that is set, else GitHub."""
    git = Git(settings.repository_dir)
    if git.configured:
        return Source("git", git.look, by_incident=True)
    gitlab = GitLab(web, _secret(settings.gitlab_token), settings.gitlab_project, settings.gitlab_host)
    if gitlab.configured:
        return Source("http", gitlab.look, by_incident=True)
    return Source("http", _github(settings, web).look, by_incident=True)


def _github(settings: Settings, web: Web) -> GitHub:
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
    """Which module knows the site that a GET asks; None where it is any other."""
    call = action.call
    if not isinstance(call, HttpCall) or call.method != "GET" or action.filters:
        return None
    parts = urlsplit(call.url)
    if parts.hostname in aws_status.HOSTS:
        return "aws_status"
    if prometheus.PATH.search(parts.path):
        return "prometheus"
    return "statuspage" if statuspage.PATH.search(parts.path) else None


def _addresses(settings: Settings) -> dict[str, str]:
    """Sites that are reached elsewhere, and those that may be inside since a setting names them."""
    own = (
        *(settings.health_url, settings.sentry_url, settings.github_api_url, settings.gitlab_host),
        *(settings.prometheus_url, settings.grafana_url),
    )
    named = [urlsplit(each) for each in own if "://" in each]
    bases = [f"{each.scheme}://{each.netloc}" for each in named]
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
