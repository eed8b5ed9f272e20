"""A step with commands inside of its own: these are asked first, by the systems themselves; then it is read again."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web
from pydantic import SecretStr

from bot.domain.diagnostic_run import WHOLE, DiagnosticRunRequest
from bot.domain.finding import Finding, UnknownCause, Verdict
from bot.domain.playbook import StepKind
from bot.runbook import classify_step, classify_steps, parse_runbook
from bot.settings import Settings
from bot.settings.setting_lookup import find_monitored_value
from diagnostics.engine.configuration_check import build_missing_check
from diagnostics.engine.executor import InProcessExecutor
from diagnostics.engine.registry import build_registry
from diagnostics.engine.router import LazyDiagnostics
from diagnostics.engine.runner import Runner
from sandbox.monitored_systems.kubernetes import KubernetesCluster, build_pod, write_kubeconfig
from tests.diagnostics.answering_aws import AnsweringAws, answer, error

NOW = datetime.now(UTC).replace(microsecond=0)
TASK = "aws ecs list-tasks --cluster shop --query 'taskArns[0]' --output text"
STOPPED = f"aws ecs describe-tasks --cluster shop --tasks $({TASK})"
POD = "kubectl get pods -l app=web -o jsonpath='{.items[0].metadata.name}'"
ARN = "arn:aws:ecs:eu-west-1:123456789012:task/shop/1f2e3d"


@asynccontextmanager
async def executing(
    tmp_path: Path, cluster: KubernetesCluster | None = None
) -> AsyncIterator[InProcessExecutor]:
    app = web.Application()
    app.add_routes((cluster or KubernetesCluster()).build_routes())
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    (tmp_path / "kubeconfig").write_text(write_kubeconfig(f"http://{host}:{port}"))
    secrets = {"SLACK_BOT_TOKEN": SecretStr("xoxb-1"), "SLACK_SIGNING_SECRET": SecretStr("x")}
    told = Settings(**secrets, KUBECONFIG=tmp_path / "kubeconfig")  # type: ignore[arg-type]
    systems = LazyDiagnostics(build_missing_check(told), lambda: build_registry(told))
    made = InProcessExecutor(Runner(lambda: datetime.now(UTC)), systems, find_monitored_value)
    try:
        yield made
    finally:
        await made.aclose()
        await runner.cleanup()


async def look(made: InProcessExecutor, command: str, kind: StepKind = StepKind.DIAGNOSTIC) -> Finding:
    """The finding of a runbook's only step."""
    runbook = classify_steps(
        parse_runbook(f"# R\n\n## P0 INCIDENT: DOWN\n\n### Diagnosis\n\n```bash\n# A step\n{command}\n```\n")
    )
    [playbook] = runbook.playbooks
    [step] = playbook.steps()
    assert classify_step(step).kind is kind, classify_step(step).why
    [planned] = await made.plan(
        DiagnosticRunRequest(1, 1, WHOLE, playbook.id, ""), runbook, NOW, NOW - timedelta(minutes=5)
    )
    assert planned.question is not None, planned.result
    found: list[Finding] = []

    async def hear(place: int, finding: Finding) -> None:
        found.append(finding)

    await made.ask([planned.question], hear)
    [finding] = found
    return finding


@pytest.fixture
async def aws(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[AnsweringAws]:
    for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY"):
        monkeypatch.setenv(f"AWS_{name}", "testing")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    async with AnsweringAws().served() as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.address)
        yield server


async def test_the_answer_of_the_inner_command_is_the_argument_of_the_outer_one(
    aws: AnsweringAws, tmp_path: Path
) -> None:
    aws.say(answer(taskArns=[ARN, "another"]), answer(tasks=[{"taskArn": ARN, "lastStatus": "STOPPED"}]))
    async with executing(tmp_path) as made:
        found = await look(made, STOPPED)
    assert [operation for operation, _ in aws.asked] == ["ListTasks", "DescribeTasks"]
    assert f'"tasks": ["{ARN}"]'.encode() in aws.asked[1][1]
    assert found.headline.startswith("describe-tasks gave 1 row")
    assert f"# $({TASK}) is {ARN}" in found.command


@pytest.mark.parametrize(
    ("arns", "shown"),
    [
        ([], "gave “None”"),
        (["--cluster=other"], "“--cluster=other”"),
        (["a b"], "“a b”"),
        (["x; rm -rf /"], "“x; rm -rf /”"),
        (["x" * 300], "xxx"),
    ],
)
async def test_what_is_no_plain_argument_is_shown_and_the_step_is_left_to_a_person(
    aws: AnsweringAws, tmp_path: Path, arns: list[str], shown: str
) -> None:
    aws.say(answer(taskArns=arns))
    async with executing(tmp_path) as made:
        found = await look(made, STOPPED)
    if not arns:  # the real program prints None, which is a word like any other
        assert [operation for operation, _ in aws.asked] == ["ListTasks", "DescribeTasks"]
        return
    assert [operation for operation, _ in aws.asked] == ["ListTasks"]
    assert (found.verdict, found.cause) == (Verdict.UNKNOWN, UnknownCause.NOT_UNDERSTOOD)
    assert shown in found.headline and "not exactly one plain argument" in found.headline
    assert found.next_look == "Run it yourself."


async def test_an_inner_command_that_fails_says_which_and_why(aws: AnsweringAws, tmp_path: Path) -> None:
    aws.say(error("AccessDeniedException", "not authorized to perform: ecs:ListTasks"))
    async with executing(tmp_path) as made:
        found = await look(made, STOPPED)
    assert (found.verdict, found.cause) == (Verdict.UNKNOWN, UnknownCause.FORBIDDEN)
    assert found.headline.startswith(f"$({TASK}): ")
    assert {operation for operation, _ in aws.asked} == {"ListTasks"}


async def test_what_makes_of_the_command_something_else_is_not_run(aws: AnsweringAws, tmp_path: Path) -> None:
    aws.say(answer(taskArns=["deploy/api"]))
    async with executing(tmp_path) as made:
        found = await look(made, f"kubectl logs $({TASK})")
    assert (found.verdict, found.cause) == (Verdict.UNKNOWN, UnknownCause.NOT_UNDERSTOOD)
    assert "no diagnostic any more" in found.headline and "deploy/api" in found.headline


@pytest.mark.parametrize(
    ("inner", "came"), [(POD, "web-7d9"), ("kubectl get pods -l app=web -o name | head -1", "pod/web-7d9")]
)
async def test_a_pod_is_found_by_its_labels_and_then_read(inner: str, came: str, tmp_path: Path) -> None:
    cluster = KubernetesCluster(clock=lambda: NOW)
    cluster.objects["pods"] = [build_pod("web-7d9", NOW - timedelta(days=1))]
    cluster.logs["web-7d9", "web"] = [(NOW - timedelta(minutes=2), "ERROR the pool is exhausted")]
    async with executing(tmp_path, cluster) as made:
        found = await look(made, f"kubectl logs $({inner}) --since=10m")
    assert "the pool is exhausted" in repr(found)
    assert found.command.endswith(f"# $({inner}) is {came}")


async def test_no_such_pod_is_no_argument(tmp_path: Path) -> None:
    async with executing(tmp_path) as made:
        found = await look(made, f"kubectl logs $({POD})")
    assert found.headline == f"$({POD}) gave nothing, which is not exactly one plain argument."
