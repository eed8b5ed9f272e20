"""PagerDuty's own client against a PagerDuty on this machine: every answer is told apart, nothing is done twice."""

import asyncio
import logging
import re
from datetime import UTC, datetime, timedelta

import pytest

from bot.adapters.paging.rate_limiter import RateLimiter
from bot.contacts import Handle, parse_handle
from bot.domain.page_provider import PageOutcome, PageRequest, describe_last_resort
from bot.ports import MAY_SEND
from handlers.outbox.page_delivery import MAX_RETRY_DELAY
from sandbox.pagerduty.api_server import PagerDutyStandIn
from sandbox.slack import faults
from tests.bot.adapters.paging.conftest import SETTINGS, Opened

KEY = "tocsin:42:PCTO001"
CALL = PageRequest(KEY, "CTO", "P0 INC-42: API is down", "Everything fails.", "https://slack.example/c/1")


def handle(text: str) -> Handle:
    parsed = parse_handle(text)
    assert isinstance(parsed, Handle), parsed
    return parsed


SERVICE = handle(f"pagerduty:service/{SETTINGS['OPS_KEY']}")
BY_SETTING = handle("pagerduty:service/OPS_KEY")
BY_ID = handle("pagerduty:service/PSRV001")
USER = handle("pagerduty:user/PCTO001")
POLICY = handle("pagerduty:policy/PPOL001")
EVERY = pytest.mark.parametrize("to", [SERVICE, BY_SETTING, BY_ID, USER, POLICY], ids=lambda to: to.shown)
BOTH = pytest.mark.parametrize("to", [SERVICE, USER], ids=["events", "rest"])


@EVERY
async def test_a_page_is_accepted_acknowledged_and_resolved_once(
    duty: PagerDutyStandIn, opened: Opened, to: Handle
) -> None:
    pagers = opened()
    for _ in range(2):  # the second attempt is what follows an answer that was lost
        answer = await pagers.page(to, CALL)
        assert answer.outcome is PageOutcome.ACCEPTED, answer
        assert not answer.moves_on
    [incident] = duty.incidents
    assert (incident.key, incident.title, incident.rung) == (KEY, CALL.summary, 1)
    for act, status in ((pagers.acknowledge, "acknowledged"), (pagers.resolve, "resolved")):
        assert (await act(to, KEY)).outcome is PageOutcome.ACCEPTED
        assert incident.status == status
    assert (await pagers.resolve(to, KEY)).outcome is PageOutcome.ACCEPTED


async def test_users_and_policies_are_asked_for_by_the_rest_api_in_the_senders_name(
    duty: PagerDutyStandIn, opened: Opened
) -> None:
    pagers = opened()
    await pagers.page(USER, CALL)
    await pagers.page(POLICY, PageRequest("another", "Everybody", "P1"))
    first, second = duty.incidents
    assert (first.assignee, first.policy, first.service) == ("PCTO001", "", "PSRV001")
    assert (second.assignee, second.policy) == ("", "PPOL001")
    assert duty.calls[0].headers["From"] == "tocsin@team.example"
    assert duty.calls[0].body["incident"]["body"]["details"] == f"{CALL.details}\n{CALL.link}"


async def test_paging_the_sender_is_no_page_and_is_said(duty: PagerDutyStandIn, opened: Opened) -> None:
    answer = await opened(sender="bruno@team.example").page(USER, CALL)
    assert answer.outcome is PageOutcome.REFUSED
    assert answer.sentence == "PagerDuty notified nobody: CTO is the user of PAGERDUTY_FROM."


REFUSED = PageOutcome.REFUSED
UNKNOWN = PageOutcome.UNKNOWN


@BOTH
@pytest.mark.parametrize(
    ("fault", "outcome", "words"),
    [
        (faults.make_refusal("400"), REFUSED, "PagerDuty refused (400: Refused)."),
        (faults.make_refusal("401"), REFUSED, "PagerDuty refused (401: Refused)."),
        (faults.make_refusal("403"), REFUSED, "PagerDuty refused (403: Refused)."),
        (
            faults.make_refusal("302"),
            REFUSED,
            "PagerDuty answered with a redirect (302), which is not followed.",
        ),
        (faults.make_rate_limit(17), REFUSED, "PagerDuty has had too many calls (429)."),
        (faults.make_server_error(), UNKNOWN, "PagerDuty failed (500): the page may have gone out or not."),
        (faults.make_garbage(), UNKNOWN, "PagerDuty's answer was not understood: the page may"),
        (faults.make_drop(after_work=True), UNKNOWN, "PagerDuty did not answer: the page may"),
        (faults.make_huge_answer(), UNKNOWN, "PagerDuty's answer did not end: the page may"),
    ],
    ids=["400", "401", "403", "redirect", "429", "500", "no JSON", "dropped", "huge"],
)
async def test_every_bad_answer_is_told_apart_and_asked_for_once(
    duty: PagerDutyStandIn, opened: Opened, to: Handle, fault: faults.Fault, outcome: PageOutcome, words: str
) -> None:
    duty.faults = faults.plan_by_table({"enqueue": fault, "create": fault})
    answer = await opened().page(to, CALL)
    assert (answer.outcome, answer.moves_on) == (outcome, True)
    assert answer.sentence.startswith(words)
    assert answer.again_after == (timedelta(seconds=17) if fault.kind == "limited" else None)
    asked = [call.name for call in duty.calls]
    assert asked in (["enqueue"], ["create"], ["create", "list"]), asked


