"""A process that stood still knows it, by a clock that went on."""

import pytest

from handlers.transport.stalls import CATCH_UP_S, CHECK_INTERVAL_S, MAX_PAUSE_S, PauseDetector


class Clock:
    """A clock that is moved by hand."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def ticked(pauses: PauseDetector, clock: Clock, seconds: float) -> None:
    """Let the process run for so long."""
    ends = clock.now + seconds
    while clock.now < ends:
        clock.now = min(ends, clock.now + CHECK_INTERVAL_S)
        pauses.look()


@pytest.mark.parametrize("seconds", [0.0, 1.0, MAX_PAUSE_S])
def test_a_short_pause_makes_nothing_old(seconds: float) -> None:
    clock = Clock()
    pauses = PauseDetector(clock)
    clock.now += seconds
    assert pauses.still_waits()()


@pytest.mark.parametrize("seconds", [3.1, 12.0, 3600.0])
def test_what_is_read_right_after_a_long_pause_may_be_old_and_what_comes_later_is_not(seconds: float) -> None:
    clock = Clock()
    pauses = PauseDetector(clock)
    clock.now += seconds
    assert not pauses.still_waits()()
    ticked(pauses, clock, CATCH_UP_S / 2)
    assert not pauses.still_waits()()
    ticked(pauses, clock, CATCH_UP_S)
    assert pauses.still_waits()()


def test_the_watch_may_notice_the_pause_before_what_waited_is_read() -> None:
    clock = Clock()
    pauses = PauseDetector(clock)
    clock.now += 10
    pauses.look()
    assert not pauses.still_waits()()


def test_what_was_begun_before_a_pause_is_old_after_it() -> None:
    clock = Clock()
    pauses = PauseDetector(clock)
    waits = pauses.still_waits()
    ticked(pauses, clock, 2.0)
    assert waits()
    clock.now += 10
    assert not waits()
    ticked(pauses, clock, 5.0)
    assert not waits(), "nobody waits again"
