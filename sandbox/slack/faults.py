"""What can go wrong with a Web API call, chosen by its number or its method."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["none", "limited", "refused", "error", "drop", "hang", "garbled", "huge"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. `after_work` tells whether the call takes effect all the same; `delay` is in seconds."""

    kind: Kind
    after_work: bool = False
    delay: float = 0.0
    retry_after: int = 1
    code: str = "internal_error"
    size: int = 0


Plan = Callable[[int, str], Fault | None]


def make_rate_limit(retry_after: int = 1) -> Fault:
    """429 with Retry-After in seconds, nothing done."""
    return Fault("limited", retry_after=retry_after)


def make_server_error(after_work: bool = False) -> Fault:
    """500, before or after doing the work."""
    return Fault("error", after_work)


def make_drop(after_work: bool = False) -> Fault:
    """The connection ends without an answer, before or after doing the work."""
    return Fault("drop", after_work)


def make_hang(after_work: bool = False) -> Fault:
    """No answer ever comes."""
    return Fault("hang", after_work)


def make_delay(seconds: float) -> Fault:
    """The right answer, later."""
    return Fault("none", True, delay=seconds)


def make_garbage() -> Fault:
    """The work is done; the answer is 200 and no JSON."""
    return Fault("garbled", True)


def make_huge_answer(size: int = 3_000_000) -> Fault:
    """The work is done; the answer has `size` more characters than it should."""
    return Fault("huge", True, size=size)


def make_refusal(code: str) -> Fault:
    """`{"ok": false, "error": code}`, nothing done."""
    return Fault("refused", code=code)


def plan_no_faults(number: int, method: str) -> Fault | None:
    return None


def plan_always(fault: Fault) -> Plan:
    return lambda number, method: fault


def plan_by_table(faults: Mapping[int | str, Fault | Sequence[Fault | None]]) -> Plan:
    """Faults by call number, or by method.

    A method's single fault strikes every time; a sequence strikes its calls one after the other.
    """
    counted: dict[str, int] = {}

    def plan(number: int, method: str) -> Fault | None:
        by_number = faults.get(number)
        if isinstance(by_number, Fault):
            return by_number
        found = faults.get(method)
        if found is None or isinstance(found, Fault):
            return found
        place = counted.get(method, 0)
        counted[method] = place + 1
        return found[place] if place < len(found) else None

    return plan
