"""The settings that choose how Slack reaches the bot."""

from pathlib import Path

import pytest

from bot.errors import SettingsProblem
from bot.settings import Settings, list_setting_names, read_settings
from bot.settings.setting_lookup import find_setting, list_open_secrets


def given(monkeypatch: pytest.MonkeyPatch, **environment: str) -> None:
    """The environment has these settings and none else."""
    monkeypatch.setenv("TOCSIN_SECRETS_DIR", "/nowhere")
    for name in list_setting_names():
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)


def problems() -> tuple[str, ...]:
    with pytest.raises(SettingsProblem) as problem:
        read_settings()
    return problem.value.problems


def test_without_an_app_level_token_the_signing_secret_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch)
    bot, secret = problems()
    assert bot.startswith("SLACK_BOT_TOKEN is not set. Copy ")
    assert secret.startswith("SLACK_SIGNING_SECRET is not set. Copy ")
    assert secret.endswith("for Socket Mode set SLACK_APP_TOKEN instead.")


def test_with_an_app_level_token_no_signing_secret_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, SLACK_BOT_TOKEN="xoxb-1", SLACK_APP_TOKEN="xapp-1-A1-2-3")
    settings: Settings = read_settings()
    assert settings.slack_app_token is not None
    assert settings.slack_signing_secret is None
    assert "xapp" not in repr(settings)


def test_a_token_of_another_kind_is_the_only_problem_that_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, SLACK_BOT_TOKEN="xoxb-1", SLACK_APP_TOKEN="xoxb-2")
    assert problems() == ("SLACK_APP_TOKEN must be an app-level token: it begins with xapp-.",)


def test_an_empty_app_level_token_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, SLACK_BOT_TOKEN="xoxb-1", SLACK_SIGNING_SECRET="s", SLACK_APP_TOKEN="")
    assert read_settings().slack_app_token is None


def test_any_setting_is_found_by_its_name_in_the_environment_or_the_secrets_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    given(
        monkeypatch, SLACK_BOT_TOKEN="xoxb-1", SLACK_SIGNING_SECRET="s", PAGERDUTY_FROM="a@b.co", CTO_SMS="x"
    )
    monkeypatch.setenv("TOCSIN_SECRETS_DIR", str(tmp_path))
    (tmp_path / "OPS_SMS").write_text("secret\n")
    settings = read_settings()
    found = [
        each for each in ("PAGERDUTY_FROM", "PAGERDUTY_SERVICE", "CTO_SMS", "OPS_SMS") if settings.has(each)
    ]
    assert found == ["PAGERDUTY_FROM", "CTO_SMS", "OPS_SMS"]
    kept = find_setting("OPS_SMS")
    assert kept is not None
    assert kept.get_secret_value() == "secret"
    assert find_setting("../OPS_SMS") is None


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


@pytest.mark.parametrize(
    ("folder", "file", "said"),
    [(0o755, 0o644, ["SLACK_BOT_TOKEN"]), (0o755, 0o604, ["SLACK_BOT_TOKEN"]), (0o755, 0o640, []), (0o755, 0o600, []),
     (0o700, 0o644, []), (0o750, 0o644, [])],
)  # fmt: skip
def test_a_secret_that_everybody_may_read_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, folder: int, file: int, said: list[str]
) -> None:
    secret = tmp_path / "SLACK_BOT_TOKEN"
    secret.write_text("xoxb-1")
    secret.chmod(file)
    tmp_path.chmod(folder)
    monkeypatch.setenv("TOCSIN_SECRETS_DIR", str(tmp_path))
    assert list_open_secrets() == said


def test_without_a_secrets_folder_nothing_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TOCSIN_SECRETS_DIR", str(tmp_path / "none"))
    assert list_open_secrets() == []


def test_the_call_is_https_and_can_be_joined(monkeypatch: pytest.MonkeyPatch) -> None:
    for address, why in (
        ("http://zoom.us/j/1", "must be an address that begins with https://."),
        ("https://zoom.us/j/XXXX", "has a gap where a number or a name belongs."),
        ("https://zoom.us/<!channel>", "cannot be used as an address."),
    ):
        given(monkeypatch, SLACK_BOT_TOKEN="xoxb-1", SLACK_SIGNING_SECRET="s", TOCSIN_CALL_URL=address)
        assert problems() == (f"TOCSIN_CALL_URL {why}",)
    given(
        monkeypatch, SLACK_BOT_TOKEN="xoxb-1", SLACK_SIGNING_SECRET="s", TOCSIN_CALL_URL="https://zoom.us/j/1"
    )
    assert read_settings().call_url == "https://zoom.us/j/1"


@pytest.mark.parametrize("given", ["{", "[]", '{"https://a": 1}', "nope"])
def test_addresses_of_another_form_are_told_beside_all_else(
    monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "wrong")
    monkeypatch.setenv("TOCSIN_ADDRESSES", given)
    with pytest.raises(SettingsProblem) as problem:
        read_settings()
    assert any(each.startswith("TOCSIN_ADDRESSES must be JSON like") for each in problem.value.problems)
    assert any(each.startswith("SLACK_BOT_TOKEN must be") for each in problem.value.problems)
