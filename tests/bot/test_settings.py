"""The settings that choose how Slack reaches the bot."""

import pytest

from bot.errors import SettingsProblem
from bot.settings import Settings, load, names


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
