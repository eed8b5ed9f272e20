"""What a declared incident finds by itself: one message, its thread, the card; and again on demand."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.check_request import CheckRequest
from bot.domain.evidence import EvidenceTable
from bot.domain.finding import ChartSeries, Finding, Inconclusive, UnknownCause, Verdict
from diagnostics.engine.router import DiagnosticRegistry, DiagnosticSource, LazyDiagnostics
from diagnostics.rendering.charts import ChartProcess
from sandbox.slack import WorkspaceMessage
from tests.scenarios.conftest import World

STATUS, DEPLOYMENTS, LOGS = (
    "Check ECS service status",
    "Check recent deployments",
    "Check CloudWatch logs for errors",
)
METRICS = "Check ECS task metrics"


class Monitored:
    """Systems that answer what a test says, by the step's title; the rest is fine."""

    def __init__(self) -> None:
        self.answers: dict[str, Finding | Inconclusive | Exception] = {}
        self.judged: dict[str, Callable[[CheckRequest], Finding]] = {}
        self.held: dict[str, asyncio.Event] = {}
        self.asked: list[CheckRequest] = []
        self.dropped: list[str] = []
        self.missing = ""

    async def look(self, question: CheckRequest, by: float) -> Finding:
        self.asked.append(question)
        if held := self.held.get(question.name):
            try:
                await held.wait()
            except asyncio.CancelledError:
                self.dropped.append(question.name)
                raise
        if judged := self.judged.get(question.name):
            return judged(question)
        answer = self.answers.get(question.name) or finding(Verdict.OK, "As it should be.", measure="6/6")
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def systems(self) -> LazyDiagnostics:
        names = (
            "ecs.", "logs.", "postgres.", "cloudwatch.", "health.", "load_balancer.", "http.", "git.", "redis.", "rds.",
            "sentry.", "razorpay.", "crashlytics.", "play.",
        )  # fmt: skip
        made = DiagnosticRegistry({name: DiagnosticSource(name.rstrip("."), self.look) for name in names})
        return LazyDiagnostics(lambda action: self.missing, lambda: made)


def finding(verdict: Verdict, headline: str, **more: object) -> Finding:
    return Finding(verdict, headline, datetime.now(UTC), **more)  # type: ignore[arg-type]


@pytest.fixture
def monitored(world: World) -> Monitored:
    made = Monitored()
    world.systems = made.systems
    return made


def shown(world: World, channel: str) -> list[WorkspaceMessage]:
    """The evidence messages, oldest first."""
    return [post for post in world.posts(channel) if world.text(post).startswith("━ 🔎")]


def thread(world: World, channel: str, words: str) -> list[str]:
    """The thread's messages about something."""
    replies = [
        message
        for message in world.slack.messages(channel, of_bot=True)
        if message.thread_ts not in (None, message.ts)
    ]
    return [text for reply in replies if words in (text := world.text(reply))]


async def test_a_declared_incident_shows_what_its_playbook_finds_the_problems_first(
    world: World, monitored: Monitored
) -> None:
    monitored.answers[STATUS] = finding(
        Verdict.BAD,
        "4 of 6 tasks running.",
        measure="4/6",
        table=EvidenceTable(("service", "tasks"), (("api", "4/6"),), 37),
    )
    monitored.answers[LOGS] = Inconclusive(
        UnknownCause.FORBIDDEN, "AWS denies logs:FilterLogEvents.", "Allow it."
    )
    async with world.bot():
        channel = await world.declared()
        (message,) = shown(world, channel)
        rows = world.text(message).splitlines()
        assert rows[0] == "━ 🔎 1 failing, 6 OK, 1 not checked"
        assert rows[1:3] == [
            f"🔴 {STATUS}  4 of 6 tasks running.",
            f"❔ {LOGS}  AWS denies logs:FilterLogEvents. Allow it.",
        ]
        assert rows[3].startswith("✅ OK: ") and "Check for locks 6/6" in rows[3]
        (evidence,) = thread(world, channel, STATUS)
        assert "and 37 more" in evidence and "aws ecs describe-services" in evidence
        assert "line 41 (https://git.example/runbook.md#L41)" in evidence and "· read " in evidence
        assert "sha256" not in evidence
        (alert,) = world.posts(channel, "INCIDENT ALERT")
        assert "🔴 Evidence: 1 failing, 6 OK, 1 not checked. First: 4 of 6 tasks running." in world.text(
            alert
        )
        (kept,) = world.looking.rows("select detail from timeline_entry where kind = 'looked'")
        assert (kept["detail"]["bad"], kept["detail"]["unknown"], len(kept["detail"]["digest"])) == (
            "1",
            "1",
            64,
        )


