"""Tells by the settings alone what a check lacks, so that nothing is loaded for a system that cannot be asked.

Where no command of the runbook spells the check, the sentence adds what a person can run instead.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bot.domain.manual_command import build_manual_command
from bot.domain.playbook import Action, AwsCall, KubernetesCall, RedisCall, SqlCall, VendorCall
from bot.settings.monitored_systems import MonitoredSettings
from bot.settings.setting_lookup import MONITORED_POSTGRES, find_monitored_value, find_setting

NO_AWS = "AWS skipped: AWS_REGION is not set, and there is no profile that names a region."
NO_DATABASE = "Database skipped: neither TOCSIN_MONITORED_DATABASE_URL nor PGHOST is set."
NO_REDIS = "Redis skipped: REDIS_HOST is not set."
NO_KUBERNETES = "Kubernetes skipped: KUBECONFIG is not set, and this is no pod with a service account."
NO_HISTORY = (
    "No history is read: set GITHUB_TOKEN and GITHUB_REPOSITORY, GITLAB_TOKEN and TOCSIN_GITLAB_PROJECT, "
    "or TOCSIN_REPOSITORY_DIR."
)
GOOGLE = "GOOGLE_APPLICATION_CREDENTIALS (or GOOGLE_OAUTH_ACCESS_TOKEN)"
LOAD_BALANCER = "load_balancer."
OF_AWS = (LOAD_BALANCER, "ecs.utilisation")
OF_HISTORY = ("git.", "github.")


@dataclass(frozen=True, slots=True)
class _VendorSettings:
    """What a vendor's checks need: each setting's name, and whether it has a value."""

    vendor: str
    needs: Callable[[MonitoredSettings, str], dict[str, object]]


def _get_google(settings: MonitoredSettings) -> object:
    return settings.google_token or settings.google_credentials


VENDORS = {
    "health.": _VendorSettings(
        "Health endpoint", lambda settings, _: {"TOCSIN_HEALTH_URL": settings.health_url}
    ),
    "razorpay.": _VendorSettings(
        "Razorpay",
        lambda settings, _: {
            "RAZORPAY_KEY_ID": settings.razorpay_key_id,
            "RAZORPAY_KEY_SECRET": settings.razorpay_key_secret,
        },
    ),
    "sentry.": _VendorSettings(
        "Sentry",
        lambda settings, organisation: {
            "SENTRY_AUTH_TOKEN": settings.sentry_auth_token,
            "SENTRY_ORG": settings.sentry_org or organisation,
        },
    ),
    "crashlytics.": _VendorSettings(
        "Crashlytics",
        lambda settings, _: {
            "TOCSIN_CRASHLYTICS_APPS": settings.crashlytics_apps,
            GOOGLE: _get_google(settings),
        },
    ),
    "play.": _VendorSettings(
        "Google Play",
        lambda settings, _: {"TOCSIN_PLAY_PACKAGE": settings.play_package, GOOGLE: _get_google(settings)},
    ),
    "grafana.": _VendorSettings(
        "Grafana",
        lambda settings, _: {
            "GRAFANA_URL": settings.grafana_url,
            "GRAFANA_SERVICE_ACCOUNT_TOKEN": settings.grafana_token,
        },
    ),
}
"""By the beginning of an action's name. The second argument is the organisation that the runbook names."""


def build_missing_check(settings: MonitoredSettings) -> Callable[[Action], str]:
    """For an action a sentence that says what is missing; empty when it may be asked."""

    def describe_missing(action: Action) -> str:
        if isinstance(action.call, AwsCall) or action.runs.startswith(OF_AWS):
            return _check_aws(settings, action)
        if isinstance(action.call, SqlCall):
            return "" if _has_database(settings, action.call) else NO_DATABASE
        if isinstance(action.call, RedisCall):
            return "" if _is_host_known(action.call.host) or find_setting("REDIS_HOST") else NO_REDIS
        if isinstance(action.call, KubernetesCall):
            in_pod = bool(os.environ.get("KUBERNETES_SERVICE_HOST"))
            return "" if settings.kubeconfig or in_pod else NO_KUBERNETES
        missing = _check_vendor(settings, action)
        command = build_manual_command(action, find_monitored_value) if missing else ""
        return f"{missing} By hand: {command}" if command else missing

    return describe_missing


def _check_aws(settings: MonitoredSettings, action: Action) -> str:
    if action.runs.startswith(LOAD_BALANCER) and not settings.load_balancer:
        command = build_manual_command(action, find_monitored_value)
        return f"Load balancer skipped: TOCSIN_LOAD_BALANCER is not set. Its name: {command}"
    return "" if _has_aws(settings) else NO_AWS


def _has_aws(settings: MonitoredSettings) -> bool:
    """Whether anything on this machine mentions AWS; what exactly is missing shows when it is asked."""
    in_environment = any(name.startswith("AWS_") for name in os.environ)
    return in_environment or bool(settings.aws_role) or (Path.home() / ".aws").is_dir()


def _has_database(settings: MonitoredSettings, call: SqlCall) -> bool:
    return bool(
        settings.monitored_database_url or _is_host_known(call.host) or MONITORED_POSTGRES.get("PGHOST")
    )


def _is_host_known(host: str | None) -> bool:
    """Whether a command names a host: itself, or by a variable that is set."""
    return bool(find_monitored_value(host[1:]) if host and host.startswith("$") else host)


def _check_history(settings: MonitoredSettings) -> str:
    github = settings.github_token and settings.github_repository
    gitlab = settings.gitlab_token and settings.gitlab_project
    return "" if github or gitlab or settings.repository_dir else NO_HISTORY


def _check_vendor(settings: MonitoredSettings, action: Action) -> str:
    if action.runs.startswith(OF_HISTORY):
        return _check_history(settings)
    needed = next((needed for begins, needed in VENDORS.items() if action.runs.startswith(begins)), None)
    if needed is None:
        return ""
    organisation = action.call.names.get("organisation", "") if isinstance(action.call, VendorCall) else ""
    names = [name for name, value in needed.needs(settings, organisation).items() if not value]
    verb = "is" if len(names) == 1 else "are"
    return f"{needed.vendor} skipped: {' and '.join(names)} {verb} not set." if names else ""
