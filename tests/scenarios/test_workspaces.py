"""A database holds the incidents of one workspace: with the token of another one nothing is posted."""

import pytest

from bot.errors import SettingsProblem
from sandbox.slack import plan_by_table
from sandbox.slack.faults import make_refusal
from tests.scenarios.conftest import World

THEIRS = "https://other-team.slack.com/"


def is_theirs(world: World) -> None:
    """As if the database had been used with another workspace first."""
    world.looking.rows("update workspace set team = 'T0OTHER001', url = %s", THEIRS)


async def test_the_first_start_makes_the_database_this_workspaces_and_the_next_one_finds_it_so(
    world: World,
) -> None:
    async with world.bot():
        await world.until(lambda: world.looking.rows("select 1 from workspace where team = 'T0TOCSIN01'"))
    async with world.bot() as running:
        await world.declared()
        assert running.health.workspace == ""


async def test_a_token_of_another_workspace_ends_the_start(world: World) -> None:
    async with world.bot():
        await world.declared()
    is_theirs(world)
    world.slack.calls.clear()
    with pytest.raises(SettingsProblem) as refused:
        async with world.bot():
            pass
    (said,) = refused.value.problems
    assert f"this database holds the incidents of {THEIRS}" in said
    assert said.endswith("Nothing was posted.")
    assert {call.method for call in world.slack.calls} <= {"auth.test"}


async def test_where_slack_was_away_at_the_start_nothing_is_posted_later_and_readyz_says_why(
    world: World,
) -> None:
    async with world.bot():
        await world.quiet()
    is_theirs(world)
    world.slack.api.faults = plan_by_table({"auth.test": [make_refusal("internal_error")]})
    world.slack.calls.clear()
    async with world.bot() as running:
        await world.until(lambda: running.health.workspace)
        assert any(THEIRS in reason for reason in running.health.list_troubles())
        assert "chat.postMessage" not in {call.method for call in world.slack.calls}
