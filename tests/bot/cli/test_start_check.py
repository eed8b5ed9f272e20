"""What looks like a mistake in the settings is said at the start."""

import logging
from pathlib import Path

import pytest

from bot.cli.start_check import load_settings
from bot.errors import SettingsProblem

SECRET = "0123456789abcdef0123456789abcdef"


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "PAGERDUTY_API_KEY",
        "PAGERDUTY_FROM",
        "PAGERDUTY_SERVICE",
        "TOCSIN_CONTACTS",
        "TOCSIN_DATABASE_URL",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TOCSIN_SECRETS_DIR", "/nowhere")
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    monkeypatch.setenv("SLACK_SIGNING_SECRET", SECRET)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, []),
        ({"SLACK_SIGNING_SECRET": "bar"}, ["SLACK_SIGNING_SECRET does not look like one"]),
        (
            {"PAGERDUTY_API_KEY": "u+1"},
            ["PAGERDUTY_API_KEY is set without PAGERDUTY_FROM and PAGERDUTY_SERVICE"],
        ),
        (
            {"PAGERDUTY_API_KEY": "u+1", "PAGERDUTY_FROM": "a@b.co"},
            ["PAGERDUTY_API_KEY is set without PAGERDUTY_SERVICE"],
        ),
        ({"PAGERDUTY_API_KEY": "u+1", "PAGERDUTY_FROM": "a@b.co", "PAGERDUTY_SERVICE": "PABC123"}, []),
        (
            {"TOCSIN_HEARTBEAT_URL": "nope", "GRAFANA_URL": "http://["},
            ["TOCSIN_HEARTBEAT_URL is no address: write https://HOST"],
        ),
        (
            {"STATUSPAGE_API_KEY": "u+1", "INCIDENT_IO_STATUS_PAGE_ID": "01FCNDV6P870EA6S7TK1DSYDG0"},
            [
                "STATUSPAGE_API_KEY and STATUSPAGE_PAGE_ID need each other",
                "INCIDENT_IO_API_KEY and INCIDENT_IO_STATUS_PAGE_ID need each other",
            ],
        ),
        ({"PROMETHEUS_URL": "prometheus:9090"}, ["PROMETHEUS_URL is no address: write https://HOST"]),
        (
            {"TOCSIN_MONITORED_DATABASE_URL": "mysql://u+1@h/d"},
            ["TOCSIN_MONITORED_DATABASE_URL is an address of another kind of database. Write postgresql://"],
        ),
        ({"TOCSIN_MONITORED_DATABASE_URL": "host=h user=u dbname=d"}, []),
    ],
)
def test_what_looks_like_a_mistake_is_said(
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    settings: dict[str, str],
    words: list[str],
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    with caplog.at_level(logging.WARNING):
        load_settings()
    assert len(caplog.messages) == len(words)
    for message, expected in zip(caplog.messages, words, strict=True):
        assert expected in message
        assert "bar" not in message
        assert "u+1" not in message


def test_a_runbook_alone_is_no_reason_to_stop(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TOCSIN_RUNBOOK", str(tmp_path / "none.md"))
    assert load_settings().runbook == tmp_path / "none.md"
    monkeypatch.setenv("TOCSIN_DATABASE_URL", "mysql://x")
    with pytest.raises(SettingsProblem) as wrong:
        load_settings()
    assert [problem.split()[0] for problem in wrong.value.problems] == [
        "TOCSIN_DATABASE_URL",
        "TOCSIN_RUNBOOK:",
    ]


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("TOCSIN_REVIEW_PRIVATE", "maybe", "must be yes or no."),
        ("TOCSIN_TRACKER_PRIVATE", "maybe", "must be yes or no."),
        ("TOCSIN_STATUS_APPROVAL", "7", "must be 2 at most."),
        ("TOCSIN_SCALE_CAP", "0", "must be 1 or more."),
        ("TOCSIN_SCALE_CAP", "many", "must be a whole number."),
        ("TOCSIN_KEEP_MONTHS", "1.5", "must be a whole number."),
    ],
)
def test_a_value_of_another_kind_is_said_in_our_words(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, sentence: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsProblem) as wrong:
        load_settings()
    assert wrong.value.problems == (f"{name} {sentence}",)