@BOTH
async def test_a_hang_is_left_in_time_and_the_loop_goes_on(
    duty: PagerDutyStandIn, opened: Opened, to: Handle
) -> None:
    duty.faults = faults.plan_always(faults.make_hang())
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.01)
            ticks += 1

    ticking = asyncio.create_task(tick())
    answer = await opened(within=0.6).page(to, CALL)
    ticking.cancel()
    assert answer.outcome is UNKNOWN
    assert answer.sentence.startswith("PagerDuty did not answer in time")
    assert ticks > 5


@BOTH
async def test_after_an_answer_that_was_lost_the_same_page_is_not_made_twice(
    duty: PagerDutyStandIn, opened: Opened, to: Handle
) -> None:
    duty.faults = faults.plan_by_table({1: faults.make_drop(after_work=True)})
    pagers = opened()
    first, second = await pagers.page(to, CALL), await pagers.page(to, CALL)
    assert (first.outcome, second.outcome) == (UNKNOWN, PageOutcome.ACCEPTED)
    assert len(duty.incidents) == 1


async def test_what_hangs_takes_few_threads_and_the_others_are_surely_not_asked(
    duty: PagerDutyStandIn, opened: Opened
) -> None:
    duty.faults = faults.plan_always(faults.make_hang())
    pagers = opened(within=0.8)
    answers = await asyncio.gather(
        *(pagers.page(SERVICE, PageRequest(f"key {n}", "CTO", "P0")) for n in range(12))
    )
    outcomes = [answer.outcome for answer in answers]
    assert (outcomes.count(UNKNOWN), outcomes.count(REFUSED)) == (8, 4)
    assert {answer.sentence for answer in answers if answer.outcome is REFUSED} == {
        "PagerDuty was not asked: too many calls are under way."
    }


async def test_without_a_connection_the_page_surely_did_not_go_out(
    opened: Opened, duty: PagerDutyStandIn
) -> None:
    await duty.stop()
    for to in (SERVICE, USER):
        answer = await opened().page(to, CALL)
        assert (answer.outcome, answer.sentence) == (REFUSED, "PagerDuty could not be reached.")
        assert answer.again_after


async def test_a_replica_that_may_no_longer_send_asks_nobody(duty: PagerDutyStandIn, opened: Opened) -> None:
    MAY_SEND.set(lambda: False)
    assert (await opened().page(SERVICE, CALL)).outcome is REFUSED
    assert duty.calls == []


async def test_what_is_missing_is_named_and_nobody_is_asked(duty: PagerDutyStandIn, opened: Opened) -> None:
    pagers = opened(api_key=None, sender="")
    answer = await pagers.page(USER, CALL)
    assert answer.sentence == (
        "PagerDuty was not asked: PAGERDUTY_API_KEY and PAGERDUTY_FROM must be set first."
    )
    assert (await pagers.page(handle("pagerduty:service/OTHER_KEY"), CALL)).outcome is REFUSED
    assert (await pagers.resolve(USER, KEY)).outcome is REFUSED
    assert duty.calls == []


