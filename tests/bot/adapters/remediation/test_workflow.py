"""Running a workflow: what it needs is said before, it is dispatched once, and its run is found again by our key."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import httpx
import pytest

from bot.adapters.remediation import workflow
from bot.adapters.remediation.github_calls import describe_refusal
from bot.adapters.remediation.protocol import Task
from bot.domain.remediation_plan import Plan
from bot.ports.remediation import Refusal, RemediationUnavailable
from tests.github_workflows import GitHubWorkflows, serve


@pytest.fixture
def github() -> Iterator[GitHubWorkflows]:
    with serve() as running:
        yield running


def task(github: GitHubWorkflows, plan: Plan | None = None, **parameters: str) -> Task:
    keys = {
        "github_token": "ghp_read",
        "remediation_github_token": "ghp_act",
        "github_repository": "acme/app",
        "github_api_url": github.address,
    }
    given = {"workflow": "rollback.yml", "inputs": "service=api", **parameters}
    return Task(
        "",
        "github.workflow",
        given,
        keys,
        dict(plan.action) if plan else {},
        key="tocsin-inc-1-r1",
        started_at=datetime.now(UTC).isoformat(),
        receipt={},
    )


def planned(github: GitHubWorkflows) -> Plan:
    found = workflow.preview(task(github))
    assert isinstance(found, Plan), found
    return found


def test_the_plan_names_the_workflow_its_ref_and_inputs(github: GitHubWorkflows) -> None:
    plan = planned(github)
    assert plan.command == "gh workflow run rollback.yml --repo acme/app --ref main -f service=api"
    assert plan.fingerprint == {"workflow": "rollback.yml abc123def456", "branch": "main"}
    assert plan.action["is_keyed"]


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"workflow": "nothing.yml"}, "has no workflow nothing.yml"),
        ({"workflow": "../../secrets"}, "Say which workflow"),
        ({"inputs": "serivce=api"}, "has no input serivce"),
        ({"inputs": ""}, "needs service"),
        ({"inputs": "what"}, "NAME=VALUE"),
    ],
)
def test_what_cannot_work_is_said_before(
    github: GitHubWorkflows, parameters: dict[str, str], words: str
) -> None:
    found = workflow.preview(task(github, None, **parameters))
    assert isinstance(found, Refusal)
    assert words in found.sentence
    assert github.dispatches == []


def test_a_workflow_that_is_off_or_not_for_hands_is_refused(github: GitHubWorkflows) -> None:
    github.text = "on: push"
    found = workflow.preview(task(github))
    assert isinstance(found, Refusal) and "workflow_dispatch" in found.sentence
    github.state = "disabled_manually"
    found = workflow.preview(task(github))
    assert isinstance(found, Refusal) and "disabled_manually" in found.sentence


def test_it_is_dispatched_once_and_watched_by_its_run(github: GitHubWorkflows) -> None:
    plan = planned(github)
    receipt = workflow.carry_out(task(github, plan))
    assert (receipt.is_accepted, receipt.facts) == (True, {"run": "1000"})
    (sent,) = github.dispatches
    assert sent["inputs"] == {"service": "api", "tocsin": "tocsin-inc-1-r1"}
    asked = replace(task(github, plan), receipt=receipt.facts)
    assert not workflow.observe(asked).is_settled
    github.runs[0].update(status="completed", conclusion="success")
    seen = workflow.observe(asked)
    assert (seen.is_settled, seen.has_worked) == (True, True)


@pytest.mark.parametrize("conclusion", ["failure", "cancelled", "timed_out"])
def test_a_run_that_ends_otherwise_has_not_worked(github: GitHubWorkflows, conclusion: str) -> None:
    plan = planned(github)
    workflow.carry_out(task(github, plan))
    github.runs[0].update(status="completed", conclusion=conclusion)
    seen = workflow.observe(task(github, plan))
    assert (seen.was_done, seen.has_worked) == (True, False)
    assert conclusion in seen.sentence


def test_an_older_server_is_asked_without_what_it_does_not_know_and_runs_it_once(
    github: GitHubWorkflows,
) -> None:
    github.mode = "old"
    plan = planned(github)
    receipt = workflow.carry_out(task(github, plan))
    assert (receipt.is_accepted, receipt.facts) == (True, {})
    assert len(github.dispatches) == 1
    assert workflow.observe(task(github, plan)).facts["run"] == "1000"


def test_a_lost_answer_is_found_by_our_key_and_not_repeated(github: GitHubWorkflows) -> None:
    plan = planned(github)
    assert workflow.observe(task(github, plan)).was_done is False
    github.mode = "drops"
    assert workflow.carry_out(task(github, plan)).is_accepted is None
    assert len(github.dispatches) == 1
    assert workflow.observe(task(github, plan)).was_done is True


def test_a_token_without_the_right_is_named_and_a_fault_of_theirs_is_unknown(github: GitHubWorkflows) -> None:
    plan = planned(github)
    github.token = "another"
    refused = workflow.carry_out(task(github, plan))
    assert (refused.is_accepted, "Actions: write" in refused.sentence) == (False, True)
    github.token, github.mode = "ghp_act", "down"
    assert workflow.carry_out(task(github, plan)).is_accepted is None


def test_what_github_refuses_is_told_in_its_words() -> None:
    answer = httpx.Response(422, json={"message": "Unexpected inputs provided: service."})
    assert describe_refusal(answer) == "Unexpected inputs provided: service."
    assert describe_refusal(httpx.Response(409, text="<html>")) == "<html>."
    assert describe_refusal(httpx.Response(400)) == "no reason is given."


def test_a_github_that_is_away_is_said(github: GitHubWorkflows) -> None:
    asked = task(github)
    with pytest.raises(RemediationUnavailable, match="did not answer"):
        workflow.preview(replace(asked, keys={**asked.keys, "github_api_url": "http://127.0.0.1:9"}))
