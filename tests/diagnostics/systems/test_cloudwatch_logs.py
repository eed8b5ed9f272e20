"""Log groups are read page by page, now and the hour before, as AWS gives them and as it refuses."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.command_parsers import ParseContext, classify_command
from bot.domain.check_request import CheckRequest
from bot.domain.finding import Finding, Inconclusive, UnknownCause
from bot.domain.playbook import Action, AwsCall, Filter
from diagnostics.clients.aws import AwsClients
from diagnostics.systems.cloudwatch_logs import CloudWatchLogs, RequestThrottle
from sandbox.monitored_systems.names import LOG_GROUP
from tests.diagnostics.answering_aws import AnsweringAws, Reply, answer, error, isolate_aws

NOW = datetime(2026, 11, 24, 3, 10, tzinfo=UTC)
MINUTE = 60_000
ENDS = int(NOW.timestamp() * 1000)
PIPELINE = r"""aws logs tail /aws/rodistaa/production/backend --since 30m --filter-pattern "ERROR" \
  | grep -oP 'Error: \K[^"]+' | sort | uniq -c | sort -rn | head -10"""


@pytest.fixture(autouse=True)
def _only_these_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    isolate_aws(monkeypatch, tmp_path)


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[AnsweringAws]:
    async with AnsweringAws().served() as running:
        monkeypatch.setenv("AWS_ENDPOINT_URL", running.address)
        yield running


@pytest.fixture
async def aws() -> AsyncIterator[AwsClients]:
    made = AwsClients()
    yield made
    made.close()


def question(
    pattern: str | None = "ERROR", now: datetime = NOW, minutes: int = 10, filters: tuple[Filter, ...] = ()
) -> CheckRequest:
    parameters: dict[str, object] = {
        "logGroupName": LOG_GROUP,
        "interleaved": True,
        "startTime": int((now - timedelta(minutes=minutes)).timestamp() * 1000),
    }
    if pattern is not None:
        parameters["filterPattern"] = pattern
    call = AwsCall("logs", "FilterLogEvents", parameters, pages=True)
    return CheckRequest("a step", Action("logs.filter_log_events", call, filters), now)


def recognised(command: str, now: datetime) -> CheckRequest:
    """As the runbook types it."""
    (action,) = classify_command(command, given=ParseContext(now)).actions
    return CheckRequest("a step", action, now)


async def looked(aws: AwsClients, asked: CheckRequest, seconds: float = 8) -> Finding:
    return await CloudWatchLogs(aws).run(asked, asyncio.get_running_loop().time() + seconds)


Group = list[tuple[int, str]]
"""Lines: minutes before now, and what they say."""


def group(written: Group, pages: Callable[[int], int] = lambda _: 1) -> Callable[[str, bytes], Reply]:
    """A log group of these lines. Each answer to a filter is one line, behind an empty page; `pages(number)` says how
    many lines the page of this number has."""

    def reply(operation: str, body: bytes) -> Reply:
        asked = json.loads(body)
        pattern = asked.get("filterPattern", "")
        fitting = sorted(
            (ENDS - minutes * MINUTE, text)
            for minutes, text in written
            if asked["startTime"] <= ENDS - minutes * MINUTE <= asked["endTime"] and pattern in text
        )
        number = int(asked.get("nextToken", "0"))
        start = sum(pages(each) for each in range(1, number))
        page = fitting[start : start + pages(number)] if number else []
        more = {} if number and start + len(page) >= len(fitting) else {"nextToken": str(number + 1)}
        return answer(events=[{"timestamp": at, "message": text} for at, text in page], **more)

    return reply


async def test_an_empty_page_with_a_token_is_not_the_end(server: AnsweringAws, aws: AwsClients) -> None:
    server.replies = group(
        [*((2, f"ERROR {each}") for each in range(30)), (20, "ERROR before")], lambda _: 40
    )
    found = await looked(aws, question())
    assert (found.verdict, found.measure) == ("bad", "30 in 10 min")
    assert "10 min. 180× the rate of the previous hour" in found.headline


async def test_each_line_is_counted_in_one_time_only(server: AnsweringAws, aws: AwsClients) -> None:
    server.replies = group([(10, "ERROR at the edge"), (2, "ERROR at the inner edge"), (70, "ERROR before")])
    found = await looked(aws, question())
    assert found.measure == "2 in 10 min"
    assert "None in" not in found.headline
    spans = {(each["startTime"], each["endTime"]) for each in (json.loads(body) for _, body in server.asked)}
    ends = sorted(spans)
    assert [end + 1 for _, end in ends] == [*(start for start, _ in ends[1:]), ENDS]


async def test_what_is_written_at_all_decides_when_nothing_matches(
    server: AnsweringAws, aws: AwsClients
) -> None:
    rows: list[tuple[Group, str, str]] = [
        ([(3, "INFO all is well")], "ok", "No line with “ERROR” in 10 min."),
        ([(30, "INFO all was well")], "warn", "in the last 10 min."),
        ([], "warn", "in the last hour."),
        ([(90, "INFO long ago")], "warn", "in the last hour."),
    ]
    for written, verdict, words in rows:
        server.replies = group(written)
        found = await looked(aws, question())
        assert found.verdict == verdict and words in found.headline


async def test_without_a_filter_a_group_without_lines_is_silent(
    server: AnsweringAws, aws: AwsClients
) -> None:
    server.replies = group([])
    assert (await looked(aws, question(None))).measure == "silent"


async def test_what_does_not_come_in_time_is_told_and_never_well(
    server: AnsweringAws, aws: AwsClients
) -> None:
    def reply(operation: str, body: bytes) -> Reply:
        return Reply(hangs=True) if "nextToken" in json.loads(body) else answer(events=[], nextToken="1")

    await aws.warm(["logs"])
    server.replies = reply
    found = await looked(aws, question(), 4)
    assert (found.verdict, found.cause) == ("unknown", UnknownCause.TIMEOUT)
    assert "Nothing could be read" in found.headline


async def test_of_more_lines_than_can_be_read_the_newest_are(server: AnsweringAws, aws: AwsClients) -> None:
    many = [(each % 2 + 1, f"ERROR {each}") for each in range(60_000)]
    server.replies = group([*many, *((8, f"ERROR {each}") for each in range(9))], lambda _: 10_000)
    found = await looked(aws, question(), 60)  # their number is the limit here, not the time
    assert found.verdict == "bad"
    assert found.headline.startswith("At least 50,000 lines") and "Read: 03:08–03:0" in found.headline


@pytest.mark.parametrize(
    ("reply", "cause", "words"),
    [
        (error("ResourceNotFoundException", "The specified log group does not exist."), UnknownCause.NOT_FOUND,
         "log group"),
        (error("AccessDeniedException"), UnknownCause.FORBIDDEN, "logs:FilterLogEvents"),
        (error("ThrottlingException", "Rate exceeded"), UnknownCause.THROTTLED, "asks to wait"),
        (error("ExpiredTokenException"), UnknownCause.FORBIDDEN, "expired"),
        (Reply(b"<html>hello", 200, "text/html"), UnknownCause.NOT_UNDERSTOOD, ""),
        (error("InternalFailure", "", 500), UnknownCause.UNREACHABLE, "500"),
    ],
)  # fmt: skip
async def test_a_refusal_has_its_cause(
    server: AnsweringAws, aws: AwsClients, reply: Reply, cause: UnknownCause, words: str
) -> None:
    server.say(reply)
    with pytest.raises(Inconclusive) as caught:
        await looked(aws, question())
    assert caught.value.cause is cause and words in caught.value.said


async def test_without_a_region_it_is_told_what_to_set(
    aws: AwsClients, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    with pytest.raises(Inconclusive) as caught:
        await looked(aws, question())
    assert caught.value.cause is UnknownCause.NOT_CONFIGURED and "AWS_REGION" in caught.value.said


async def test_hostile_lines_are_shown_cut_on_one_line_and_without_secrets(
    server: AnsweringAws, aws: AwsClients
) -> None:
    server.replies = group(
        [
            (1, "ERROR <!channel> \x1b[31m\x00\x07 token=abcdef123456 \u202e"),
            (1, "ERROR " + "a " * 100_000),
            (1, 'ERROR {"password": "Mango-Lassi-77"}'),
            (1, "ERROR \ud83d half"),
        ],
        lambda _: 9,
    )
    found = await looked(aws, question())
    assert found.table is not None and len(found.table.rows) == 4
    everything = repr(found)
    assert "<!channel>" in found.text and "abcdef123456" not in everything and "Mango" not in everything
    assert not re.search(r"[\x00-\x09\x0b-\x1f\u202e\ud800-\udfff]", found.text)
    assert all(len(line) < 320 for line in found.text.splitlines())


async def test_the_filters_of_the_runbook_are_applied(server: AnsweringAws, aws: AwsClients) -> None:
    server.replies = group(
        [*((2, '{"m":"ERROR Error: it broke"}') for _ in range(3)), (1, '{"m":"ERROR Error: other"}')],
        lambda _: 9,
    )
    found = await looked(aws, recognised(PIPELINE, NOW))
    assert found.text == "3 it broke\n1 other"
    slow = (Filter("grep", ("-P", "(a+)+$")), Filter("sort", ("--unknown",)))
    gave_up = await looked(aws, question(filters=slow))
    assert "gave up" in gave_up.text


async def test_the_link_leads_to_these_lines_in_the_console(server: AnsweringAws, aws: AwsClients) -> None:
    server.replies = group([(1, "x")])
    found = await looked(aws, question('?ERROR "a b"'))
    assert found.link == (
        "https://ap-south-1.console.aws.amazon.com/cloudwatch/home?region=ap-south-1#logsV2:log-groups/log-group/"
        "$252Faws$252Frodistaa$252Fproduction$252Fbackend/log-events"
        "$3FfilterPattern$3D$253FERROR$2520$2522a$2520b$2522"
        f"$26start$3D{ENDS - 10 * MINUTE}$26end$3D{ENDS}"
    )


async def test_a_group_that_is_named_by_its_arn_is_called_by_its_name(
    server: AnsweringAws, aws: AwsClients
) -> None:
    server.replies = group([])
    arn = f"arn:aws:logs:ap-south-1:123456789012:log-group:{LOG_GROUP}:*"
    asked = question(None)
    call = AwsCall("logs", "FilterLogEvents", {"logGroupIdentifier": arn})
    found = await looked(aws, replace(asked, action=Action("logs.filter_log_events", call)))
    assert found.headline == f"Nothing at all was written to {LOG_GROUP} in the last hour."
    assert found.command == f"aws logs filter-log-events --log-group-identifier '{arn}'"


async def test_no_more_than_five_questions_are_asked_in_a_second() -> None:
    loop, turns = asyncio.get_running_loop(), RequestThrottle()
    came: list[float] = []

    async def one() -> None:
        await turns.wait()
        came.append(loop.time())

    began = loop.time()
    await asyncio.gather(*(one() for _ in range(12)))
    assert [round(at - began) for at in came] == [0] * 5 + [1] * 5 + [2] * 2
