"""What is bounded in seconds of processor time is bounded for a quiet machine: a slower one is allowed for.

The same machine is at times half as fast as at others, when its host has other guests. Such neighbours only ever add
time, so the best of a few tries is what the work itself takes."""

import functools
import sys
import time
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")

REFERENCE_S = 0.016
"""Seconds of processor time that the work below takes on the machine that the bounds were set on, at its best."""

TRIES = 3
OURS = ("bot", "diagnostics", "handlers", "templates")


def bound_processor_time(seconds: float, work: Callable[[], Result]) -> Result:
    """Do the work and give what it gives. Fails when each of three tries takes longer than this, times how much slower
    the machine is before or after it. A try finds nothing remembered of the one before."""
    missed = []
    for number in range(TRIES):
        if number:
            _forget()
        before, began = measure_slowness(), time.process_time()
        result = work()
        spent = time.process_time() - began
        allowed = seconds * max(before, measure_slowness())
        if spent < allowed:
            return result
        missed.append(f"{spent:.2f} s of processor time, where {allowed:.2f} s are allowed")
    raise AssertionError("; ".join(missed))


def measure_slowness() -> float:
    """How many times slower than the reference the machine is now, at least 1: by the better one of two tries."""
    tries = []
    for _ in range(2):
        began = time.process_time()
        _work()
        tries.append(time.process_time() - began)
    return max(1.0, min(tries) / REFERENCE_S)


def _forget() -> None:
    """Empty the caches of our modules: else a second try would find done what the first one was slow at."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in OURS:
            for each in vars(module).values():
                if isinstance(each, functools._lru_cache_wrapper):
                    each.cache_clear()


def _work() -> int:
    table: dict[str, int] = {}
    for number in range(40_000):
        word = f"w{number % 997}"
        table[word] = table.get(word, 0) + len(word.upper().split("1"))
    return sum(table.values())
