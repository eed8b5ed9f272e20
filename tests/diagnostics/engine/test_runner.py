"""Steps run side by side; one that hangs, breaks or is refused stops none of the others and never looks healthy."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.domain.check_request import CheckRequest
from bot.domain.finding import Finding, UnknownCause, Verdict, build_unknown_finding
from bot.domain.playbook import Action, AwsCall, Call, HttpCall, VendorCall
from diagnostics.engine.router import DiagnosticRegistry, DiagnosticSource
from diagnostics.engine.runner import FAILURES, LIMITS, Job, Runner

AT = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
FINE = Finding(Verdict.OK, "6 of 6 tasks running.", AT)


def runner(**settings: float) -> Runner:
    return Runner(lambda: AT, **settings)


def job(collect: Callable[[], Awaitable[Finding]], key: str = "k", system: str = "ecs") -> Job:
    async def by_then(by: float) -> Finding:
        assert by > asyncio.get_running_loop().time()
        return await collect()

    return Job(key, system, f"Step {key}", by_then)


async def fine() -> Finding:
    return FINE


async def hang() -> Finding:
    await asyncio.Event().wait()
    return FINE


async def broken() -> Finding:
    raise RuntimeError("what came was password=hunter2")


async def test_what_hangs_is_unknown_at_its_deadline_and_the_others_are_heard_before() -> None:
    heard: list[int] = []

    async def hear(place: int, found: Finding) -> None:
        heard.append(place)

    jobs = [job(hang, "a"), job(fine, "b"), job(fine, "c", "rds")]
    found = await runner(deadline=0.05).run(jobs, hear)
    assert [each.verdict for each in found] == ["unknown", "ok", "ok"]
    assert found[0].cause is UnknownCause.TIMEOUT
    assert heard[-1] == 0


async def test_a_step_that_gives_up_in_time_says_what_that_means() -> None:
    silent = Finding(Verdict.BAD, "It does not answer.", AT)

    async def patient(by: float) -> Finding:
        try:
            async with asyncio.timeout_at(by):
                await asyncio.Event().wait()
        except TimeoutError:
            return silent
        return FINE

    assert await runner(deadline=0.5).run([Job("k", "http", "Health", patient)]) == [silent]


async def test_all_steps_end_with_the_time_for_all_of_them() -> None:
    found = await runner(deadline=60, total=0.05).run([job(hang, str(at), f"s{at}") for at in range(12)])
    assert {each.cause for each in found} == {UnknownCause.TIMEOUT}


async def test_a_crash_is_unknown_with_an_id_that_the_log_has_and_neither_says_what_was_read(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.ERROR):
        crashed, other = await runner().run([job(broken, "a"), job(fine, "b")])
    assert crashed.cause is UnknownCause.BUG
    assert "hunter2" not in crashed.headline
    error_id = crashed.headline.partition("(error ")[2].split()[0]
    assert error_id in caplog.text and "RuntimeError" in caplog.text and "in broken" in caplog.text
    assert "hunter2" not in caplog.text
    assert other.verdict is Verdict.OK


async def test_no_system_is_asked_by_too_many_at_once() -> None:
    busy, most = 0, 0
    go = asyncio.Event()

    async def counted() -> Finding:
        nonlocal busy, most
        busy += 1
        most = max(most, busy)
        if busy == LIMITS["logs"]:
            go.set()
        await go.wait()
        busy -= 1
        return FINE

    found = await runner().run([job(counted, str(at), "logs") for at in range(9)])
    assert len(found) == 9
    assert most == LIMITS["logs"]


async def test_who_waits_for_its_turn_has_its_own_time_and_is_not_said_to_have_been_asked() -> None:
    jobs = [job(hang, str(at), "logs") for at in range(LIMITS["logs"])] + [job(fine, "later", "logs")]
    assert (await runner(deadline=0.05).run(jobs))[-1] == FINE
    never = (await runner(deadline=60, total=0.05).run(jobs))[-1]
    assert never.cause is UnknownCause.TIMEOUT
    assert "skipped" in never.headline


async def test_the_same_question_is_asked_once_and_its_answer_serves_for_a_while() -> None:
    asked = 0

    async def counted() -> Finding:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0)
        return FINE

    running = runner()
    first, second = await asyncio.gather(running.run([job(counted)]), running.run([job(counted)]))
    assert first == second == await running.run([job(counted)])
    assert asked == 1
    assert await runner(fresh=0.0).run([job(counted)]) == [FINE]
    assert asked == 2


async def test_who_asks_anew_gets_neither_a_kept_answer_nor_one_that_was_asked_for_before() -> None:
    asked = 0
    go = asyncio.Event()

    async def counted() -> Finding:
        nonlocal asked
        asked += 1
        if asked == 1:
            await go.wait()
        return replace(FINE, measure=str(asked))

    running = runner()
    anew = replace(job(counted), anew=True)
    early = asyncio.create_task(running.run([job(counted)]))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    (clicked,) = await running.run([anew])
    assert clicked.measure == "2"
    go.set()
    await early
    assert [each.measure for each in await running.run([anew, anew])] == ["3", "3"]
    assert [each.measure for each in await running.run([job(counted)])] == ["3"]


async def test_who_asks_anew_is_not_told_to_wait_until_a_system_is_asked_again() -> None:
    async def away() -> Finding:
        return build_unknown_finding(UnknownCause.UNREACHABLE, "ECS cannot be reached.", AT)

    running = runner()
    for at in range(FAILURES):
        await running.run([job(away, str(at))])
    assert await running.run([replace(job(fine, "mended"), anew=True)]) == [FINE]


def stand_still(seconds: float) -> None:
    """Hold the event loop up, as a machine does that has no time for this process."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass


