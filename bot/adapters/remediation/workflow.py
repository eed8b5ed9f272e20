"""`github.workflow`: run a workflow of the team's repository, which holds the script and its rights.

GitHub has no idempotency key, so our key goes along as the input `tocsin` where the workflow has one, to be shown in
`run-name`, and the run is found by it. With `return_run_details` the answer names the run.
https://docs.github.com/rest/actions/workflows#create-a-workflow-dispatch-event
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import Any

import httpx

from bot.adapters.remediation.github_calls import (
    ACT_TIMEOUT_S,
    READ_TIMEOUT_S,
    describe_refusal,
    open_github,
    read_json,
    read_text,
)
from bot.adapters.remediation.protocol import Task
from bot.domain.remediation_plan import Change, Plan
from bot.ports.remediation import Observation, Receipt, Refusal

MAX_INPUTS, MAX_RUNS = 25, 100
OUR_INPUT = "tocsin"
NAME = re.compile(r"[\w.-]{1,120}\.ya?ml")
INPUT = re.compile(r"(?P<name>[\w-]{1,100})=(?P<value>.{0,500})")
CLOCKS_APART = timedelta(seconds=30)
DETAILS_UNKNOWN = "return_run_details"


def preview(task: Task) -> Plan | Refusal:
    """What the workflow is, at which commit it would run and with which inputs."""
    name, inputs = task.parameters.get("workflow", ""), _parse_inputs(task)
    if not NAME.fullmatch(name):
        return Refusal(
            "Say which workflow: `/incident fix workflow NAME.yml`, or name it in the runbook's comment."
        )
    if inputs is None or len(inputs) >= MAX_INPUTS:
        return Refusal(f"Inputs are written NAME=VALUE, at most {MAX_INPUTS - 1} of them.")
    if not task.keys.get("github_repository"):
        return Refusal("No repository is named: set GITHUB_REPOSITORY.")
    with open_github(task, "github_token", READ_TIMEOUT_S) as github:
        workflow = read_json(github, f"actions/workflows/{name}")
        if workflow is None:
            return Refusal(f"{task.keys['github_repository']} has no workflow {name}.")
        if workflow.get("state") != "active":
            return Refusal(f"The workflow {name} is {workflow.get('state')}.")
        repository = read_json(github, "") or {}
        branch = str(repository.get("default_branch", "main"))
        file = read_json(github, f"contents/.github/workflows/{name}?ref={branch}")
        text = read_text(github, f"contents/.github/workflows/{name}?ref={branch}")
    if file is None or "workflow_dispatch" not in text:
        return Refusal(
            f"The workflow {name} cannot be started by hand: it has no `workflow_dispatch` on {branch}."
        )
    return _build_plan(task, name, branch, str(file.get("sha", "")), inputs, _list_inputs(text))


def _build_plan(
    task: Task, name: str, branch: str, sha: str, inputs: Mapping[str, str], known: Mapping[str, bool]
) -> Plan | Refusal:
    if unknown := sorted(inputs.keys() - known.keys()):
        return Refusal(
            f"The workflow {name} has no input {', '.join(unknown)}. It has {', '.join(known) or 'none'}."
        )
    if missing := sorted(
        key for key, required in known.items() if required and key not in inputs and key != OUR_INPUT
    ):
        return Refusal(f"The workflow {name} needs {', '.join(missing)}: add NAME=VALUE.")
    repository = str(task.keys["github_repository"])
    said = " ".join(f"{key}={value}" for key, value in inputs.items())
    typed = "".join(f" -f {key}={value}" for key, value in inputs.items())
    unchecked = (
        []
        if OUR_INPUT in known
        else [
            f"Without an input `{OUR_INPUT}` the run is found only by its time, if GitHub's answer is lost."
        ]
    )
    return Plan(
        target=f"github:{repository}/{name}",
        title=f"Run the workflow {name}",
        changes=(
            Change("Workflow", "not running by us", f"{name} at {branch}{f' with {said}' if said else ''}"),
        ),
        meanwhile="What the workflow does; its log says it step by step.",
        affected="Whoever the workflow's script touches.",
        undo="It is not taken back by me: the workflow that undoes it is another one.",
        command=f"gh workflow run {name} --repo {repository} --ref {branch}{typed}",
        unchecked=(*unchecked, "What the script changes: read it at the ref."),
        details=(f"https://github.com/{repository}/blob/{branch}/.github/workflows/{name}",),
        fingerprint={"workflow": f"{name} {sha[:12]}", "branch": branch},
        action={"workflow": name, "ref": branch, "inputs": dict(inputs), "is_keyed": OUR_INPUT in known},
    )


def carry_out(task: Task) -> Receipt:
    """Dispatch once. A server that does not know `return_run_details` has surely done nothing, and is asked without."""
    action = task.action
    inputs = {**action["inputs"], **({OUR_INPUT: task.key} if action["is_keyed"] else {})}
    body = {"ref": action["ref"], "inputs": inputs}
    with open_github(task, "remediation_github_token", ACT_TIMEOUT_S) as github:
        try:
            answer = _dispatch(github, action["workflow"], {**body, DETAILS_UNKNOWN: True})
            if answer.status_code in (400, 422) and DETAILS_UNKNOWN in answer.text:
                answer = _dispatch(github, action["workflow"], body)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            return Receipt(False, "GitHub was not reached.")
        except httpx.HTTPError as error:
            return Receipt(None, f"GitHub was asked, and no answer came ({type(error).__name__}).")
    return _read_receipt(answer)


def _dispatch(github: httpx.Client, workflow: str, body: Mapping[str, Any]) -> httpx.Response:
    return github.post(f"actions/workflows/{workflow}/dispatches", json=dict(body))


def _read_receipt(answer: httpx.Response) -> Receipt:
    if answer.status_code >= 500:
        return Receipt(None, f"GitHub answered {answer.status_code}.")
    if answer.status_code in (401, 403, 404):
        return Receipt(False, f"GitHub denies it ({answer.status_code}): the token needs “Actions: write”.")
    if answer.status_code >= 400:
        return Receipt(False, f"GitHub refuses it ({answer.status_code}): {describe_refusal(answer)}")
    run = answer.json().get("workflow_run_id") if answer.content else None
    return Receipt(True, "GitHub took it.", {"run": str(run)} if run else {})


def observe(task: Task) -> Observation:
    """How the run goes: by its id, else found by our key."""
    with open_github(task, "github_token", READ_TIMEOUT_S) as github:
        known = (task.receipt or {}).get("run")
        run = read_json(github, f"actions/runs/{known}") if known else _find_run(github, task)
    if run is None:
        return Observation((task.receipt or {}).get("answer") == "accepted")
    facts = {"run": str(run["id"]), "link": str(run.get("html_url", ""))}
    if run.get("status") != "completed":
        return Observation(True, sentence=f"The run is {run.get('status')}: {facts['link']}", facts=facts)
    conclusion = str(run.get("conclusion"))
    return Observation(
        True,
        True,
        conclusion == "success",
        conclusion,
        f"The run ended with {conclusion}: {facts['link']}",
        facts,
    )


def _find_run(github: httpx.Client, task: Task) -> Mapping[str, Any] | None:
    """The run that carries our key in its name; where the workflow has no such input, the one that began then."""
    since = datetime.fromisoformat(task.started_at) - CLOCKS_APART
    query = (
        f"event=workflow_dispatch&per_page={MAX_RUNS}&created=>={since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    )
    listed = read_json(github, f"actions/workflows/{task.action['workflow']}/runs?{query}") or {}
    runs: list[Mapping[str, Any]] = list(listed.get("workflow_runs", ()))
    if task.action["is_keyed"]:
        return next((run for run in runs if task.key in str(run.get("display_title", ""))), None)
    return runs[-1] if len(runs) == 1 else None


def _parse_inputs(task: Task) -> dict[str, str] | None:
    found = [INPUT.fullmatch(word) for word in task.parameters.get("inputs", "").split()]
    return {pair["name"]: pair["value"] for pair in found if pair} if all(found) else None


def _list_inputs(text: str) -> dict[str, bool]:
    """The inputs of `workflow_dispatch` in the workflow's text, each with whether it must be given: what is indented
    under `inputs:`."""
    found: dict[str, bool] = {}
    own, last = -1, ""
    for line in _take_block(_take_block(text.splitlines(), DISPATCH), INPUTS):
        depth = _indent(line)
        if own in (-1, depth) and (named := INPUT_NAME.match(line)):
            own, last = depth, named[1]
            found[last] = False
        elif INPUT_REQUIRED.match(line):
            found[last] = True
        elif INPUT_DEFAULT.match(line):
            found[last] = False
    return found


DISPATCH, INPUTS = re.compile(r"\s*workflow_dispatch\s*:"), re.compile(r"\s*inputs:\s*$")
INPUT_NAME = re.compile(r"\s*['\"]?([\w-]+)['\"]?\s*:")
INPUT_REQUIRED, INPUT_DEFAULT = re.compile(r"\s*required\s*:\s*true\b"), re.compile(r"\s*default\s*:")


def _take_block(lines: Sequence[str], head: re.Pattern[str]) -> list[str]:
    """What is indented under the first line that matches, without empty lines and comments."""
    start = next((number for number, line in enumerate(lines) if head.match(line)), None)
    if start is None:
        return []
    told = (line for line in lines[start + 1 :] if line.strip() and not line.lstrip().startswith("#"))
    return list(takewhile(lambda line: _indent(line) > _indent(lines[start]), told))


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