async def test_a_wrong_key_is_refused_with_pagerdutys_reason_and_is_not_repeated(
    duty: PagerDutyStandIn, opened: Opened, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    wrong = "f" * 32
    answer = await opened().page(handle(f"pagerduty:service/{wrong}"), CALL)
    assert answer.sentence == "PagerDuty refused (400: Invalid routing key)."
    answer = await opened(api_key=None).page(SERVICE, CALL)
    assert answer.outcome is PageOutcome.ACCEPTED
    for secret in (wrong, SETTINGS["OPS_KEY"], duty.api_key):
        assert secret not in caplog.text


async def test_two_hundred_pages_keep_pagerdutys_limit_and_none_is_lost(
    duty: PagerDutyStandIn, opened: Opened
) -> None:
    duty.limited = True
    now = 0.0
    pagers = opened(pace=RateLimiter(clock=lambda: now))
    left, rounds = list(range(200)), 0
    while left and rounds < 3:
        asked = left
        answers = await asyncio.gather(
            *(pagers.page(SERVICE, PageRequest(f"key {n}", "CTO", "P0")) for n in asked)
        )
        pairs = list(zip(asked, answers, strict=True))
        assert all(answer.outcome is PageOutcome.ACCEPTED or answer.again_after for answer in answers)
        left = [n for n, each in pairs if each.outcome is not PageOutcome.ACCEPTED]
        waits = [answer.again_after.total_seconds() for answer in answers if answer.again_after]
        assert not waits or max(waits) > 60, "a moment longer than their minute: calls overtake each other"
        assert max(waits, default=0.0) <= MAX_RETRY_DELAY.total_seconds(), (
            "else the next way is asked meanwhile"
        )
        now, rounds = now + max(waits, default=0.0), rounds + 1
        duty.forget_limit()
    assert (left, rounds) == ([], 2)
    assert len({incident.key for incident in duty.incidents}) == len(duty.incidents) == 200
    assert len(duty.calls) == 200  # PagerDuty never had to refuse one


async def test_a_notification_that_failed_and_a_page_without_an_api_key_are_not_delivered(
    duty: PagerDutyStandIn, opened: Opened
) -> None:
    await opened().page(SERVICE, CALL)
    duty.incidents[0].notified.append(("Devika", "failed"))
    assert (await opened().progress(SERVICE, KEY)).outcome is PageOutcome.ACCEPTED
    duty.incidents[0].notified.append(("Devika", "success"))
    assert (await opened(api_key=None).progress(SERVICE, KEY)).outcome is PageOutcome.ACCEPTED
    assert (await opened().progress(SERVICE, "other")).outcome is PageOutcome.ACCEPTED
    assert (await opened().progress(SERVICE, KEY)).outcome is PageOutcome.DELIVERED
    duty.faults = faults.plan_always(faults.make_server_error())
    assert (await opened().progress(SERVICE, KEY)).outcome is UNKNOWN


@pytest.mark.parametrize("state", ["triggered", "acknowledged", "resolved", None])
async def test_a_page_that_pagerduty_has_in_no_state_is_lost(
    duty: PagerDutyStandIn, opened: Opened, state: str | None
) -> None:
    duty.swallows = int(state is None)
    await opened().page(SERVICE, CALL)
    for incident in duty.incidents:
        incident.status = str(state)
    assert (await opened().progress(SERVICE, CALL.key)).is_lost is (state is None)
    assert not (await opened(api_key=None).progress(SERVICE, "other")).is_lost, "nobody was asked"


async def test_a_fault_of_our_own_is_an_answer_and_a_line_in_the_log(
    opened: Opened, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(name: str) -> None:
        raise RuntimeError("no such shelf")

    answer = await opened(named=broken).page(BY_SETTING, CALL)
    assert (answer.outcome, answer.moves_on) == (UNKNOWN, True)
    said = re.fullmatch(
        r"Asking PagerDuty failed \((error [0-9a-f]{8})\): the page may have gone out or not\.",
        answer.sentence,
    )
    assert said is not None
    assert said[1] in caplog.text
    assert "no such shelf" in caplog.text


async def test_warm_clients_are_those_that_page(duty: PagerDutyStandIn, opened: Opened) -> None:
    pagers = opened()
    await pagers.warm([SERVICE, USER, handle("tel:+15550100"), handle("pagerduty:service/OTHER_KEY")])
    assert duty.calls == []
    assert len(pagers.duty.clients) == 2
    await pagers.page(SERVICE, CALL)
    await pagers.page(USER, PageRequest("another", "CTO", "P0"))
    assert len(pagers.duty.clients) == 2


async def test_a_schedule_names_each_person_on_call_once(duty: PagerDutyStandIn, opened: Opened) -> None:
    pagers, now = opened(), datetime.now(UTC)
    [person] = await pagers.threads.run(lambda: pagers.duty.on_call("PSCH001", now), 5)
    assert person.name == "Devika"
    assert [handle.text for handle in person.handles] == [
        "slack:devika@team.example",
        "pagerduty:user/PDEV001",
    ]
    assert await pagers.threads.run(lambda: pagers.duty.on_call("PNOBODY", now), 5) == ()


async def test_two_people_of_one_name_on_call_are_two(duty: PagerDutyStandIn, opened: Opened) -> None:
    duty.users |= {
        "PSMITH1": ("John Smith", "john@team.example"),
        "PSMITH2": ("John Smith", "js@team.example"),
    }
    duty.on_call["PSCH001"] = ["PSMITH1", "PSMITH2"]
    found = await asyncio.to_thread(opened().duty.on_call, "PSCH001", datetime(2026, 1, 5, tzinfo=UTC))
    assert [(each.name, each.handles[-1].value) for each in found] == [
        ("John Smith, john@team.example", "PSMITH1"),
        ("John Smith, js@team.example", "PSMITH2"),
    ]


def test_the_last_rung_is_the_number_for_a_person_to_dial() -> None:
    sentence = "PagerDuty refused (403)."
    assert describe_last_resort("the CTO", sentence, [USER, handle("tel:+91 98765 43210")]) == (
        "PagerDuty refused (403). Call the CTO: +919876543210"
    )
    assert describe_last_resort("the CTO", sentence, [USER]).endswith("there is no phone number.")
    hidden = describe_last_resort("the CTO", sentence, [USER, handle("tel:+91 98765 43210")], shared=True)
    assert "not shown in a channel shared with another company" in hidden
    assert "98765" not in hidden
