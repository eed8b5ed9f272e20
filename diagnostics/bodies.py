"""What a service says of its own health in the body of an answer: `{"status": "DOWN"}`, `{"ok": false}`, `unhealthy`.

Some answer 200 whatever their state is. Shapes in use: Spring Boot's and ASP.NET's health, gRPC's (`SERVING`),
draft-inadarei-api-health-check (`pass`, `warn`, `fail`), and everybody's own.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from diagnostics.answers import line
from diagnostics.finding import Verdict

WELL = frozenset(
    {
        *(
            "ok",
            "okay",
            "up",
            "healthy",
            "health",
            "pass",
            "passing",
            "passed",
            "alive",
            "live",
            "ready",
            "green",
            "true",
        ),
        *(
            "success",
            "running",
            "serving",
            "operational",
            "available",
            "online",
            "good",
            "normal",
            "active",
            "fine",
        ),
    }
)
SICK = frozenset(
    {
        *(
            "down",
            "fail",
            "failed",
            "failing",
            "failure",
            "unhealthy",
            "error",
            "errors",
            "critical",
            "dead",
            "red",
            "not",
        ),
        *("unavailable", "outage", "false", "offline", "stopped", "ko", "broken"),
    }
)
CERTAIN = frozenset({"down", "unhealthy", "unavailable", "failing", "offline"})
"""Words that mean it whatever stands in front of them."""

KEYS = ("status", "state", "health", "healthy", "ok", "alive", "up", "ready", "success")
WORD = re.compile(r"[a-z]+")
LONGEST, DEEPEST = 40, 5


@dataclass(frozen=True, slots=True)
class Told:
    """`state` in the service's own words, empty when it says nothing of itself; then the verdict is ok."""

    verdict: Verdict = Verdict.OK
    state: str = ""


def told(text: str) -> Told:
    """What the body says, the worst first; one part that is sick makes the whole suspicious."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        found = _of_words(text) if len(text.strip()) <= LONGEST else None
        return found if found is not None and found.verdict is Verdict.BAD else Told()
    if not isinstance(value, Mapping):
        return Told()
    own = [found for key in KEYS if key in value and (found := _of(value[key])) is not None]
    if worst := [each for each in own if each.verdict is Verdict.BAD]:
        return worst[0]
    if part := next(_sick_parts(value, 0), ""):
        return Told(Verdict.WARN, part)
    return next((each for each in own if each.verdict is Verdict.WARN), own[0] if own else Told())


def _of(value: object) -> Told | None:
    """What a value of `status` and its like says; None for nothing, and for parts: they speak for themselves."""
    if isinstance(value, bool):
        return Told(Verdict.OK if value else Verdict.BAD, str(value).lower())
    if isinstance(value, int):
        return Told(Verdict.BAD, str(value)) if 500 <= value < 600 else None
    return _of_words(value) if isinstance(value, str) and value.strip() else None


def _of_words(text: str) -> Told:
    words = set(WORD.findall(text.casefold()))
    if words & SICK:
        return Told(Verdict.BAD, line(text))
    return Told(Verdict.OK if words & WELL or not words else Verdict.WARN, line(text))


def _sick_parts(value: object, depth: int) -> Iterator[str]:
    """`db: down` for each part that says so of itself."""
    pairs = (
        value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, each in pairs:
        if isinstance(each, Mapping | list):
            if depth < DEEPEST:
                yield from (
                    f"{line(key)}: {said.removeprefix('status: ')}" for said in _sick_parts(each, depth + 1)
                )
        elif isinstance(each, str) and len(each) <= LONGEST:
            words = set(WORD.findall(each.casefold()))
            if words & CERTAIN or (depth and key in KEYS and words & SICK):
                yield f"{line(key)}: {line(each)}"
        elif each is False and depth and key in ("healthy", "ok", "alive", "up"):
            yield f"{line(key)}: false"
