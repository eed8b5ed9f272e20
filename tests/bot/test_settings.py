"""The settings that choose how Slack reaches the bot."""

from pathlib import Path

import pytest

from bot.errors import SettingsProblem
from bot.settings import Settings, load, named, names


def given(monkeypatch: pytest.MonkeyPatch, **environment: str) -> None:
    """The environment has these settings and none else."""
    monkeypatch.setenv("TOCSIN_SECRETS_DIR", "/nowhere")
    for name in names():
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)


def problems() -> tuple[str, ...]:
    with pytest.raises(SettingsProblem) as problem:
        load()
    return problem.value.problems


def test_without_an_app_level_token_the_signing_secret_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch)
    bot, secret = problems()
    assert bot.startswith("SLACK_BOT_TOKEN is not set. Copy ")
    assert secret.startswith("SLACK_SIGNING_SECRET is not set. Copy ")
    assert secret.endswith("for Socket Mode set SLACK_APP_TOKEN instead.")


def test_with_an_app_level_token_no_signing_secret_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, SLACK_BOT_TOKEN="xoxb-1", SLACK_APP_TOKEN="xapp-1-A1-2-3")
    settings: Settings = load()
    assert settings.slack_app_token is not None
    assert settings.slack_signing_secret is None
    assert "xapp" not in repr(settings)


def test_a_token_of_another_kind_is_the_only_problem_that_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, SLACK_BOT_TOKEN="xoxb-1", SLACK_APP_TOKEN="xoxb-2")
    assert problems() == ("SLACK_APP_TOKEN must be an app-level token: it begins with xapp-.",)


def test_an_empty_app_level_token_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, SLACK_BOT_TOKEN="xoxb-1", SLACK_SIGNING_SECRET="s", SLACK_APP_TOKEN="")
    assert load().slack_app_token is None


def test_any_setting_is_found_by_its_name_in_the_environment_or_the_secrets_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    given(
        monkeypatch, SLACK_BOT_TOKEN="xoxb-1", SLACK_SIGNING_SECRET="s", PAGERDUTY_FROM="a@b.co", CTO_SMS="x"
    )
    monkeypatch.setenv("TOCSIN_SECRETS_DIR", str(tmp_path))
    (tmp_path / "OPS_SMS").write_text("secret\n")
    settings = load()
    found = [
        each for each in ("PAGERDUTY_FROM", "PAGERDUTY_SERVICE", "CTO_SMS", "OPS_SMS") if settings.has(each)
    ]
    assert found == ["PAGERDUTY_FROM", "CTO_SMS", "OPS_SMS"]
    kept = named("OPS_SMS")
    assert kept is not None
    assert kept.get_secret_value() == "secret"
    assert named("../OPS_SMS") is None


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("PAGERDUTY_API_URL", "http://api.pagerduty.com", "must be an address that begins with https://."),
        (
            "PAGERDUTY_EVENTS_URL",
            "http://localhost.evil.example",
            "must be an address that begins with https://.",
        ),
        (
            "PAGERDUTY_SERVICE",
            "my service",
            "must be a service's id, such as PABC123: the end of its page's address.",
        ),
        ("PAGERDUTY_FROM", "dana", "must be the e-mail address of a PagerDuty user."),
    ],
)
def test_a_wrong_paging_setting_is_said(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, problem: str
) -> None:
    given(monkeypatch, SLACK_BOT_TOKEN="xoxb-1", SLACK_SIGNING_SECRET="s", **{name: value})
    assert problems() == (f"{name} {problem}",)
