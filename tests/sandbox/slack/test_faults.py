"""Faults on demand, hooks around an answer, limits, and the log."""

import asyncio
import sys

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import (
    Fault,
    Slack,
    make_delay,
    make_drop,
    make_garbage,
    make_hang,
    make_huge_answer,
    make_rate_limit,
    make_refusal,
    make_server_error,
    plan_always,
    plan_by_table,
)
from sandbox.slack.tier_limits import RateLimits
from tests.sandbox.blocks import code


async def post(slack: Slack, client: AsyncWebClient) -> object:
    return await client.chat_postMessage(channel=slack.person("ana").id, text="x")


async def test_a_limit_comes_with_retry_after_and_does_nothing(slack: Slack, client: AsyncWebClient) -> None:
    slack.api.faults = plan_by_table({"chat.postMessage": [make_rate_limit(30)]})
    with pytest.raises(SlackApiError) as caught:
        await post(slack, client)
    assert (caught.value.response.status_code, caught.value.response.headers["Retry-After"]) == (429, "30")
    assert slack.direct_messages("ana") == []
    await post(slack, client)
    assert len(slack.direct_messages("ana")) == 1


@pytest.mark.parametrize(
    ("fault", "done"),
    [
        (make_server_error(), 0),
        (make_server_error(after_work=True), 1),
        (make_drop(), 0),
        (make_drop(after_work=True), 1),
        (make_garbage(), 1),
        (make_refusal("fatal_error"), 0),
    ],
)
async def test_a_fault_strikes_before_or_after_the_work(
    slack: Slack, client: AsyncWebClient, fault: Fault, done: int
) -> None:
    slack.api.faults = plan_by_table({1: fault})
    with pytest.raises((SlackApiError, aiohttp.ClientError)):
        await post(slack, client)
    record = slack.calls[0]
    assert len(slack.direct_messages("ana")) == done
    assert (record.number, record.method, record.fault) == (1, "chat.postMessage", fault)
    assert record.worked is bool(done)
    await slack.wait_for(lambda: record.finished)
    assert record.answered is (fault.kind != "drop")


async def test_an_answer_that_never_comes_is_ended_by_the_callers_patience(
    slack: Slack, client: AsyncWebClient
) -> None:
    slack.api.faults = plan_always(make_hang(after_work=True))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await post(slack, client)
    assert len(slack.direct_messages("ana")) == 1
    assert slack.calls[0].answered is False


async def test_a_huge_answer_and_a_slow_one_are_still_right(slack: Slack, client: AsyncWebClient) -> None:
    slack.api.faults = plan_by_table({1: make_huge_answer(2_000_000), 2: make_delay(0.05)})
    assert len((await client.auth_test())["padding"]) == 2_000_000
    await client.auth_test()
    finished = slack.calls[1].finished
    assert finished is not None
    assert finished - slack.calls[1].started >= 0.05


async def test_latency_is_added_to_every_call(slack: Slack, client: AsyncWebClient) -> None:
    slack.api.latency = lambda number, method: 0.03
    await asyncio.gather(*(client.auth_test() for _ in range(5)))
    assert all((call.finished or 0) - call.started >= 0.03 for call in slack.calls)
    first, last = slack.calls[0].started, max(call.finished or 0 for call in slack.calls)
    assert last - first < 0.1


async def test_hooks_run_after_the_work_and_on_either_side_of_the_answer(
    slack: Slack, client: AsyncWebClient
) -> None:
    seen: list[tuple[str, int, bool, bool]] = []

    async def before(number: int, method: str) -> None:
        seen.append(("before", number, slack.calls[-1].worked, slack.calls[-1].answered))

    async def after(number: int, method: str) -> None:
        seen.append(("after", number, slack.calls[-1].worked, slack.calls[-1].answered))

    slack.api.before_answer, slack.api.after_answer = before, after
    await post(slack, client)
    await slack.wait_for(lambda: len(seen) == 2)
    assert seen == [("before", 1, True, False), ("after", 1, True, True)]