SLOW = Finding(Verdict.WARN, "Health endpoint takes 2164 ms.", AT, is_timed=True)
LATE = build_unknown_finding(UnknownCause.TIMEOUT, "PostgreSQL lets nobody in within 2 s.", AT)
TASKS = Finding(Verdict.BAD, "4 of 6 tasks running.", AT)


@pytest.mark.parametrize("late", [SLOW, LATE], ids=["slow", "no answer"])
async def test_what_took_long_while_this_machine_was_busy_is_asked_once_more(late: Finding) -> None:
    answers = [late, FINE]

    async def busy_at_first() -> Finding:
        await asyncio.sleep(0)
        if len(answers) > 1:
            stand_still(0.4)
        return answers.pop(0)

    assert await runner().run([job(busy_at_first)]) == [FINE]
    assert not answers


@pytest.mark.parametrize("late", [SLOW, LATE], ids=["slow", "no answer"])
async def test_what_cannot_be_measured_says_so_and_blames_nobody_and_is_not_kept(late: Finding) -> None:
    asked = 0

    async def busy() -> Finding:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0)
        stand_still(0.3)
        return late

    running = runner()
    (found,) = await running.run([job(busy)])
    assert (found.cause, asked) == (UnknownCause.BUSY, 2)
    assert found.headline.startswith("Not measured: this machine was busy")
    await running.run([job(busy)])
    assert asked == 4


async def test_what_the_other_side_notices_is_never_sent_twice() -> None:
    asked = 0

    async def posted() -> Finding:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0)
        stand_still(0.3)
        return LATE

    assert await runner().run([replace(job(posted), once=True)]) == [LATE]
    assert asked == 1
    probe = CheckRequest("Probe", Action("http.post", HttpCall("POST", "https://a.example/health")), AT)

    async def look(question: CheckRequest, by: float) -> Finding:
        return FINE

    assert DiagnosticRegistry({"http.": DiagnosticSource("http", look)}).build_job(probe).once


async def test_what_does_not_depend_on_time_and_what_was_measured_in_peace_stands() -> None:
    async def counted_while_busy() -> Finding:
        await asyncio.sleep(0)
        stand_still(0.3)
        return TASKS

    async def slow_in_peace() -> Finding:
        await asyncio.sleep(0.3)
        return SLOW

    assert await runner().run([job(counted_while_busy, "a")]) == [TASKS]
    assert await runner().run([job(slow_in_peace, "b")]) == [SLOW]


