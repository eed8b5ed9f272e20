"""Logs, queries and metrics of AWS, asked in the broken world as the runbook's commands do."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
import pytest_asyncio

from bot.commands import Given, recognise
from diagnostics.aws import Aws
from diagnostics.logs import Logs
from diagnostics.question import Question
from sandbox.world import Break, World
from sandbox.world.places import LOG_GROUP

pytestmark = pytest.mark.asyncio(loop_scope="module")

TAIL = f'aws logs tail {LOG_GROUP} --since 10m --filter-pattern "ERROR"'
PAYMENTS = f'aws logs tail {LOG_GROUP} --since 30m --filter-pattern "razorpay"'
PIPELINE = rf"""aws logs tail {LOG_GROUP} --since 30m --filter-pattern "ERROR" \
  | grep -oP 'Error: \K[^"]+' | sort | uniq -c | sort -rn | head -10"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with World.start(tmp_path_factory.mktemp("world")) as running:
        with pytest.MonkeyPatch.context() as settings:
            settings.delenv("AWS_PROFILE", raising=False)
            for name, value in running.environment.items():
                settings.setenv(name, value)
            yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def aws(world: World) -> AsyncIterator[Aws]:
    made = Aws()
    await made.warm(["logs", "cloudwatch"])
    yield made
    made.close()


def question(command: str) -> Question:
    """As the runbook types it."""
    now = datetime.now(UTC)
    (action,) = recognise(command, "bash", Given(now)).actions
    return Question(command, action, now, command=command)


def soon(seconds: float = 20.0) -> float:
    return asyncio.get_running_loop().time() + seconds


async def test_a_healthy_log_has_as_many_errors_as_usual(world: World, aws: Aws) -> None:
    await world.heal()
    found = await Logs(aws).look(question(TAIL), soon())
    assert found.verdict == "ok", found.headline


@pytest.mark.parametrize(
    ("what", "command", "verdicts", "words"),
    [
        (Break.DEPLOYMENT, TAIL, ("bad",), "Cannot find module <text>"),
        (Break.DATABASE, TAIL, ("bad",), "sorry, too many clients already"),
        (Break.PAYMENTS, PAYMENTS, ("bad", "warn"), "payment pay_<id> failed"),
        (Break.ERRORS, PIPELINE, ("bad",), "Cannot read properties of undefined"),
    ],
)
async def test_a_broken_log_is_bad_and_shows_the_kind_of_line_that_is_new(
    world: World, aws: Aws, what: Break, command: str, verdicts: tuple[str, ...], words: str
) -> None:
    await world.break_(what)
    found = await Logs(aws).look(question(command), soon())
    assert found.verdict in verdicts, found.headline
    assert found.table is not None and any(words in row[-1] for row in found.table.rows)
    assert "@example.com" not in repr(found)
    if command == PIPELINE:
        assert re.match(r"\d+ upstream maps\.example answered 429\n", found.text)
