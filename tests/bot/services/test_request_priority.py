"""What a person waits for goes first, and the rest still gets on."""

import asyncio

from bot import performance
from bot.services.request_priority import PriorityGate


async def test_the_rest_waits_while_somebody_goes_first() -> None:
    who, done = PriorityGate(), asyncio.Event()

    async def rest() -> None:
        await who.yield_to_priority()
        done.set()

    with who.hold_priority():
        with who.hold_priority():
            waiting = asyncio.create_task(rest())
            await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert not done.is_set()
    await asyncio.wait_for(waiting, 1)


async def test_the_rest_gets_on_when_somebody_always_goes_first() -> None:
    who = PriorityGate()
    loop = asyncio.get_running_loop()
    with who.hold_priority():
        began = loop.time()
        await asyncio.wait_for(who.yield_to_priority(), 5)
        assert loop.time() - began >= performance.MAX_YIELD_S / 2


async def test_who_failed_goes_first_no_more() -> None:
    who = PriorityGate()
    try:
        with who.hold_priority():
            raise LookupError
    except LookupError:
        await asyncio.wait_for(who.yield_to_priority(), 1)


async def test_what_is_drawn_comes_one_at_a_time_each_in_a_turn_of_the_loop_of_its_own() -> None:
    who, turn = PriorityGate(), 0
    came: list[int] = []

    async def drawn() -> None:
        await who.wait_turn()
        came.append(turn)

    drawing = [asyncio.create_task(drawn()) for _ in range(5)]
    while len(came) < 5:
        await asyncio.sleep(0)
        turn += 1
    assert len(set(came)) == 5
    await asyncio.gather(*drawing)