async def test_what_is_unknown_is_asked_again_the_next_time() -> None:
    answers = [
        build_unknown_finding(UnknownCause.FORBIDDEN, "ecs:DescribeServices is not allowed.", AT),
        FINE,
    ]

    async def following() -> Finding:
        return answers.pop(0)

    running = runner()
    assert [await running.run([job(following)]) for _ in range(2)] == [
        [build_unknown_finding(UnknownCause.FORBIDDEN, "ecs:DescribeServices is not allowed.", AT)],
        [FINE],
    ]


async def test_a_system_that_keeps_failing_is_left_alone_and_the_others_are_not() -> None:
    asked = 0

    async def away() -> Finding:
        nonlocal asked
        asked += 1
        return build_unknown_finding(UnknownCause.UNREACHABLE, "ECS cannot be reached.", AT)

    running = runner()
    for at in range(FAILURES + 2):
        (found,) = await running.run([job(away, str(at))])
    assert asked == FAILURES
    assert found.cause is UnknownCause.UNREACHABLE
    assert "times in a row" in found.headline
    assert await running.run([job(fine, "other", "rds")]) == [FINE]


async def test_a_site_that_keeps_failing_is_left_alone_and_other_sites_are_not() -> None:
    async def look(question: CheckRequest, by: float) -> Finding:
        name = question.name
        return (
            FINE
            if name == "well"
            else build_unknown_finding(UnknownCause.TIMEOUT, f"{name} has not answered in time.", AT)
        )

    systems = DiagnosticRegistry(
        {
            "http.": DiagnosticSource("http", look),
            "health.": DiagnosticSource("http", look),
            "ecs.": DiagnosticSource("ecs", look),
        }
    )

    def asked(name: str, runs: str, call: Call) -> Job:
        return systems.build_job(CheckRequest(name, Action(runs, call), AT))

    running = runner()
    for at in range(FAILURES + 1):
        dead = HttpCall("GET", f"https://dead.example/{at}")
        wrong = AwsCall("ecs", "DescribeServices", {"services": [str(at)]}, region="eu-west-9")
        found = await running.run(
            [asked("dead", "http.get", dead), asked("wrong", "ecs.describe_services", wrong)]
        )
    assert [each.headline.partition(" failed")[0] for each in found] == ["dead.example", "ecs in eu-west-9"]
    others: list[tuple[str, Call]] = [
        ("http.get", HttpCall("GET", "https://other.example/")),
        ("health.check", VendorCall("health.check")),
        ("ecs.describe_services", AwsCall("ecs", "DescribeServices", {})),
    ]
    assert await running.run([asked("well", *other) for other in others]) == [FINE] * 3


async def test_a_question_that_is_refused_says_nothing_about_the_system() -> None:
    async def refused() -> Finding:
        return build_unknown_finding(UnknownCause.FORBIDDEN, "not allowed", AT)

    running = runner()
    for at in range(FAILURES * 2):
        await running.run([job(refused, str(at))])
    assert await running.run([job(fine, "another")]) == [FINE]


async def test_who_is_cancelled_takes_along_only_what_nobody_else_waits_for() -> None:
    cancelled, go = asyncio.Event(), asyncio.Event()

    async def waiting() -> Finding:
        try:
            await go.wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise
        return FINE

    running = runner()
    one, two = (asyncio.create_task(running.run([job(waiting)])) for _ in range(2))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    one.cancel()
    await asyncio.gather(one, return_exceptions=True)
    go.set()
    assert await two == [FINE]
    alone = asyncio.create_task(runner().run([job(hang_until(cancelled))]))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    alone.cancel()
    await asyncio.gather(alone, return_exceptions=True)
    async with asyncio.timeout(5):
        await cancelled.wait()


@pytest.mark.parametrize("steps", range(1, 8))
async def test_who_asks_while_the_same_question_is_given_up_gets_an_answer(steps: int) -> None:
    running = runner()
    first = asyncio.create_task(running.run([job(hang)]))
    for _ in range(4):
        await asyncio.sleep(0)
    first.cancel()
    for _ in range(steps):
        await asyncio.sleep(0)
    assert await running.run([job(fine)]) == [FINE]
    await asyncio.gather(first, return_exceptions=True)


def hang_until(told: asyncio.Event) -> Callable[[], Awaitable[Finding]]:
    async def wait() -> Finding:
        try:
            await asyncio.Event().wait()
        finally:
            told.set()
        return FINE

    return wait