async def test_what_answers_quickly_is_shown_while_another_step_is_waited_for(
    world: World, monitored: Monitored
) -> None:
    monitored.held[METRICS] = asyncio.Event()
    monitored.answers[STATUS] = finding(Verdict.BAD, "Nothing runs.")
    async with world.bot():
        channel = await world.declared_soon()

        def early() -> bool:
            text = "".join(map(world.text, shown(world, channel)))
            return "Nothing runs." in text and f"⏳ {METRICS}" in text and "1 check running" in text

        await world.until(early)
        monitored.held[METRICS].set()
        await world.quiet()
        (message,) = shown(world, channel)
        assert "⏳" not in world.text(message)
        assert len([call for call in world.slack.calls if call.method == "chat.update"]) < 12


async def test_a_second_run_says_what_changed_and_the_message_before_stays(
    world: World, monitored: Monitored
) -> None:
    monitored.answers[STATUS] = finding(Verdict.BAD, "4 of 6 tasks running.", measure="4/6")
    async with world.bot():
        channel = await world.declared()
        world.ask_anew()
        monitored.answers[STATUS] = finding(Verdict.OK, "6 of 6 tasks running.", measure="6/6")
        message, action = world.button(channel, "run_diagnostics")
        assert (await world.slack.people.click("bruno", message, action)).ok
        await world.quiet()
        first, second = shown(world, channel)
        assert "🔴" in world.text(first) and "🔴" not in world.text(second)
        assert f"{STATUS} 6/6 (was 4/6)" in world.text(second)
        (alert,) = world.posts(channel, "INCIDENT ALERT")
        assert "✅ Evidence: all 8 checks are OK." in world.text(alert)


async def test_a_crash_in_a_diagnostic_is_unknown_with_an_id_that_the_log_has(
    world: World, monitored: Monitored, caplog: pytest.LogCaptureFixture
) -> None:
    monitored.answers[STATUS] = ZeroDivisionError("oh")
    async with world.bot():
        channel = await world.declared()
        text = world.text(shown(world, channel)[0])
        assert "went wrong on my side" in text and "7 OK, 1 not checked" in text
        id = text.partition("error ")[2][:8]
        assert f"error {id}" in caplog.text


async def test_letters_that_no_database_keeps_lose_neither_their_finding_nor_the_others(
    world: World, monitored: Monitored
) -> None:
    odd, told = "a\0b\ud800c\x1b[31m\r\nd<!channel>", "a␀b�c␛[31m"
    start = datetime.now(UTC) - timedelta(minutes=2)
    points = ((start, 1.0), (start + timedelta(minutes=1), 2.0))
    monitored.answers[STATUS] = finding(
        Verdict.BAD,
        f"Odd: {odd}",
        measure=odd * 1000,
        table=EvidenceTable((odd,), ((odd,),)),
        text=f"log {odd}",
        series=(ChartSeries(odd, points),),
        marks=((start, odd),),
        link=f"https://console.example/{odd}",
        command=odd,
        next_look=odd,
    )
    monitored.answers[LOGS] = Inconclusive(UnknownCause.NOT_UNDERSTOOD, odd, odd)
    async with world.bot():
        channel = await world.declared()
        text = world.text(shown(world, channel)[0])
        assert "1 failing, 6 OK, 1 not checked" in text
        assert f"Odd: {told} d<!channel>" in text
        (measured,) = world.looking.rows("select measure from result where verdict = 'bad'")
        assert measured["measure"].startswith(told) and len(measured["measure"]) <= 60
        (evidence,) = thread(world, channel, STATUS)
        assert f"log {told}\n    d<!channel>" in evidence
        (row,) = world.looking.rows("select chart from result where chart is not null")
        assert bytes(row["chart"]).startswith(b"\x89PNG")


async def test_neither_an_address_nor_a_command_carries_a_secret_along(
    world: World, monitored: Monitored
) -> None:
    monitored.answers[STATUS] = finding(
        Verdict.BAD,
        "It is down.",
        link="https://watcher:hunter2@console.example/?token=hunter2&page=7",
        command="PGPASSWORD=$PGPASSWORD psql && curl -H 'Authorization: Bearer hunter2' https://console.example",
    )
    async with world.bot():
        channel = await world.declared()
        (evidence,) = thread(world, channel, STATUS)
        kept = repr(world.looking.rows("select * from result"))
    assert "PGPASSWORD=$PGPASSWORD psql" in evidence and "page=7" in kept
    assert "hunter2" not in kept + repr([call.args for call in world.slack.calls])


