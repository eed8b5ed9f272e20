"""The bot is killed while a remediation of each kind is in each state; started again, nothing is done twice or lost.
And what changed since a proposal voids it, whatever its kind."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.adapters.embedded_postgres import PrivatePostgres
from bot.adapters.slack import list_required_scopes
from handlers import EVENTS
from sandbox.bench.environment import open_bench_environment
from sandbox.bench.remediation_kills import KINDS, STATES, KillCount, RemediationStage, list_rounds, strike
from sandbox.bench.remediation_latency import open_scene
from sandbox.bench.remediation_voids import try_changed_plans
from tests.samples import spread

SAMPLE = 2


@pytest.fixture
async def scene(postgres: PrivatePostgres, tmp_path: Path) -> AsyncIterator[RemediationStage]:
    scopes = sorted(list_required_scopes())
    async with (
        open_bench_environment(postgres.conninfo, tmp_path, scopes, EVENTS) as house,
        open_scene(house) as scene,
    ):
        yield scene


@pytest.mark.timeout(600)
async def test_killed_in_any_state_each_is_done_once_or_looked_for_and_told(
    scene: RemediationStage, whole: bool
) -> None:
    count = KillCount()
    states = STATES if whole else spread(STATES, SAMPLE, 1)
    for state, kinds in zip(states, list_rounds({}), strict=False):
        await strike(scene, state, kinds, count)
    assert (count.twice, count.lost) == (0, [])


@pytest.mark.whole
@pytest.mark.timeout(600)
async def test_killed_in_any_state_the_other_kind_that_ends_a_session_is_done_once_too(
    scene: RemediationStage,
) -> None:
    """Each round has one of the two: this one has the other."""
    count = KillCount()
    for state, kinds in zip(STATES, list_rounds(dict.fromkeys(KINDS, 0), len(STATES)), strict=False):
        await strike(scene, state, kinds, count)
    assert (count.twice, count.lost) == (0, [])


@pytest.mark.whole
@pytest.mark.timeout(300)
async def test_what_each_kind_depends_on_changed_since_the_proposal_and_none_is_carried_out(
    scene: RemediationStage,
) -> None:
    tried, left = await try_changed_plans(scene, 2)
    assert (tried, left) == (2 * (len(KINDS) + 1), [])
