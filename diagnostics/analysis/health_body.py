"""Parses what a service says of its own health in a body: `{"status": "DOWN"}`, `{"ok": false}`, `unhealthy`.

Some answer 200 whatever their state is. Shapes in use: Spring Boot's and ASP.NET's health, gRPC's (`SERVING`),
draft-inadarei-api-health-check (`pass`, `warn`, `fail`), and everybody's own.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import unescape

from bot.domain.finding import Verdict
from diagnostics.clients.response_parsing import clean_line

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
class HealthReport:
    """`state` in the service's own words, empty when it says nothing of itself; then the verdict is ok."""

    verdict: Verdict = Verdict.OK
    state: str = ""


def parse_health_body(text: str) -> HealthReport:
    """What the body says, the worst first; one part that is sick makes the whole suspicious."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return _of_plain_text(text)
    if not isinstance(value, Mapping):
        return HealthReport()
    own = list(_own_states(value))
    worst = next((state for state in own if state.verdict is Verdict.BAD), None)
    if worst is not None:
        return worst
    if part := next(_sick_parts(value, 0), ""):
        return HealthReport(Verdict.WARN, part)
    return next((state for state in own if state.verdict is Verdict.WARN), own[0] if own else HealthReport())


def _own_states(value: Mapping[str, object]) -> Iterator[HealthReport]:
    """What it says of the whole, under the names that are usual for it."""
    for key in KEYS:
        state = _of(value[key]) if key in value else None
        if state is not None:
            yield state


def _of_plain_text(text: str) -> HealthReport:
    """A short text that says that it is sick; of all others nothing is known."""
    state = _of_words(text) if len(text.strip()) <= LONGEST else HealthReport()
    return state if state.verdict is Verdict.BAD else HealthReport()


PAGE = re.compile(r"\s*<(?:[!?][^>]*>\s*<)*(?:html|head|body|title|!doctype\s+html)\b", re.I)
TITLE = re.compile(r"<title[^>]*>([^<]{1,200})", re.I)
LOOKED_THROUGH = 20_000
"""Characters of a body in which its title is looked for."""


def find_page_title(text: str) -> str | None:
    """The title of a web page, empty where it has none; None when the body is no web page."""
    beginning = text[:LOOKED_THROUGH].lstrip("\ufeff")
    if not PAGE.match(beginning):
        return None
    found = TITLE.search(beginning)
    return clean_line(unescape(found[1])) if found else ""


def describe_web_page(title: str) -> str:
    """What to say of a web page where a program should have answered."""
    named = f", “{title}”" if title else ""
    return f" with a web page{named}: something before the service may have answered"


def _of(value: object) -> HealthReport | None:
    """What a value of `status` and its like says; None for nothing, and for parts: they speak for themselves."""
    if isinstance(value, bool):
        return HealthReport(Verdict.OK if value else Verdict.BAD, str(value).lower())
    if isinstance(value, int):
        return HealthReport(Verdict.BAD, str(value)) if 500 <= value < 600 else None
    return _of_words(value) if isinstance(value, str) and value.strip() else None


def _of_words(text: str) -> HealthReport:
    words = set(WORD.findall(text.casefold()))
    if words & SICK:
        return HealthReport(Verdict.BAD, clean_line(text))
    return HealthReport(Verdict.OK if words & WELL or not words else Verdict.WARN, clean_line(text))


def _sick_parts(value: object, depth: int) -> Iterator[str]:
    """`db: down` for each part that says so of itself."""
    for key, part in _pairs(value):
        if isinstance(part, Mapping | list):
            within = _sick_parts(part, depth + 1) if depth < DEEPEST else ()
            yield from (f"{clean_line(key)}: {said.removeprefix('status: ')}" for said in within)
        elif _is_sick(key, part, depth):
            yield f"{clean_line(key)}: {'false' if part is False else clean_line(part)}"


def _pairs(value: object) -> Iterable[tuple[object, object]]:
    if isinstance(value, Mapping):
        return value.items()
    return enumerate(value) if isinstance(value, list) else ()


def _is_sick(key: object, part: object, depth: int) -> bool:
    """Whether a part that has none itself says that it is sick; at the top only words that mean it everywhere do."""
    if part is False:
        return depth > 0 and key in ("healthy", "ok", "alive", "up")
    if not isinstance(part, str) or len(part) > LONGEST:
        return False
    words = set(WORD.findall(part.casefold()))
    return bool(words & CERTAIN or (depth and key in KEYS and words & SICK))
