"""Two people do the same at the same time: one effect, and both are told the truth."""

import asyncio
import json

from sandbox.slack import WorkspaceView
from tests.scenarios.asking import fields
from tests.scenarios.conftest import World
from tests.scenarios.test_bad_input import opened, typed


def shown(view: WorkspaceView) -> str:
    return json.dumps(view.blocks, ensure_ascii=False)


async def test_of_two_who_resolve_at_once_one_does_and_the_other_reads_who_and_when(world: World) -> None:
    async with world.bot():
        channel = await world.declared("declare p3 Search is slow")
        forms = {who: await opened(world, "resolve", channel, who) for who in ("ana", "bruno")}
        await asyncio.gather(
            *(world.slack.people.submit(who, form, fields(resolution=f"Fixed by {who}"))
              for who, form in forms.items())
        )  # fmt: skip
        (second,) = (who for who in forms if forms[who].errors)
        (first,) = forms.keys() - {second}
        assert world.slack.open_view(first) is None
        assert (
            f"INC-1 is already resolved by @{world.slack.person(first).handle}"
            in forms[second].errors["resolution"]
        )
        assert typed(forms[second])["resolution"] == f"Fixed by {second}"
        await world.quiet()
        (message,) = world.posts(channel, "INCIDENT RESOLVED")
        assert f"Fixed by {first}" in world.text(message)
        assert len(world.posts("incident-response", "INCIDENT RESOLVED")) == 1
        assert len(world.posts(channel, "Post-incident checklist")) == 1
        assert world.looking.kinds(1).count("resolved") == 1


async def test_who_sends_an_update_while_another_was_posted_sees_that_one_first_and_loses_no_word(
    world: World,
) -> None:
    async with world.bot():
        channel = await world.declared("declare p3 Search is slow")
        late = await opened(world, "update", channel, "bruno")
        first = await opened(world, "update", channel, "ana")
        given = fields(update_text="Rolled back <!here>", status="identified")
        assert (await world.slack.people.submit("ana", first, given)).ok
        answer = await world.slack.people.submit("bruno", late, fields(update_text="Still looking"))
        assert (answer.ok, answer.problem) == (True, "")
        again = await world.form("bruno")
        assert "Posted while you were writing" in shown(again)
        assert "Rolled back <!here>" in shown(again)
        assert world.slack.person("ana").id in shown(again)
        assert typed(again)["update_text"] == "Still looking"
        assert world.looking.kinds(1).count("update_posted") == 1
        assert (await world.slack.people.submit("bruno", again, fields(update_text="Still looking, 5%"))).ok
        assert world.slack.open_view("bruno") is None
        await world.quiet()
        for place in (channel, "incident-response"):
            said = [world.text(post) for post in world.posts(place, "What changed")]
            assert ["Rolled back" in said[0], "Still looking, 5%" in said[1], len(said)] == [True, True, 2]
        row = world.looking.rows("select status from incident")[0]
        assert row["status"] == "identified", "a form that was opened earlier does not set the status back"


async def test_two_updates_sent_at_once_are_posted_once_until_the_other_was_seen(world: World) -> None:
    async with world.bot():
        channel = await world.declared("declare p3 Search is slow")
        forms = {who: await opened(world, "update", channel, who) for who in ("ana", "bruno", "chidi")}
        await asyncio.gather(
            *(
                world.slack.people.submit(who, form, fields(update_text=f"{who} says"))
                for who, form in forms.items()
            )
        )
        asked = {who: view for who in forms if (view := world.slack.open_view(who)) is not None}
        assert len(asked) == 2
        (first,) = forms.keys() - asked.keys()
        for view in asked.values():
            assert f"{first} says" in shown(view)
        await world.quiet()
        assert len(world.posts(channel, "What changed")) == 1
