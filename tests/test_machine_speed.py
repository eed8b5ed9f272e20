"""What is bounded in processor time is tried a few times, each time anew."""

from collections.abc import Callable

import pytest

from bot.runbook.normalise import extract_keywords
from tests.machine_speed import TRIES, bound_processor_time


def counting(done: list[int]) -> Callable[[], int]:
    def work() -> int:
        done.append(extract_keywords.cache_info().currsize)
        extract_keywords("the database is down")
        return len(done)

    return work


def test_what_is_in_time_is_done_once() -> None:
    assert bound_processor_time(60, counting([])) == 1


def test_what_is_never_in_time_fails_after_three_tries_that_remember_nothing_of_each_other() -> None:
    done: list[int] = []
    with pytest.raises(AssertionError, match=r"where 0\.00 s are allowed"):
        bound_processor_time(0, counting(done))
    assert len(done) == TRIES == 3
    assert done[1:] == [0, 0]
