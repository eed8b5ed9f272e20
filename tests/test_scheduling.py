"""How tests are shared out: what runs several bots side by side has two of the three workers."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from tests.samples import ONE_BY_ONE
from tests.scheduling import GroupScheduling

CROWDED = [f"{ONE_BY_ONE[0]}::test_{number}" for number in range(2)]
OTHERS = [f"tests/bot/test_{number}.py::test_it" for number in range(20)]


class Worker:
    """What the scheduler asks of one."""

    def __init__(self, name: str) -> None:
        self.gateway = SimpleNamespace(id=name)
        self.shutting_down = False
        self.given: list[int] = []

    def send_runtest_some(self, numbers: Sequence[int]) -> None:
        self.given.extend(numbers)

    def shutdown(self) -> None:
        self.shutting_down = True


def scheduled(whole: bool, tests: Sequence[str]) -> tuple[GroupScheduling, list[Worker]]:
    """Three workers that have been given the first tests."""
    option = SimpleNamespace(whole=whole, loadscopereorder=False)
    config: Any = SimpleNamespace(option=option, getvalue=lambda name: ["popen"] * 3)
    scheduling = GroupScheduling(config)
    workers = [Worker(name) for name in "abc"]
    for worker in workers:
        scheduling.add_node(worker)
        scheduling.add_node_collection(worker, tests)
    scheduling.schedule()
    return scheduling, workers


def test_the_third_worker_begins_when_what_runs_bots_side_by_side_is_through() -> None:
    scheduling, (first, second, third) = scheduled(True, CROWDED + OTHERS)
    assert {0, 1} <= set(first.given) and second.given and not third.given
    scheduling.mark_test_complete(first, 0)
    assert not third.given
    scheduling.mark_test_complete(first, 1)
    assert third.given and not third.shutting_down


def test_the_third_worker_ends_when_nothing_was_left_for_it() -> None:
    scheduling, (first, second, third) = scheduled(True, CROWDED + OTHERS[:12])
    ended = set[int]()
    while left := set(second.given) - ended:
        scheduling.mark_test_complete(second, min(left))
        ended.add(min(left))
    assert not third.given and not third.shutting_down and not scheduling.tests_finished
    for number in (0, 1):
        scheduling.mark_test_complete(first, number)
    assert third.shutting_down


def test_a_sample_is_shared_out_among_all_three() -> None:
    _, workers = scheduled(False, CROWDED + OTHERS)
    assert all(worker.given for worker in workers)
