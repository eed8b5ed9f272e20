"""The settings of the monitored systems."""

import json
import re
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

ROLE = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+")
"""A role's ARN."""

CONFIG = SettingsConfigDict(env_ignore_empty=True, extra="ignore", frozen=True)


def _parse_addresses(given: object) -> object:
    """The bases by those outside. Raises ValueError, which names the form, so that it is told along with all else."""
    if not isinstance(given, str):
        return given
    try:
        read = json.loads(given)
    except ValueError:
        read = None
    if not isinstance(read, dict) or not all(isinstance(value, str) for value in read.values()):
        raise ValueError('must be JSON like {"https://api.example.com": "http://127.0.0.1:8000"}')
    return read


class MonitoredSettings(BaseSettings):
    """What the diagnostics read with, by the vendors' own names where they have some. boto3 and the runbook's commands
    read further names of theirs (`AWS_…`, `PGHOST`, `REDIS_HOST`)."""

    model_config = CONFIG

    aws_role: str = Field("", alias="TOCSIN_AWS_ROLE")
    monitored_database_url: SecretStr | None = Field(None, alias="TOCSIN_MONITORED_DATABASE_URL")
    health_url: str = Field("", alias="TOCSIN_HEALTH_URL")
    load_balancer: str = Field("", alias="TOCSIN_LOAD_BALANCER")
    razorpay_key_id: str = Field("", alias="RAZORPAY_KEY_ID")
    razorpay_key_secret: SecretStr | None = Field(None, alias="RAZORPAY_KEY_SECRET")
    sentry_auth_token: SecretStr | None = Field(None, alias="SENTRY_AUTH_TOKEN")
    sentry_org: str = Field("", alias="SENTRY_ORG")
    sentry_url: str = Field("https://sentry.io", alias="SENTRY_URL")
    github_token: SecretStr | None = Field(None, alias="GITHUB_TOKEN")
    github_repository: str = Field("", alias="GITHUB_REPOSITORY")
    github_api_url: str = Field("https://api.github.com", alias="GITHUB_API_URL")
    gitlab_token: SecretStr | None = Field(None, alias="GITLAB_TOKEN")
    gitlab_host: str = Field("https://gitlab.com", alias="GITLAB_HOST")
    gitlab_project: str = Field("", alias="TOCSIN_GITLAB_PROJECT")
    repository_dir: Path | None = Field(None, alias="TOCSIN_REPOSITORY_DIR")
    google_token: SecretStr | None = Field(None, alias="GOOGLE_OAUTH_ACCESS_TOKEN")
    google_credentials: Path | None = Field(None, alias="GOOGLE_APPLICATION_CREDENTIALS")
    crashlytics_apps: str = Field("", alias="TOCSIN_CRASHLYTICS_APPS")
    play_package: str = Field("", alias="TOCSIN_PLAY_PACKAGE")
    prometheus_url: str = Field("", alias="PROMETHEUS_URL")
    grafana_url: str = Field("", alias="GRAFANA_URL")
    grafana_token: SecretStr | None = Field(None, alias="GRAFANA_SERVICE_ACCOUNT_TOKEN")
    kubeconfig: Path | None = Field(None, alias="KUBECONFIG")
    addresses: Annotated[dict[str, str], NoDecode, BeforeValidator(_parse_addresses)] = Field(
        {}, alias="TOCSIN_ADDRESSES"
    )
    inside_hosts: str = Field("", alias="TOCSIN_INSIDE_HOSTS")
