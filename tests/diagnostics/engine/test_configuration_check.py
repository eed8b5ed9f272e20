"""What is not configured is named in words, every setting of it, with what a person does in its place."""

import os

import pytest

from bot.command_parsers import classify_command
from bot.domain.manual_command import build_manual_command
from bot.domain.playbook import Action, VendorCall
from bot.settings import Settings
from diagnostics.engine.configuration_check import build_missing_check

BARE = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "word"}


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    for name in (
        *(each for each in os.environ if each.startswith("AWS_")),
        "REDIS_HOST",
        "SENTRY_ORG",
        "SENTRY_URL",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))


def vendor(what: str, **names: str) -> Action:
    return Action(what, VendorCall(what, names))


ROWS: list[tuple[Action, dict[str, str], str]] = [
    (vendor("health.check"), {}, "TOCSIN_HEALTH_URL is not set. By hand: curl -i https://YOUR-API/health"),
    (vendor("health.check"), {"TOCSIN_HEALTH_URL": "https://a.example/health"}, ""),
    (
        vendor("load_balancer.traffic"),
        {},
        "TOCSIN_LOAD_BALANCER is not set. Its name: aws cloudwatch list-metrics",
    ),
    (
        vendor("razorpay.payments"),
        {},
        "RAZORPAY_KEY_ID and RAZORPAY_KEY_SECRET are not set. By hand: curl -u",
    ),
    (
        vendor("razorpay.payments"),
        {"RAZORPAY_KEY_ID": "k"},
        "Razorpay skipped: RAZORPAY_KEY_SECRET is not set.",
    ),
    (vendor("razorpay.payments"), {"RAZORPAY_KEY_ID": "k", "RAZORPAY_KEY_SECRET": "s"}, ""),
    (
        vendor("sentry.issues", organisation="acme", project="app"),
        {},
        'SENTRY_AUTH_TOKEN is not set. By hand: curl -H "Authorization: Bearer $SENTRY_AUTH_TOKEN" '
        '"https://sentry.io/api/0/organizations/acme/issues/?statsPeriod=1h&sort=freq&query=is%3Aunresolved%20project%3Aapp"',
    ),
    (vendor("sentry.issues"), {"SENTRY_AUTH_TOKEN": "t"}, "Sentry skipped: SENTRY_ORG is not set."),
    (vendor("sentry.issues", organisation="acme"), {"SENTRY_AUTH_TOKEN": "t"}, ""),
    (
        vendor("crashlytics.crashes", project="acme-prod"),
        {},
        "TOCSIN_CRASHLYTICS_APPS and GOOGLE_APPLICATION_CREDENTIALS (or GOOGLE_OAUTH_ACCESS_TOKEN) are not set. "
        "By hand: open https://console.firebase.google.com/project/acme-prod/crashlytics",
    ),
    (
        vendor("play.crash_rate"),
        {"GOOGLE_OAUTH_ACCESS_TOKEN": "t"},
        "TOCSIN_PLAY_PACKAGE is not set. By hand: open",
    ),
    (
        vendor("grafana.panel", link="https://g.example/d/a"),
        {"GRAFANA_URL": "https://g.example"},
        "GRAFANA_SERVICE_ACCOUNT_TOKEN is not set. By hand: open https://g.example/d/a",
    ),
    (classify_command("git log --oneline").actions[0], {}, "set GITHUB_TOKEN and GITHUB_REPOSITORY"),
    (classify_command("redis-cli INFO").actions[0], {}, "Redis skipped: REDIS_HOST is not set."),
    (
        classify_command("psql -c 'SELECT 1'").actions[0],
        {},
        "neither TOCSIN_MONITORED_DATABASE_URL nor PGHOST is set.",
    ),
    (classify_command("kubectl get pods").actions[0], {}, "Kubernetes skipped: KUBECONFIG is not set"),
    (classify_command("kubectl get pods").actions[0], {"KUBECONFIG": "/etc/tocsin/kubeconfig"}, ""),
    (classify_command("aws rds describe-db-clusters").actions[0], {}, "AWS_REGION is not set"),
    (classify_command("curl https://status.razorpay.com/api/v2/status.json").actions[0], {}, ""),
]


@pytest.mark.parametrize(("action", "given", "said"), ROWS, ids=range(len(ROWS)))
def test_every_setting_that_is_missing_is_named_with_what_a_person_does(
    action: Action, given: dict[str, str], said: str
) -> None:
    told = build_missing_check(Settings.model_validate(BARE | given))(action)
    assert (said in told) if said else told == ""
    assert len(told) <= 300, "the message cuts it"


def test_a_command_of_the_runbook_is_its_own_and_no_secret_is_in_any() -> None:
    values = {
        "TOCSIN_HEALTH_URL": "https://me:hunter2@a.example/health",
        "SENTRY_URL": "https://sentry.acme.example/",
        "SENTRY_ORG": "acme",
        "RAZORPAY_KEY_SECRET": "hunter2",
        "SENTRY_AUTH_TOKEN": "hunter2",
    }
    asked = [build_manual_command(action, values.get) for action, _, _ in ROWS]
    assert not any("hunter2" in each for each in asked)
    assert (
        asked[0] == "curl -i https://me:[secret]@a.example/health"
        and "sentry.acme.example/api/0/organizations/acme" in asked[7]
    )
    assert build_manual_command(classify_command("aws rds describe-db-clusters").actions[0], values.get) == ""
