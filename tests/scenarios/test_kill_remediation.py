"""The bot is killed while a remediation of each kind is in each state; started again, nothing is done twice or lost."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.adapters.embedded_postgres import PrivatePostgres
from bot.adapters.slack import list_required_scopes
from handlers import EVENTS
from sandbox.bench.environment import open_bench_environment
from sandbox.bench.remediation import open_scene
from sandbox.bench.remediation_kills import KINDS, STATES, KillCount, RemediationStage, strike
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
    for state in STATES if whole else spread(STATES, SAMPLE, 1):
        await strike(scene, state, KINDS, count)
    assert (count.twice, count.lost) == (0, [])
