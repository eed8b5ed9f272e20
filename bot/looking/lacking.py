"""What is not configured, told by the settings alone: nothing is loaded for what cannot be asked anyway."""

import os
from collections.abc import Callable
from pathlib import Path

from bot.settings import MONITORED_POSTGRES, Settings, named
from bot.step import Action, AwsCall, RedisCall, SqlCall

NO_AWS = "AWS is not asked: AWS_REGION is not set, and there is no profile that names a region."
NO_HISTORY = (
    "No history is read: set GITHUB_TOKEN and GITHUB_REPOSITORY, GITLAB_TOKEN and TOCSIN_GITLAB_PROJECT, "
    "or TOCSIN_REPOSITORY_DIR."
)
OF_AWS = ("load_balancer.", "ecs.utilisation")


def lacking(settings: Settings) -> Callable[[Action], str]:
    """For an action a sentence that says what is missing; empty when it may be asked."""

    def lacks(action: Action) -> str:
        call, runs = action.call, action.runs
        if isinstance(call, AwsCall) or runs.startswith(OF_AWS):
            if runs.startswith("load_balancer.") and not settings.load_balancer:
                return "The load balancer is not asked: TOCSIN_LOAD_BALANCER is not set."
            return "" if _has_aws(settings) else NO_AWS
        if isinstance(call, SqlCall):
            known = settings.monitored_database_url or call.host or MONITORED_POSTGRES.get("PGHOST")
            return "" if known else NO_DATABASE
        if isinstance(call, RedisCall):
            return "" if call.host or named("REDIS_HOST") else "Redis is not asked: REDIS_HOST is not set."
        return _of_vendor(settings, runs)

    return lacks


NO_DATABASE = "The database is not asked: neither TOCSIN_MONITORED_DATABASE_URL nor PGHOST is set."


def _of_vendor(settings: Settings, runs: str) -> str:
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
        "sentry.": ("Sentry", ((settings.sentry_auth_token, "SENTRY_AUTH_TOKEN"),)),
        "crashlytics.": (
            "Crashlytics",
            (
                (settings.crashlytics_apps, "TOCSIN_CRASHLYTICS_APPS"),
                (google, "GOOGLE_APPLICATION_CREDENTIALS"),
            ),
        ),
        "play.": (
            "Google Play",
            ((settings.play_package, "TOCSIN_PLAY_PACKAGE"), (google, "GOOGLE_APPLICATION_CREDENTIALS")),
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
            name = next((name for value, name in needed if not value), "")
            return f"{who} is not asked: {name} is not set." if name else ""
    if runs.startswith(("git.", "github.")):
        github = settings.github_token and settings.github_repository
        gitlab = settings.gitlab_token and settings.gitlab_project
        return "" if github or gitlab or settings.repository_dir else NO_HISTORY
    return ""


def _has_aws(settings: Settings) -> bool:
    """Whether anything on this machine speaks of AWS; what exactly is missing is known when it is asked."""
    told = any(name.startswith("AWS_") for name in os.environ)
    return told or bool(settings.aws_role) or (Path.home() / ".aws").is_dir()
