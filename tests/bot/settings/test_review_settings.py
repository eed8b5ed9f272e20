"""Where reviews go: the settings, and what is refused in a sentence."""

import pytest

from bot.adapters.repositories import build_rules, open_repositories
from bot.errors import SettingsProblem
from bot.settings import read_some
from bot.settings.review_settings import ReviewSettings

GIVEN = {
    "TOCSIN_REVIEW_REPOSITORY": "github:acme/operations",
    "TOCSIN_RUNBOOK_REPOSITORY": "gitlab:acme/sre/books:docs/runbook.md",
    "TOCSIN_REVIEW_TOKEN": "a-token-of-its-own",
}


@pytest.fixture(autouse=True)
def _given(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in GIVEN.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("GITHUB_TOKEN", "a-token-of-its-own", "is the token that the diagnostics read with"),
        ("GITLAB_TOKEN", "a-token-of-its-own", "is the token that the diagnostics read with"),
        ("TOCSIN_REVIEW_REPOSITORY", "nowhere", "must be like github:owner/name"),
        ("TOCSIN_REVIEW_REPOSITORY", "github:acme/a/b", "must be like github:owner/name"),
        ("TOCSIN_REVIEW_REPOSITORY", "github:acme/operations:../x", "must be like github:owner/name"),
        ("TOCSIN_REVIEW_REPOSITORY", "github:acme/operations:.git/x", "must be like github:owner/name"),
        (
            "TOCSIN_REVIEW_REPOSITORY",
            "github:acme/operations:docs/review.md",
            "names one file for all reviews",
        ),
        ("TOCSIN_RUNBOOK_REPOSITORY", "github:acme/operations", "must end with the runbook's path"),
        ("GITLAB_HOST", "http://git.corp.example", "would go out unencrypted"),
    ],
)
def test_what_is_wrong_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, why: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsProblem) as problem:
        read_some(ReviewSettings)
    (sentence,) = problem.value.problems
    assert why in sentence and "a-token-of-its-own" not in sentence


@pytest.mark.parametrize(
    ("path", "review", "folder"),
    [
        ("", "docs/incidents/INC-42.md", "docs/incidents"),
        (":logs", "logs/INC-42.md", "logs"),
        (":docs/{year}/inc-{number}.md", "docs/2026/inc-42.md", "docs"),
        (":{number}.md", "42.md", ""),
    ],
)
async def test_a_path_is_a_folder_or_a_pattern(
    monkeypatch: pytest.MonkeyPatch, path: str, review: str, folder: str
) -> None:
    monkeypatch.setenv("TOCSIN_REVIEW_REPOSITORY", f"github:acme/operations{path}")
    settings = read_some(ReviewSettings)
    places = open_repositories(settings)
    assert places.review is not None and places.runbook is not None
    assert (places.review.build_path(42, 2026), places.review.folder) == (review, folder)
    assert (places.runbook.host.title, places.runbook.path) == ("GitLab", "docs/runbook.md")
    assert build_rules(settings).host == "GitHub"
    await places.aclose()


def test_without_a_token_nothing_goes_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TOCSIN_REVIEW_TOKEN")
    settings = read_some(ReviewSettings)
    assert open_repositories(settings).review is None
    assert not build_rules(settings).may_propose(is_private=False, is_drill=False)
