"""Which module answers an operation of AWS: what has no rule is shown as it is, whatever its name begins with."""

from datetime import UTC, datetime

import pytest

from bot.command_parsers import classify_command
from bot.domain.check_request import CheckRequest
from bot.domain.playbook import Action, VendorCall
from bot.settings import Settings
from diagnostics.engine.registry import (
    ANY_AWS,
    AWS,
    HTTP,
    VENDORS,
    build_registry,
    match_address,
    match_service,
)
from diagnostics.engine.router import DiagnosticSource


@pytest.mark.parametrize(
    ("command", "chosen"),
    [
        ("aws ecs describe-services --cluster c --services s", None),
        ("aws ecs describe-tasks --cluster c --tasks t", ANY_AWS),
        ("aws rds describe-db-clusters", None),
        ("aws rds describe-db-instances", None),
        ("aws rds describe-db-snapshots", ANY_AWS),
        ("aws rds describe-db-cluster-snapshots", ANY_AWS),
        ("aws rds describe-db-log-files --db-instance-identifier d", ANY_AWS),
        ("aws logs tail /backend", None),
        ("aws logs describe-log-groups", ANY_AWS),
        ("aws cloudwatch list-metrics", ANY_AWS),
        ("redis-cli INFO", None),
    ],
)
def test_an_operation_of_aws_goes_to_the_module_that_judges_it(command: str, chosen: str | None) -> None:
    (action,) = classify_command(command).actions
    assert match_service(action) == chosen


@pytest.mark.parametrize(
    ("command", "chosen"),
    [
        ("curl https://status.razorpay.com/api/v2/status.json", "statuspage"),
        ("curl -s https://status.razorpay.com/api/v2/status.json | jq -r .status.indicator", "statuspage"),
        ("curl https://status.aws.amazon.com/", "aws_status"),
        ("curl -s https://api.example/orders | jq .", None),
        ("curl 'https://prometheus.example/api/v1/query?query=up'", "prometheus"),
        ("curl -G https://prometheus.example/api/v1/query --data-urlencode 'query=up'", "prometheus"),
        ("curl https://prometheus.example/api/v1/query --data-urlencode 'query=up'", "prometheus"),
        ("curl 'https://grafana.example/api/datasources/proxy/1/api/v1/query_range?query=up'", "prometheus"),
        ("curl -X POST https://grafana.example/api/ds/query -d '{}'", "grafana."),
        ("curl -X POST https://api.example/v1/webhooks/razorpay/health", None),
        ("curl -I https://status.razorpay.com/api/v2/status.json", None),
        ("curl https://api.example/health", None),
    ],
)
def test_an_address_goes_to_the_module_that_knows_the_site(command: str, chosen: str | None) -> None:
    (action,) = classify_command(command).actions
    assert match_address(action) == chosen


def test_one_that_is_down_silences_no_other() -> None:
    settings = Settings.model_validate(
        {
            "SLACK_BOT_TOKEN": "xoxb-1",
            "SLACK_SIGNING_SECRET": "word",
            "TOCSIN_HEALTH_URL": "https://api.example/health",
        }
    )
    systems = build_registry(settings)
    called = ("health.check", "razorpay.payments", "sentry.issues", "crashlytics.crashes", "play.crash_rate")
    asked = [Action(name, VendorCall(name)) for name in called]
    asked += [action for url in ("https://a.example/x", "https://status.b.example/api/v2/status.json")
              for action in classify_command(f"curl {url}").actions]  # fmt: skip
    asked += classify_command("git log --oneline").actions
    names = [
        systems.build_job(CheckRequest("Check", each, datetime(2026, 11, 23, tzinfo=UTC))).asked
        for each in asked
    ]
    assert names == [
        "the health endpoint", "Razorpay", "Sentry", "Crashlytics", "Google Play",
        "a.example", "status.b.example", "GitHub",
    ]  # fmt: skip


def test_each_part_answers_what_it_says() -> None:
    settings = Settings.model_validate({"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "word"})
    sources = build_registry(settings).sources
    assert len(sources) == len(AWS) + len(VENDORS) + len(HTTP) + 3
    assert all(isinstance(sources[name], DiagnosticSource) for name in sources)
