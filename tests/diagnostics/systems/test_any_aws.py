"""What no rule judges is shown as the command shows it, without secrets, and is never well."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.command_parsers import classify_command
from bot.domain.check_request import CheckRequest
from bot.domain.finding import Finding, Inconclusive, UnknownCause
from bot.domain.playbook import Action, AwsCall, Filter
from diagnostics.clients.aws import AwsClients
from diagnostics.systems.any_aws import AnyAws, build_snapshot, interpret
from tests.diagnostics.answering_aws import AnsweringAws, answer

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
HEALTH: dict[str, Any] = {
    "TargetHealthDescriptions": [
        {"Target": {"Id": f"10.0.0.{number}"}, "TargetHealth": {"State": state}}
        for number, state in enumerate(("healthy", "unhealthy", "unhealthy"))
    ],
    "ResponseMetadata": {"HTTPStatusCode": 200},
}
STATES = "TargetHealthDescriptions[].[Target.Id,TargetHealth.State]"


def call(query: str | None = None, output: str | None = None) -> AwsCall:
    return AwsCall("elbv2", "DescribeTargetHealth", {"TargetGroupArn": "x"}, query=query, output=output)


def asked(query: str | None = None, *filters: Filter, output: str | None = None) -> CheckRequest:
    action = Action("elbv2.describe_target_health", call(query, output), filters)
    return CheckRequest("Targets", action, NOW)


def found(given: Any, question: CheckRequest) -> Finding:
    assert isinstance(question.action.call, AwsCall)
    return interpret(build_snapshot(question.action.call, given, question.action.filters), question)


GREP = Filter("grep", ("-c", "unhealthy"))
ROWS: list[tuple[str, Any, CheckRequest, UnknownCause, str, str]] = [
    ("rows", HEALTH, asked(), UnknownCause.NO_RULE, "describe-target-health gave 3 rows; there is no rule for this.",
     "3 rows"),
    ("a query", HEALTH, asked(STATES), UnknownCause.NO_RULE, "gave 3 rows; there is no rule", "3 rows"),
    ("one value", HEALTH, asked("length(TargetHealthDescriptions)"), UnknownCause.NO_RULE, "gave a value;", "a value"),
    ("values", HEALTH, asked("TargetHealthDescriptions[].Target.Id"), UnknownCause.NO_RULE, "gave 3 values;",
     "3 values"),
    ("a filter", HEALTH, asked(None, GREP), UnknownCause.NO_RULE, "gave 1 line; there is no rule", "1 line"),
    ("nothing", {"TargetHealthDescriptions": []}, asked(), UnknownCause.NO_DATA,
     "describe-target-health gave nothing.", "nothing"),
    ("nothing at all", {}, asked(), UnknownCause.NO_DATA, "gave nothing.", "nothing"),
    ("a query that finds nothing", HEALTH, asked("Gone"), UnknownCause.NO_DATA,
     "that its query or filters let through", "nothing"),
    ("a filter that lets nothing through", HEALTH, asked(None, Filter("grep", ("draining",))), UnknownCause.NO_DATA,
     "gave nothing that its query or filters let through.", "nothing"),
    ("more than was read", {**HEALTH, "Truncated": True}, asked(), UnknownCause.NO_RULE,
     "gave 3 rows, and there is more; there", "3"),
    ("a filter that gives up", HEALTH, asked(STATES, Filter("jq", (".[",)), output="text"), UnknownCause.NOT_UNDERSTOOD,
     "describe-target-health answered, but jq gave up", ""),
    ("a zero", {"Count": 0}, asked("Count"), UnknownCause.NO_RULE, "gave a value", "a value"),
    ("a false", {"On": False}, asked("On"), UnknownCause.NO_RULE, "gave a value", "a value"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("what", "given", "question", "cause", "said", "measure"), ROWS, ids=[row[0] for row in ROWS]
)
def test_a_step_without_a_rule(
    what: str, given: Any, question: CheckRequest, cause: UnknownCause, said: str, measure: str
) -> None:
    finding = found(given, question)
    assert (finding.verdict, finding.cause, said in finding.headline) == ("unknown", cause, True), (
        finding.headline
    )
    assert finding.measure.startswith(measure)


def test_rows_are_a_table_and_all_else_is_a_text() -> None:
    rows = found(HEALTH, asked(STATES)).table
    assert rows is not None
    assert rows.rows == (("10.0.0.0", "healthy"), ("10.0.0.1", "unhealthy"), ("10.0.0.2", "unhealthy"))
    one = found(HEALTH, asked("TargetHealthDescriptions[0].TargetHealth"))
    assert (one.table is not None, one.text) == (True, "")
    ids = found(HEALTH, asked("TargetHealthDescriptions[].Target.Id"))
    assert (ids.table, ids.text) == (None, '[\n  "10.0.0.0",\n  "10.0.0.1",\n  "10.0.0.2"\n]')


@pytest.mark.parametrize(
    ("query", "output", "filters", "text"),
    [
        (None, None, (GREP,), "2"),
        (STATES, "text", (GREP,), "2"),
        (STATES, "text", (Filter("head", ("-n", "1")),), "10.0.0.0\thealthy"),
        ("TargetHealthDescriptions[].Target.Id", "text", (Filter("wc", ("-l",)),), "1"),
        ("length(TargetHealthDescriptions)", "text", (Filter("grep", ("3",)),), "3"),
        (None, None, (Filter("jq", ("-r", ".TargetHealthDescriptions[].Target.Id")), Filter("tail", ("-1",))),
         "10.0.0.2"),
    ],
)  # fmt: skip
def test_filters_read_what_the_cli_would_print(
    query: str | None, output: str | None, filters: tuple[Filter, ...], text: str
) -> None:
    assert found(HEALTH, asked(query, *filters, output=output)).text.strip() == text


@pytest.mark.parametrize(
    ("question", "said"),
    [
        (asked("length(Gone)"), "--query cannot be applied"),
        (asked("sort_by(TargetHealthDescriptions, &Target)"), "--query cannot be applied"),
        (asked(None, GREP, output="table"), "--output table"),
        (asked(None, GREP, output="text"), "--output text"),
    ],
)
def test_what_cannot_be_applied_is_not_understood(question: CheckRequest, said: str) -> None:
    with pytest.raises(Inconclusive) as caught:
        found(HEALTH, question)
    assert (caught.value.cause, said in caught.value.said) == (UnknownCause.NOT_UNDERSTOOD, True), (
        caught.value.said
    )


def test_instants_are_sorted_as_the_cli_sorts_them() -> None:
    given = {"Things": [{"At": NOW.replace(day=day)} for day in (9, 3)]}
    assert "2026-11-03T03:00:00+00:00" in found(given, asked("sort_by(Things, &At)[0].At")).text


SECRETS: list[dict[str, Any]] = [
    {"Environment": {"Variables": {"HARMLESS_NAME": "hunter2"}}},
    {"Containers": [{"environment": [{"name": "HARMLESS", "value": "hunter2"}]}]},
    {"Parameters": [{"ParameterKey": "DbPassword", "ParameterValue": "hunter2"}]},
    {"Outputs": [{"OutputKey": "ApiToken", "OutputValue": "hunter2"}]},
    {"OptionSettings": [{"OptionName": "DB_PASSWORD", "Value": "hunter2"}]},
    {"Settings": [{"Name": "DB_PASSWORD", "Value": "hunter2"}]},
    {"Tags": [{"Key": "api-token", "Value": "hunter2"}]},
    {"UserData": {"Value": "aHVudGVyMg== hunter2"}},
    {"Url": "postgres://app:hunter2@db/app"},
    {"MasterUserPassword": "hunter2"},
    {"Blob": b"hunter2"},
]  # fmt: skip


@pytest.mark.parametrize("given", SECRETS, ids=[next(iter(secret)) for secret in SECRETS])
def test_no_secret_comes_through(given: dict[str, Any]) -> None:
    for question in (asked(), asked("*"), asked(None, Filter("grep", ("-n", ".")))):
        assert "hunter2" not in str(found(given, question))


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[AnsweringAws]:
    for name, value in (
        ("AWS_ACCESS_KEY_ID", "x"),
        ("AWS_SECRET_ACCESS_KEY", "x"),
        ("AWS_DEFAULT_REGION", "eu-west-1"),
    ):
        monkeypatch.setenv(name, value)
    async with AnsweringAws().served() as running:
        monkeypatch.setenv("AWS_ENDPOINT_URL", running.address)
        yield running


async def look(command: str, seconds: float = 10) -> Finding:
    aws = AwsClients()
    try:
        (action,) = classify_command(command).actions
        question = CheckRequest("Check", action, NOW, command=command)
        return await AnyAws(aws).run(question, asyncio.get_running_loop().time() + seconds)
    finally:
        aws.close()


async def test_a_command_is_asked_and_shown(server: AnsweringAws) -> None:
    server.say(answer(taskArns=["a/1", "a/2"], nextToken="more"), answer(taskArns=["a/3"]))
    seen = await look("aws ecs list-tasks --cluster production --query 'length(taskArns)' --output text")
    assert (seen.verdict, seen.cause, seen.text) == ("unknown", UnknownCause.NO_RULE, "3")
    seen = await look("aws ecs list-tasks --cluster production --max-items 2 --query taskArns")
    assert seen.headline == "list-tasks gave 1 value; there is no rule for this."


async def test_more_than_anybody_reads_is_not_read(server: AnsweringAws) -> None:
    server.replies = lambda _operation, _body: answer(
        taskArns=[f"a/{n}" for n in range(100)], nextToken=f"more {len(server.asked)}"
    )
    seen = await look("aws ecs list-tasks --cluster production")
    assert seen.headline == "list-tasks gave 1000 values, and there is more; there is no rule for this."
    assert len(server.asked) < 13


async def test_what_does_not_only_read_is_not_asked(server: AnsweringAws) -> None:
    for operation in ("UpdateService", "StopTask"):
        change = AwsCall("ecs", operation, {"cluster": "production", "service": "backend", "task": "x"})
        with pytest.raises(Inconclusive) as caught:
            await AnyAws(AwsClients()).run(CheckRequest("x", Action("x", change), NOW), 0)
        assert "Skipped" in caught.value.said
    assert server.asked == []
