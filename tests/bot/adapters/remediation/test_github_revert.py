"""Taking a merged pull request back by a new one: once, found again by its branch and our key."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.adapters.remediation import github_revert
from bot.adapters.remediation.github_calls import name_graphql
from bot.adapters.remediation.protocol import Task
from bot.domain.remediation_plan import Plan
from bot.ports.remediation import Refusal, RemediationUnavailable
from tests.github_pulls import GitHubPulls, build_pull, serve_pulls

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def github() -> Iterator[GitHubPulls]:
    with serve_pulls() as running:
        running.pulls = [
            build_pull(120, "old-fares", "Round fares", merged=9 * DAY),
            build_pull(123, "new-fares", "Fares come from the new rate table", merged=12 * MINUTE),
            build_pull(124, "map", "Keep the map open"),
        ]
        yield running


def task(github: GitHubPulls, plan: Plan | None = None, **parameters: str) -> Task:
    keys = {
        "github_token": "ghp_read",
        "remediation_github_token": "ghp_act",
        "github_repository": "acme/app",
        "github_api_url": github.address,
    }
    return Task(
        "",
        "github.revert",
        parameters,
        keys,
        dict(plan.action) if plan else {},
        key="tocsin-inc-1-r1",
        started_at=datetime.now(UTC).isoformat(),
        receipt={},
    )


def planned(github: GitHubPulls, **parameters: str) -> Plan:
    found = github_revert.preview(task(github, None, **parameters))
    assert isinstance(found, Plan), found
    return found


def refused(github: GitHubPulls, **parameters: str) -> str:
    found = github_revert.preview(task(github, None, **parameters))
    assert isinstance(found, Refusal), found
    return found.sentence


def test_what_was_merged_last_is_meant_unless_a_number_is_named(github: GitHubPulls) -> None:
    plan = planned(github)
    assert plan.title == "Revert #123: Fares come from the new rate table"
    assert "merged by devika" in plan.changes[0].now and "1 files" in plan.changes[0].now
    assert plan.supports == ("It was merged 12 min ago.",)
    assert plan.affected == "Nobody before it is merged and deployed."
    assert plan.command == "gh pr revert 123 --repo acme/app"
    assert plan.target == "github:acme/app#123"
    assert plan.red_lines == ()
    older = planned(github, number="120")
    assert older.against == ("It was merged 9 days ago: it may not be the cause.",)


def test_migrations_among_its_files_are_a_red_line(github: GitHubPulls) -> None:
    github.files = ["src/fares.py", "db/migrate/20261130_fares.sql"]
    assert "db/migrate/20261130_fares.sql" in planned(github).red_lines[0]


def test_it_is_asked_for_once_and_seen_with_its_link(github: GitHubPulls) -> None:
    plan = planned(github)
    receipt = github_revert.carry_out(task(github, plan))
    assert (receipt.is_accepted, receipt.facts) == (True, {"pull": "125"})
    (sent,) = github.reverted
    assert sent["id"] == "PR_123"
    assert "tocsin-inc-1-r1" in sent["body"]
    seen = github_revert.observe(replace(task(github, plan), receipt=receipt.facts))
    assert (seen.is_settled, seen.has_worked, seen.measure) == (True, True, "#125 is open")
    assert "https://github.com/acme/app/pull/125" in seen.sentence
    assert "#123 has a pull request that reverts it already: #125" in refused(github)
    github.pulls[-1].update(merged_at="2026-11-30T05:00:00Z", state="closed")
    assert "#123 is reverted already: #125" in refused(github, number="123")


def test_a_closed_revert_has_reverted_nothing(github: GitHubPulls) -> None:
    github.pulls.append(build_pull(125, "revert-123-new-fares", "Revert"))
    github.pulls[-1]["state"] = "closed"
    assert planned(github).action["number"] == 123


def test_what_cannot_be_reverted_is_said(github: GitHubPulls) -> None:
    assert "has no pull request #999" in refused(github, number="999")
    assert "#124 is not merged" in refused(github, number="124")
    github.pulls = []
    assert "has no merged pull request" in refused(github)


def test_a_lost_answer_is_found_by_the_branch_and_our_key_and_not_repeated(github: GitHubPulls) -> None:
    plan = planned(github)
    assert github_revert.observe(task(github, plan)).was_done is False
    github.mode = "drops"
    assert github_revert.carry_out(task(github, plan)).is_accepted is None
    assert len(github.reverted) == 1
    assert github_revert.observe(task(github, plan)).was_done is True
    other = replace(task(github, plan), key="tocsin-inc-2-r1")
    assert github_revert.observe(other).was_done is False, "somebody else's revert"


@pytest.mark.parametrize(
    ("mode", "token", "accepted", "words"),
    [
        ("", "another", False, "Pull requests: write"),
        ("conflict", "ghp_act", False, "could not be reverted"),
        ("down", "ghp_act", None, "502"),
    ],
)
def test_what_github_refuses_is_told_and_a_fault_of_theirs_is_unknown(
    github: GitHubPulls, mode: str, token: str, accepted: bool | None, words: str
) -> None:
    plan = planned(github)
    github.mode, github.token = mode, token
    receipt = github_revert.carry_out(task(github, plan))
    assert receipt.is_accepted is accepted
    assert words in receipt.sentence
    assert github.reverted == []


def test_a_github_that_is_away_is_said(github: GitHubPulls) -> None:
    asked = task(github)
    with pytest.raises(RemediationUnavailable, match="did not answer"):
        github_revert.preview(replace(asked, keys={**asked.keys, "github_api_url": "http://127.0.0.1:9"}))


@pytest.mark.parametrize(
    ("address", "graphql"),
    [
        ("https://api.github.com", "https://api.github.com/graphql"),
        ("https://git.example/api/v3", "https://git.example/api/graphql"),
    ],
)
def test_an_enterprise_server_has_graphql_elsewhere(github: GitHubPulls, address: str, graphql: str) -> None:
    asked = task(github)
    assert name_graphql(replace(asked, keys={**asked.keys, "github_api_url": address})) == graphql
