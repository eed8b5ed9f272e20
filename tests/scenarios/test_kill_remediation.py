"""The bot is killed while a remediation of each kind is in each state; started again, nothing is done twice or lost.
And what changed since a proposal voids it, whatever its kind."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.adapters.embedded_postgres import PrivatePostgres
from bot.adapters.slack import list_required_scopes
from handlers import EVENTS
from sandbox.bench.environment import open_bench_environment
from sandbox.bench.remediation_kills import KINDS, STATES, KillCount, list_rounds, strike
from sandbox.bench.remediation_latency import open_scene
from sandbox.bench.remediation_stage import RemediationStage
from sandbox.bench.remediation_voids import try_changed_plans
from tests.bot_template import TEMPLATE
from tests.samples import spread

SAMPLE = 2
BESIDE = 2
"""Bots side by side: a recovery mostly waits. Each has an incident and targets of its own."""

Round = tuple[str, tuple[str, ...]]
"""A state, and the kinds that are in it when the bot is killed."""


@asynccontextmanager
async def opened(postgres: PrivatePostgres, folder: Path) -> AsyncIterator[RemediationStage]:
    scopes = sorted(list_required_scopes())
    async with (
        open_bench_environment(postgres.conninfo, folder, scopes, EVENTS, TEMPLATE.launch) as house,
        open_scene(house) as scene,
    ):
        yield scene


async def strike_all(rounds: Sequence[Round], postgres: PrivatePostgres, folder: Path) -> KillCount:
    """Kill a bot in each of these rounds, two bots side by side, and count what became of it."""
    count = KillCount()

    async def share(number: int) -> None:
        place = folder / str(number)
        place.mkdir()
        async with opened(postgres, place) as scene:
            for state, kinds in rounds[number::BESIDE]:
                await strike(scene, state, kinds, count)

    async with asyncio.TaskGroup() as group:
        for number in range(min(BESIDE, len(rounds))):
            group.create_task(share(number))
    return count


@pytest.mark.timeout(600)
async def test_killed_in_any_state_each_is_done_once_or_looked_for_and_told(
    postgres: PrivatePostgres, tmp_path: Path, whole: bool
) -> None:
    states = STATES if whole else spread(STATES, SAMPLE, 1)
    rounds = list(zip(states, list_rounds({}), strict=False))
    count = await strike_all(rounds, postgres, tmp_path)
    assert (count.twice, count.lost) == (0, [])
    assert count.struck == sum(len(kinds) for _, kinds in rounds) > 0


@pytest.mark.whole
@pytest.mark.timeout(600)
async def test_killed_in_any_state_the_other_kind_that_ends_a_session_is_done_once_too(
    postgres: PrivatePostgres, tmp_path: Path
) -> None:
    """Each round has one of the two: this one has the other."""
    rounds = list(zip(STATES, list_rounds(dict.fromkeys(KINDS, 0), len(STATES)), strict=False))
    count = await strike_all(rounds, postgres, tmp_path)
    assert (count.twice, count.lost) == (0, [])
    assert count.struck == sum(len(kinds) for _, kinds in rounds) > 0


@pytest.mark.whole
@pytest.mark.timeout(300)
async def test_what_each_kind_depends_on_changed_since_the_proposal_and_none_is_carried_out(
    postgres: PrivatePostgres, tmp_path: Path
) -> None:
    async with opened(postgres, tmp_path) as scene:
        tried, left = await try_changed_plans(scene, 2)
    assert (tried, left) == (2 * (len(KINDS) + 1), [])
