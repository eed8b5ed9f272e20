"""What is bounded in seconds of processor time is bounded for a quiet machine: a slower one is allowed for.

The same machine is at times half as fast as at others, when its host has other guests."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

REFERENCE_S = 0.016
"""Seconds of processor time that the work below takes on the machine that the bounds were set on, at its best."""


@contextmanager
def bound_processor_time(seconds: float) -> Iterator[None]:
    """Fails when the body takes longer than this, times how much slower the machine is before or after it."""
    before, began = measure_slowness(), time.process_time()
    yield
    spent = time.process_time() - began
    allowed = seconds * max(before, measure_slowness())
    assert spent < allowed, f"{spent:.2f} s of processor time, where {allowed:.2f} s are allowed"


def measure_slowness() -> float:
    """How many times slower than the reference the machine is now, at least 1: by the better one of two tries."""
    tries = []
    for _ in range(2):
        began = time.process_time()
        _work()
        tries.append(time.process_time() - began)
    return max(1.0, min(tries) / REFERENCE_S)


def _work() -> int:
    table: dict[str, int] = {}
    for number in range(40_000):
        word = f"w{number % 997}"
        table[word] = table.get(word, 0) + len(word.upper().split("1"))
    return sum(table.values())
