"""Steps whose commands need something from a person: asked for in a form, one word in its place, or not run."""

from functools import partial
from pathlib import Path

import pytest

from bot.domain.finding import Verdict
from bot.domain.playbook import AwsCall
from sandbox.slack.plain_text import render_view_lines
from tests.scenarios.conftest import RUNBOOK, World
from tests.scenarios.test_evidence import Monitored, finding, shown, thread

STEP = "Check one task"
ARN = "arn:aws:ecs:ap-south-1:123456789012:task/rodistaa-production/0f3a"


@pytest.fixture
def monitored(world: World) -> Monitored:
    made = Monitored()
    world.systems = made.systems
    return made


@pytest.fixture
def runbook(tmp_path: Path) -> Path:
    text = RUNBOOK.read_text(encoding="utf-8")
    command = "aws ecs describe-tasks --cluster rodistaa-production --tasks <task-arn>"
    path = tmp_path / "runbook.md"
    path.write_text(
        text.replace("# 3. Check CloudWatch", f"# 3. {STEP}\n{command}\n\n# 4. Check CloudWatch", 1)
    )
    return path


def has_looks(world: World, channel: str, count: int) -> bool:
    return len(shown(world, channel)) == count


async def asked(world: World, who: str = "ana") -> str:
    """An incident's channel in which somebody has clicked the button of the step."""
    channel = await world.declared()
    assert f"✋ {STEP}: needs <task-arn> from you" in world.text(shown(world, channel)[0])
    message, action = world.button(channel, "run_step:")
    assert (await world.slack.people.click(who, message, action)).ok
    return channel


async def test_what_a_command_needs_is_asked_for_in_a_form_and_then_it_runs(
    world: World, monitored: Monitored, runbook: Path
) -> None:
    monitored.answers[STEP] = finding(Verdict.BAD, "It stopped.", measure="STOPPED")
    async with world.bot(runbook=runbook):
        channel = await asked(world)
        form = await world.form("ana")
        text = "\n".join(render_view_lines(world.slack.workspace, form))
        assert "--tasks <task-arn>" in text and "\n│ <task-arn>: …" in text
        assert (await world.slack.people.submit("ana", form, {"fill-0": {"fill-0": ARN}})).ok
        await world.until(lambda: len(shown(world, channel)) == 2)
        await world.quiet()
        (question,) = [each for each in monitored.asked if each.name == STEP]
        assert isinstance(question.action.call, AwsCall)
        assert question.action.call.parameters["tasks"] == [ARN]
        head, line, *_ = world.text(shown(world, channel)[-1]).splitlines()
        assert head == f"━ 🔎 {STEP} ({ARN}): 1 failing"
        assert line.startswith(
            f"🔴 {STEP} ({ARN})  It stopped."
        )  # and how old it is, on a machine that is busy
        (evidence,) = thread(world, channel, "It stopped.")
        assert f"# <task-arn> is {ARN}" in evidence


async def test_another_value_is_another_question_and_is_not_compared(
    world: World, monitored: Monitored, runbook: Path
) -> None:
    async with world.bot(runbook=runbook):
        channel = await asked(world)
        for number, value in enumerate(("one", "two"), 2):
            form = await world.form("ana")
            assert (await world.slack.people.submit("ana", form, {"fill-0": {"fill-0": value}})).ok
            await world.until(partial(has_looks, world, channel, number))
            await world.quiet()
            message, action = world.button(channel, "run_step")
            assert (await world.slack.people.click("ana", message, action)).ok
        assert f"✅ OK: {STEP} (two) 6/6\n" in world.text(shown(world, channel)[-1])


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("x --cluster other", None),
        ("$(rm -rf /)", None),
        ("x; aws ecs stop-task --task y", None),
        ("   ", "Write a few words here."),
        (
            "AKIAIOSFODNN7EXAMPLE",
            "This looks like a key or personal data, which is never kept. Nothing was run.",
        ),
        ("a\u202eb", "letters that cannot be seen"),
    ],
)
async def test_what_is_typed_is_one_word_in_its_place_or_is_refused_beside_its_field(
    world: World, monitored: Monitored, runbook: Path, value: str, said: str | None
) -> None:
    async with world.bot(runbook=runbook):
        channel = await asked(world)
        form = await world.form("ana")
        answer = await world.slack.people.submit("ana", form, {"fill-0": {"fill-0": value}})
        if said is None:
            await world.until(lambda: len(shown(world, channel)) == 2)
            await world.quiet()
            (question,) = [each for each in monitored.asked if each.name == STEP]
            assert isinstance(question.action.call, AwsCall)
            assert question.action.call.operation == "DescribeTasks"
            assert question.action.call.parameters == {"cluster": "rodistaa-production", "tasks": [value]}
        else:
            assert said in str(answer.body), answer
            await world.quiet()
            assert len(shown(world, channel)) == 1
            assert not world.looking.rows("select 1 from look where inputs <> '{}'")
