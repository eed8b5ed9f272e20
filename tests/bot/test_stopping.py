"""A loop ends though a library lost its cancellation."""

import asyncio

import pytest

from bot.adapters import task_cancellation


async def test_a_cancellation_that_was_lost_is_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(task_cancellation, "STOP_TIMEOUT_S", 0.01)
    lost: list[str] = []

    async def loop() -> None:
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                if lost:
                    raise
                lost.append("the first")

    task = asyncio.create_task(loop())
    await asyncio.sleep(0)
    await asyncio.wait_for(task_cancellation.cancel_task(task), 60)
    assert task.cancelled() and lost
