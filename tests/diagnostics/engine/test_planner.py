"""Which steps a look runs, and with what they are read."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.domain.diagnostic_run import ALL, ONE, WHOLE, DiagnosticRunRequest
from bot.domain.playbook import Action, AwsCall, SqlCall, VendorCall
from bot.ports.diagnostics import PlannedCheck
from bot.runbook import classify_steps, parse_runbook
from bot.runbook.inferred_checks import ResourceNames, infer_checks
from diagnostics.engine.planner import plan_checks
from diagnostics.engine.router import LazyDiagnostics
from tests.scenarios.test_evidence import Monitored

RUNBOOK = classify_steps(
    parse_runbook((Path(__file__).parents[3] / "templates" / "runbook.md").read_text(encoding="utf-8"))
)
NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
SET = {
    "PGHOST": "db.internal",
    "PGUSER": "reader",
    "PGDATABASE": "app",
    "REDIS_HOST": "cache",
    "REDIS_PASSWORD": "w",
}


def planned(
    asked: DiagnosticRunRequest, values: dict[str, str] | None = None, systems: LazyDiagnostics | None = None
) -> list[PlannedCheck]:
    known = SET if values is None else values
    return plan_checks(
        asked, RUNBOOK, systems or Monitored().systems, known.get, NOW, NOW - timedelta(minutes=5)
    )


def whole(playbook: str) -> DiagnosticRunRequest:
    return DiagnosticRunRequest(1, 1, WHOLE, playbook, "")


def actions(steps: list[PlannedCheck]) -> dict[str, Action]:
    return {step.result.title: step.question.action for step in steps if step.question}


def test_each_playbook_of_the_users_runbook_asks_what_its_steps_symptoms_and_links_stand_for() -> None:
    asked = {
        playbook.id: [each.result.runs for each in planned(whole(playbook.id))]
        for playbook in RUNBOOK.playbooks
    }
    assert asked == {
        "api-completely-down": [
            "health.check", "load_balancer.traffic", "ecs.describe_services", "ecs.describe_services",
            "logs.filter_log_events", "postgres.query", "postgres.query", "cloudwatch.get_metric_statistics",
        ],
        "database-unavailable": [
            "rds.describe_db_clusters", "cloudwatch.get_metric_statistics", "postgres.query", "postgres.preview",
        ],
        "payment-gateway-failing": ["http.get", "logs.filter_log_events", "http.post", "razorpay.payments"],
        "high-error-rate-5": [
            "load_balancer.traffic", "logs.filter_log_events", "sentry.issues", "git.commits", "http.get",
        ],
        "mobile-app-crashes": [
            "play.crash_rate", "crashlytics.crashes", "sentry.issues", "crashlytics.pattern", "git.commits",
        ],
        "slow-api-responses": ["logs.start_query", "postgres.query", "redis.info", "ecs.utilisation"],
    }  # fmt: skip


def test_dates_are_those_of_now_and_variables_those_of_the_environment() -> None:
    down = actions(planned(whole("api-completely-down")))
    logs = down["Check CloudWatch logs for errors"].call
    assert isinstance(logs, AwsCall)
    assert logs.parameters["startTime"] == int((NOW - timedelta(minutes=10)).timestamp() * 1000)
    metrics = down["Check ECS task metrics"].call
    assert isinstance(metrics, AwsCall)
    assert {"Name": "ClusterName", "Value": "rodistaa-production"} in metrics.parameters["Dimensions"]  # type: ignore[operator]
    sql = actions(planned(whole("database-unavailable")))["Check active connections"].call
    assert isinstance(sql, SqlCall) and (sql.host, sql.user) == ("db.internal", "reader")


def test_what_lacks_a_variable_is_not_asked_and_says_which() -> None:
    steps = {each.result.title: each for each in planned(whole("slow-api-responses"), {})}
    assert steps["Check Redis performance"].question is None
    assert "REDIS_HOST and REDIS_PASSWORD are not set" in steps["Check Redis performance"].result.headline
    assert steps["Check Redis performance"].result.verdict == "unknown"


def test_the_preview_of_a_kill_offers_nothing_to_type() -> None:
    (step,) = [
        each for each in planned(whole("database-unavailable")) if each.result.runs == "postgres.preview"
    ]
    assert step.question is not None and step.question.command == ""


@pytest.mark.parametrize(("by", "runs"), [("", False), ("U0ANA", True)])
def test_a_probe_runs_by_somebodys_click_on_it_only(by: str, runs: bool) -> None:
    line = next(
        each.result.line for each in planned(whole("payment-gateway-failing")) if each.result.kind == "probe"
    )
    (one,) = planned(DiagnosticRunRequest(1, 1, ONE, "Verify webhook endpoint", by, ("", line)))
    assert (one.question is not None) is runs
    clicked = planned(DiagnosticRunRequest(1, 1, WHOLE, "payment-gateway-failing", "U0ANA"))
    assert [each.question for each in clicked if each.result.kind == "probe"] == [None]


def test_what_asks_all_playbooks_leaves_out_what_is_dear_or_noticed() -> None:
    runs = {each.result.runs for each in planned(DiagnosticRunRequest(1, 1, ALL, "", ""))}
    assert not runs & {"logs.start_query", "http.post", "postgres.preview"}
    assert {"ecs.describe_services", "rds.describe_db_clusters", "razorpay.payments"} <= runs


def test_names_of_places_come_from_other_steps() -> None:
    call = actions(planned(whole("slow-api-responses")))["Check resource utilization"].call
    assert isinstance(call, VendorCall)
    assert call.names == {
        "cluster": "rodistaa-production",
        "service": "rodistaa-backend-prod",
        "db_cluster": "rodistaa-prod",
    }


def test_the_runbooks_limits_go_with_the_questions() -> None:
    told = [str(threshold) for threshold in planned(whole("payment-gateway-failing"))[0].question.thresholds]  # type: ignore[union-attr]
    assert any("success rate < 50%" in each for each in told)


@pytest.mark.parametrize(
    ("link", "runs", "names"),
    [
        ("https://sentry.io/organizations/acme/issues/", "sentry.issues", {"organisation": "acme"}),
        ("https://acme.sentry.io/issues/?project=1", "sentry.issues", {"organisation": "acme"}),
        ("https://us.sentry.io/issues/", "sentry.issues", {}),
        ("https://sentry.acme.example/organizations/acme/issues/", "sentry.issues", {"organisation": "acme"}),
        ("https://dashboard.razorpay.com/app/payments", "razorpay.payments", {}),
        (
            "https://console.firebase.google.com/project/acme-prod/crashlytics",
            "crashlytics.crashes",
            {"project": "acme-prod"},
        ),
        ("https://play.google.com/console/developers/app/vitals", "play.crash_rate", {}),
        (
            "https://grafana.acme.example/d/abc/shop?viewPanel=2",
            "grafana.panel",
            {"uid": "abc", "panel": "2"},
        ),
        ("https://sentry-guides.example/blog", None, {}),
        ("https://wiki.acme.example/d/abc", None, {}),
    ],
)
def test_a_link_stands_for_what_it_shows(link: str, runs: str | None, names: dict[str, str]) -> None:
    text = (
        f"## P1 INCIDENT: SLOW\n\n### Investigation\n\n```bash\n# 1. Check the graphs\n# Visit: {link}\n```\n"
    )
    (playbook,) = classify_steps(parse_runbook(text)).playbooks
    (step,) = playbook.steps()
    asked = [action.call for action in infer_checks(step, ResourceNames())]
    assert [call.what for call in asked if isinstance(call, VendorCall)] == ([runs] if runs else [])
    assert all(isinstance(call, VendorCall) and call.names.items() >= names.items() for call in asked)


def test_a_fault_in_the_planning_of_one_step_is_told_with_an_id_that_the_log_has_and_loses_no_other(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def value_of(name: str) -> str | None:
        if name == "PGHOST":
            raise LookupError(name)
        return SET.get(name)

    steps = plan_checks(whole("database-unavailable"), RUNBOOK, Monitored().systems, value_of, NOW, NOW)
    broken = [step.result for step in steps if step.result.cause == "bug"]
    assert [each.runs for each in broken] == ["postgres.query", "postgres.preview"]
    assert len([step for step in steps if step.question]) == len(steps) - 2
    for each in broken:
        assert each.headline.partition("(error ")[2].split()[0] in caplog.text
