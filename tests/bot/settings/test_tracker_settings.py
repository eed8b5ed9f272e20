"""The setting of the tracker: what it names, and what it is refused for in one sentence."""

import pytest

from bot.errors import SettingsProblem
from bot.settings import read_settings
from bot.settings.tracker_settings import TrackerName, parse_tracker
from tests.bot.test_settings import given

WRONG = [
    "linear:ENG",
    "github:acme",
    "github:acme/shop/issues",
    "github:acme/../shop",
    "gitlab:",
    "jira:acme.atlassian.net:OPS",
    "jira:http://acme.atlassian.net:OPS",
    "jira:https://acme.atlassian.net:ops",
    "https://github.com/acme/shop",
    "acme/shop",
]


@pytest.mark.parametrize("value", WRONG)
def test_what_names_no_tracker_is_refused_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    given(monkeypatch, SLACK_BOT_TOKEN="xoxb-1", SLACK_SIGNING_SECRET="s", TOCSIN_TRACKER=value)
    with pytest.raises(SettingsProblem) as problem:
        read_settings()
    (sentence,) = problem.value.problems
    assert sentence.startswith("TOCSIN_TRACKER must be ")


def test_what_names_one_is_taken() -> None:
    assert parse_tracker("github:acme/shop") == TrackerName("github", "acme/shop")
    assert parse_tracker("gitlab:acme/web/shop") == TrackerName("gitlab", "acme/web/shop")
    site = "https://acme.atlassian.net"
    assert parse_tracker(f"jira:{site}:OPS") == TrackerName("jira", "OPS", site)