async def test_a_picture_is_uploaded_once_and_stands_with_its_finding(
    world: World, monitored: Monitored
) -> None:
    start = datetime.now(UTC) - timedelta(minutes=30)
    points = tuple((start + timedelta(minutes=n), 50.0 + n) for n in range(30))
    monitored.answers[METRICS] = finding(
        Verdict.WARN, "Memory 79%.", series=(ChartSeries("Average", points, "%", 80.0),)
    )
    async with world.bot():
        channel = await world.declared()
        replies = [
            message
            for message in world.slack.messages(channel, of_bot=True)
            if METRICS in world.text(message)
        ]
        (found,) = [reply for reply in replies if reply.thread_ts]
        (image,) = [block for block in found.blocks if block["type"] == "image"]
        assert "highest 79%" in image["alt_text"] and "limit 80%" in image["alt_text"]
        file = world.slack.workspace.files[image["slack_file"]["id"]]
        assert file.content is not None and file.content.startswith(b"\x89PNG")


async def test_without_a_playbook_the_cheap_checks_of_all_say_which_one_fits(
    world: World, monitored: Monitored
) -> None:
    monitored.answers["Check RDS cluster status"] = finding(Verdict.BAD, "The cluster is failing over.")
    async with world.bot():
        channel = await world.declared("declare p1 something is odd")
        (message,) = shown(world, channel)
        text = world.text(message)
        assert "Which playbook fits" in text
        assert text.splitlines()[1] == "1. DATABASE UNAVAILABLE fits: The cluster is failing over."
        assert "pg_terminate_backend" not in repr([each.action.runs for each in monitored.asked])
        found, action = world.button(channel, "use_playbook")
        assert (await world.slack.people.click("ana", found, action)).ok
        await world.quiet()
        assert world.posts(channel, "Playbook: DATABASE UNAVAILABLE")
        assert "1 failing" in world.text(shown(world, channel)[-1])


async def test_a_probe_waits_for_a_click_and_runs_by_it(world: World, monitored: Monitored) -> None:
    async with world.bot():
        channel = await world.declared("declare p1 payment gateway is failing")
        probes = [each for each in monitored.asked if each.name == "Verify webhook endpoint"]
        assert not probes
        assert "✋ Verify webhook endpoint: needs your click" in world.text(shown(world, channel)[0])
        found, action = world.button(channel, "run_step:")
        assert (await world.slack.people.click("ana", found, action)).ok
        await world.quiet()
        (probe,) = [each for each in monitored.asked if each.name == "Verify webhook endpoint"]
        assert probe.action.runs == "http.post"


async def test_what_turns_out_to_lack_a_setting_only_when_it_is_asked_gives_its_command_too(
    world: World, monitored: Monitored
) -> None:
    monitored.answers[STATUS] = Inconclusive(UnknownCause.NOT_CONFIGURED, "AWS has no credentials here.")
    async with world.bot():
        channel = await world.declared()
        (by_hand,) = thread(world, channel, "to run yourself:")
        assert (
            f"AWS has no credentials here.\n{STATUS}\n" in by_hand and "aws ecs describe-services" in by_hand
        )
        assert "rollback" not in by_hand


@pytest.mark.parametrize(
    ("words", "said", "title"),
    [
        ("run", "Running: API COMPLETELY DOWN.", "API COMPLETELY DOWN"),
        ("run ecs task metrics", "Running: Check ECS task metrics.", "Check ECS task metrics"),
        ("run database unavailable", "Running: DATABASE UNAVAILABLE.", "DATABASE UNAVAILABLE"),
        ("run check rds cluster status", "Running: Check RDS cluster status.", "Check RDS cluster status"),
    ],
)
async def test_run_takes_a_playbook_or_a_step(
    world: World, monitored: Monitored, words: str, said: str, title: str
) -> None:
    async with world.bot():
        channel = await world.declared()
        await world.incident("ana", words, channel)
        assert said in world.heard("ana")
        await world.quiet()
        text = world.text(shown(world, channel)[-1])
        assert f"🔎 {title}: " in text or f"\n{title} · Checked " in text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("razorpay", "“razorpay” may be “Check Razorpay status” or “Check Razorpay dashboard”. Type"),
        (
            "ecs serivce status",
            "Nothing to run fits “ecs serivce status”. Did you mean “Check ECS service status”?",
        ),
        (
            "webhook",
            "“Verify webhook endpoint” sends a request to the other system: only its whole title runs it.",
        ),
        ("step 77", "Nothing to run fits “step 77”."),
    ],
)
async def test_run_with_words_that_leave_it_open_asks_which_and_runs_nothing(
    world: World, monitored: Monitored, words: str, said: str
) -> None:
    async with world.bot():
        channel = await world.declared()
        before = len(monitored.asked)
        await world.incident("ana", f"run {words}", channel)
        assert said in world.heard("ana") and "Nothing was run." in world.heard("ana")
        await world.quiet()
        assert len(shown(world, channel)) == 1 and len(monitored.asked) == before


