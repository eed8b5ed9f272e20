"""The main job, from the first word to the last ticked item, on the user's runbook."""

from tests.scenarios.conftest import World


async def test_one_word_opens_everything_in_the_right_places(world: World) -> None:
    async with world.bot():
        answer = await world.incident("ana", "declare p0 API is down")
        assert answer.status == 200, answer
        await world.quiet()
        print(world.heard("ana"))
        channel = world.looking.rows("select channel from incident")[0]["channel"]
        for message in world.slack.messages(channel): print("----\n" + world.text(message))
        for message in world.slack.messages("incident-response"): print("#### announce\n" + world.text(message))
        for who in ("bruno","devika","chidi"):
            for message in world.slack.direct_messages(who): print("@@@@", who, "\n" + world.text(message))
        print(world.looking.rows("select key,state,error from outbox order by id"))
        print([ (c.number,c.method,c.error) for c in world.slack.calls])
        assert 0