async def test_the_log_has_arguments_answers_and_a_fresh_count(slack: Slack, client: AsyncWebClient) -> None:
    await post(slack, client)
    with pytest.raises(SlackApiError):
        await client.conversations_info(channel="C0NOWHERE")
    posted, looked = slack.calls
    assert posted.args["text"] == "x"
    assert "token" not in posted.args
    assert posted.answer is not None
    assert posted.answer["ok"] is True
    assert (looked.number, looked.error, looked.worked) == (2, "channel_not_found", False)
    slack.calls.clear()
    await client.auth_test()
    assert [call.number for call in slack.calls] == [1]


async def test_rate_limits_count_by_method_and_refill_with_time(slack: Slack, client: AsyncWebClient) -> None:
    slack.api.limits = RateLimits(per_minute={"auth.test": 2})
    await client.auth_test()
    await client.auth_test()
    with pytest.raises(SlackApiError) as caught:
        await client.auth_test()
    assert code(caught.value) == "ratelimited"
    assert caught.value.response.headers["Retry-After"] == "30"
    await client.api_test()
    slack.workspace.clocks.advance(30)
    await client.auth_test()


async def test_one_channel_takes_about_one_message_a_second(slack: Slack, client: AsyncWebClient) -> None:
    slack.api.limits = RateLimits()
    for _ in range(5):
        await post(slack, client)
    with pytest.raises(SlackApiError) as caught:
        await post(slack, client)
    assert caught.value.response.headers["Retry-After"] == "1"
    await client.chat_postMessage(channel=slack.person("bruno").id, text="x")


async def test_slack_can_be_away_and_come_back_with_its_state(slack: Slack, client: AsyncWebClient) -> None:
    await post(slack, client)
    await slack.go_away()
    with pytest.raises(aiohttp.ClientConnectorError):
        await post(slack, client)
    await slack.come_back()
    await post(slack, client)
    assert len(slack.direct_messages("ana")) == 2


async def test_the_stand_in_serves_this_machine_only() -> None:
    for host in ("0.0.0.0", "::", "10.0.0.7"):
        with pytest.raises(ValueError, match="loopback"):
            await Slack.start(host=host)


async def test_waiting_wakes_at_a_change_and_gives_up_in_time(slack: Slack, client: AsyncWebClient) -> None:
    waiting = asyncio.create_task(slack.wait_for(lambda: slack.direct_messages("ana")))
    await post(slack, client)
    assert [each.text for each in await waiting] == ["x"]
    with pytest.raises(TimeoutError, match="a second message"):
        await slack.wait_for(lambda: len(slack.direct_messages("ana")) == 2, 0.01, "a second message")


async def test_a_body_that_is_no_json_is_refused_and_a_taken_port_is_an_error(slack: Slack) -> None:
    headers = {"Authorization": f"Bearer {slack.bot_token}", "Content-Type": "application/json"}
    async with aiohttp.ClientSession() as session:
        for body, code in ((b"{", "invalid_json"), (b"[]", "json_not_object"), (b"", "channel_not_found")):
            async with session.post(
                f"{slack.api_url}chat.postMessage", data=body, headers=headers
            ) as response:
                assert (await response.json())["error"] == code
    with pytest.raises(OSError, match="address already in use"):
        await Slack.start(port=slack.port)


CALLER = """
import sys, urllib.request
form = f"channel={sys.argv[3]}&text=x".encode()
token = {"Authorization": "Bearer " + sys.argv[2]}
ask = urllib.request.Request(sys.argv[1] + "chat.postMessage", form, token)
urllib.request.urlopen(ask).read()
sys.stdin.read()
"""


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_caller_killed_around_the_answer_has_had_its_work_done(slack: Slack, when: str) -> None:
    ana = slack.person("ana").id
    caller = await asyncio.create_subprocess_exec(
        sys.executable, "-c", CALLER, slack.api_url, slack.bot_token, ana, stdin=asyncio.subprocess.PIPE
    )

    async def kill(number: int, method: str) -> None:
        caller.kill()
        await caller.wait()

    if when == "before":
        slack.api.before_answer = kill
    else:
        slack.api.after_answer = kill
    await slack.wait_for(lambda: slack.calls.of("chat.postMessage") and slack.calls[0].finished)
    assert await caller.wait() == -9
    assert len(slack.direct_messages("ana")) == 1
    assert (slack.calls[0].worked, slack.calls[0].answered) == (True, when == "after")