async def test_run_with_words_that_fit_nothing_says_what_there_is(world: World, monitored: Monitored) -> None:
    async with world.bot():
        channel = await world.declared()
        await world.incident("ana", "run the coffee machine", channel)
        assert "Nothing to run fits “the coffee machine”" in world.heard("ana")
        await world.quiet()
        assert len(shown(world, channel)) == 1


async def test_what_is_not_configured_is_said_once_and_is_never_fine(
    world: World, monitored: Monitored
) -> None:
    monitored.missing = "AWS skipped: AWS_REGION is not set."
    async with world.bot():
        channel = await world.declared()
        rows = world.text(shown(world, channel)[0]).splitlines()
        assert rows[0] == "━ 🔎 8 not checked"
        assert rows[1].startswith("❔ AWS skipped: AWS_REGION is not set. Health check; ")
        assert not monitored.asked
        (by_hand,) = thread(world, channel, "Check")
        assert by_hand.splitlines()[0] == "❔ Skipped checks, to run yourself:"
        assert "AWS skipped: AWS_REGION is not set.\nCheck ECS service status" in by_hand
        assert "aws ecs describe-services \\\n" in by_hand and "pg_stat_activity" in by_hand
        (alert,) = world.posts(channel, "INCIDENT ALERT")
        assert "❔ Evidence: 8 not checked." in world.text(alert)


async def test_the_resolve_form_warns_while_not_all_is_fine(world: World, monitored: Monitored) -> None:
    monitored.answers[STATUS] = finding(Verdict.BAD, "4 of 6 tasks running.")
    async with world.bot():
        channel = await world.declared()
        await world.incident("ana", "resolve", channel)
        form = await world.form("ana")
        words = str(form.payload["blocks"])
        assert "1 failing. Resolve anyway?" in words and "4 of 6 tasks running, just now" in words


async def test_a_repeated_request_runs_once_and_what_runs_already_is_not_begun_again(
    world: World, monitored: Monitored
) -> None:
    monitored.held[METRICS] = asyncio.Event()
    async with world.bot():
        channel = await world.declared_soon()
        for who in ("ana", "bruno"):
            await world.incident(who, "run", channel)
            assert "Already running" in world.heard(who)
        monitored.held[METRICS].set()
        await world.quiet()
        assert len(shown(world, channel)) == 1


async def test_what_was_read_a_moment_ago_for_another_incident_says_how_long_ago(
    world: World, monitored: Monitored
) -> None:
    early = Finding(Verdict.OK, "As it should be.", datetime.now(UTC) - timedelta(seconds=12), measure="6/6")
    monitored.answers[STATUS] = early
    async with world.bot():
        channel = await world.declared()
        text = world.text(shown(world, channel)[0])
        assert f"{STATUS} 6/6 (read 1" in text and " s before)" in text


async def test_a_deployment_that_one_step_found_is_marked_in_the_charts_of_the_others(
    world: World, monitored: Monitored, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = datetime.now(UTC) - timedelta(minutes=8)
    points = tuple((at + timedelta(minutes=n), 50.0) for n in range(8))
    monitored.answers[DEPLOYMENTS] = finding(Verdict.WARN, "Deployed.", marks=((at, "backend:118"),))
    monitored.answers[METRICS] = finding(Verdict.OK, "Fine.", series=(ChartSeries("CPU", points, "%", 80.0),))
    monitored.held[METRICS] = asyncio.Event()
    drawn: list[object] = []

    async def draw(self: ChartProcess, series: object, title: str, began: datetime, marks: object) -> bytes:
        drawn.append(marks)
        return b"\x89PNG"

    monkeypatch.setattr(ChartProcess, "render", draw)
    async with world.bot():
        channel = await world.declared_soon()
        await world.until(lambda: "Deployed." in "".join(map(world.text, shown(world, channel))))
        monitored.held[METRICS].set()
        await world.quiet()
    assert drawn == [((at, "backend:118"),)]
