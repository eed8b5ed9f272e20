"""What is not configured, told by the settings alone: nothing is loaded for what cannot be asked anyway.

What a person does in its place is said too where no command of the runbook spells it.
"""

import os
from collections.abc import Callable
from pathlib import Path

from bot.looking.byhand import by_hand
from bot.settings import MONITORED_POSTGRES, MonitoredSettings, named, value_of
from bot.step import Action, AwsCall, RedisCall, SqlCall, VendorCall

NO_AWS = "AWS is not asked: AWS_REGION is not set, and there is no profile that names a region."
NO_HISTORY = (
    "No history is read: set GITHUB_TOKEN and GITHUB_REPOSITORY, GITLAB_TOKEN and TOCSIN_GITLAB_PROJECT, "
    "or TOCSIN_REPOSITORY_DIR."
)
GOOGLE = "GOOGLE_APPLICATION_CREDENTIALS (or GOOGLE_OAUTH_ACCESS_TOKEN)"
OF_AWS = ("load_balancer.", "ecs.utilisation")


def lacking(settings: MonitoredSettings) -> Callable[[Action], str]:
    """For an action a sentence that says what is missing; empty when it may be asked."""

    def lacks(action: Action) -> str:
        call, runs = action.call, action.runs
        if isinstance(call, AwsCall) or runs.startswith(OF_AWS):
            if runs.startswith("load_balancer.") and not settings.load_balancer:
                command = by_hand(action, value_of)
                return f"The load balancer is not asked: TOCSIN_LOAD_BALANCER is not set. Its name: {command}"
            return "" if _has_aws(settings) else NO_AWS
        if isinstance(call, SqlCall):
            known = settings.monitored_database_url or _known(call.host) or MONITORED_POSTGRES.get("PGHOST")
            return "" if known else NO_DATABASE
        if isinstance(call, RedisCall):
            return "" if _known(call.host) or named("REDIS_HOST") else NO_REDIS
        missing, command = _of_vendor(settings, action), by_hand(action, value_of)
        return f"{missing} By hand: {command}" if missing and command else missing

    return lacks


def _known(host: str | None) -> bool:
    """Whether a command names a host: itself, or by a variable that is set."""
    return bool(value_of(host[1:]) if host and host.startswith("$") else host)


NO_REDIS = "Redis is not asked: REDIS_HOST is not set."
NO_DATABASE = "The database is not asked: neither TOCSIN_MONITORED_DATABASE_URL nor PGHOST is set."


def _of_vendor(settings: MonitoredSettings, action: Action) -> str:
    runs = action.runs
    organisation = action.call.names.get("organisation") if isinstance(action.call, VendorCall) else ""
    google = settings.google_token or settings.google_credentials
    missing: dict[str, tuple[str, tuple[tuple[object, str], ...]]] = {
        "health.": ("The health address", ((settings.health_url, "TOCSIN_HEALTH_URL"),)),
        "razorpay.": (
            "Razorpay",
            (
                (settings.razorpay_key_id, "RAZORPAY_KEY_ID"),
                (settings.razorpay_key_secret, "RAZORPAY_KEY_SECRET"),
            ),
        ),
        "sentry.": (
            "Sentry",
            (
                (settings.sentry_auth_token, "SENTRY_AUTH_TOKEN"),
                (settings.sentry_org or organisation, "SENTRY_ORG"),
            ),
        ),
        "crashlytics.": (
            "Crashlytics",
            (
                (settings.crashlytics_apps, "TOCSIN_CRASHLYTICS_APPS"),
                (google, GOOGLE),
            ),
        ),
        "play.": (
            "Google Play",
            ((settings.play_package, "TOCSIN_PLAY_PACKAGE"), (google, GOOGLE)),
        ),
        "grafana.": (
            "Grafana",
            (
                (settings.grafana_url, "GRAFANA_URL"),
                (settings.grafana_token, "GRAFANA_SERVICE_ACCOUNT_TOKEN"),
            ),
        ),
    }
    for begins, (who, needed) in missing.items():
        if runs.startswith(begins):
            names = [name for value, name in needed if not value]
            verb = "is" if len(names) == 1 else "are"
            return f"{who} is not asked: {' and '.join(names)} {verb} not set." if names else ""
    if runs.startswith(("git.", "github.")):
        github = settings.github_token and settings.github_repository
        gitlab = settings.gitlab_token and settings.gitlab_project
        return "" if github or gitlab or settings.repository_dir else NO_HISTORY
    return ""


def _has_aws(settings: MonitoredSettings) -> bool:
    """Whether anything on this machine speaks of AWS; what exactly is missing is known when it is asked."""
    told = any(name.startswith("AWS_") for name in os.environ)
    return told or bool(settings.aws_role) or (Path.home() / ".aws").is_dir()
