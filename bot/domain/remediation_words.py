"""The words of `/incident fix`, and the same words in a runbook. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.domain.remediation import RemediationKind

NAME = r"[A-Za-z][\w.-]{0,254}"
FLAG, PART = r"[A-Za-z0-9][\w.-]{0,127}", r"[\w.-]{1,64}"
PLACE = rf"(?:\s+in\s+(?P<application>{PART})/(?P<environment>{PART})/(?P<profile>{PART}))?"
BECAUSE = re.compile(r"\s*(?:\bbecause\b|\bsince\b|[:–—])\s*(?P<reason>.+)$", re.IGNORECASE | re.DOTALL)
FORMS = (
    (
        RemediationKind.ECS_ROLLBACK,
        re.compile(
            rf"roll\s*-?back(?:\s+(?!to\b)(?P<service>{NAME}))?(?:\s+to\s+(?:revision\s+)?(?P<revision>\d{{1,9}}))?",
            re.IGNORECASE,
        ),
    ),
    (
        RemediationKind.ECS_SCALE,
        re.compile(
            rf"scale(?:\s+(?:up|out|down|in))?(?:\s+(?!to\b|from\b)(?P<service>{NAME}))?"
            r"(?:\s+(?:from\s+)?(?P<from>\d{1,5})(?=\s+to\b))?(?:\s+(?:to\s+)?(?P<to>\d{1,5})(?:\s+tasks?)?)?",
            re.IGNORECASE,
        ),
    ),
    (
        RemediationKind.ECS_RESTART,
        re.compile(
            rf"restart(?:\s+(?:the\s+)?(?:tasks|service(?!\S))?\s*(?P<service>{NAME})?)?", re.IGNORECASE
        ),
    ),
    (
        RemediationKind.END_BLOCKER,
        re.compile(
            r"(?:end|kill|terminate|cancel)\s+(?:the\s+)?block(?:er|ing(?:\s+(?:session|query))?)(?:\s+(?P<pid>\d{1,9}))?",
            re.IGNORECASE,
        ),
    ),
    (
        RemediationKind.END_IDLE,
        re.compile(
            r"(?:end|kill|terminate|close)\s+(?:the\s+)?(?P<states>idle(?:\s+in\s+transaction)?)"
            r"(?:\s+(?:sessions?|connections?|ones?))?"
            r"(?:\s+(?:over|for|older\s+than)\s+(?P<count>\d{1,4})\s*(?P<unit>s|m|h|seconds?|sec|minutes?|min|hours?))?",
            re.IGNORECASE,
        ),
    ),
    (
        RemediationKind.FAILOVER,
        re.compile(
            rf"fail\s?-?over(?:\s+(?!to\b)(?P<cluster>{NAME}))?(?:\s+to\s+(?P<to>{NAME}))?", re.IGNORECASE
        ),
    ),
    (
        RemediationKind.REVERT,
        re.compile(r"revert(?:\s+(?:pull\s+request\s+|pr\s+)?#?(?P<number>\d{1,9}))?", re.IGNORECASE),
    ),
    (
        RemediationKind.SWITCH,
        re.compile(
            rf"(?:switch|turn)\s+(?:the\s+)?(?:flag\s+)?(?P<flag>{FLAG})\s+(?P<to>on|off){PLACE}",
            re.IGNORECASE,
        ),
    ),
    (
        RemediationKind.SWITCH,
        re.compile(
            rf"(?:switch|turn)\s+(?P<to>on|off)\s+(?:the\s+)?(?:flag\s+)?(?P<flag>{FLAG}){PLACE}",
            re.IGNORECASE,
        ),
    ),
    (
        RemediationKind.WORKFLOW,
        re.compile(
            r"(?:run\s+)?workflow\s+(?P<workflow>[\w.-]+\.ya?ml)(?:\s+(?P<inputs>[\w-]+=\S+(?:\s+[\w-]+=\S+)*))?",
            re.IGNORECASE,
        ),
    ),
)
BANNER = re.compile(
    r"(?:show\s+)?(?:(?:an?|the|in-?app)\s+)*banner\b[\s:,–—-]*(?P<text>.*)", re.IGNORECASE | re.DOTALL
)
"""Everything behind it is what people outside read: no reason is looked for in it."""

AWAY = frozenset(["off", "away", "remove", "none"])
IN_TRANSACTION = "idle in transaction"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants done: its kind, what was said of it, and why they want it."""

    kind: RemediationKind
    parameters: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""


def parse_wanted(words: str) -> Wanted | None:
    """What the words name; None when they name nothing that can be carried out."""
    said = " ".join(words.split())
    if banner := BANNER.fullmatch(said):
        return Wanted(RemediationKind.BANNER, _parse_banner(banner["text"]))
    because = BECAUSE.search(said)
    what = said[: because.start()].strip() if because else said
    for kind, form in FORMS:
        if found := form.fullmatch(what):
            given = {name: value for name, value in found.groupdict().items() if value}
            if kind is RemediationKind.END_IDLE:
                given = _parse_idle(given)
            if kind is RemediationKind.SWITCH:
                given["to"] = given["to"].casefold()
            return (
                None
                if given.get("service") in NO_NAMES
                else Wanted(kind, given, because["reason"].strip() if because else "")
            )
    return None


def _parse_banner(text: str) -> dict[str, str]:
    """A person's words, without the quotes around them; or that it goes away."""
    words = text.strip()
    if words[:1] + words[-1:] in QUOTES:
        words = words[1:-1].strip()
    if words.casefold() in AWAY:
        return {"off": "yes"}
    return {"text": words} if words else {}


QUOTES = frozenset(['""', "“”", "''", "‘’", "„“"])


def _parse_idle(given: Mapping[str, str]) -> dict[str, str]:
    """Which sessions are meant: their state where it is not just idle, and their age in seconds where it is said."""
    is_open = given["states"].casefold().split() == IN_TRANSACTION.split()
    age = {"age": str(int(given["count"]) * SECONDS[given["unit"][0].casefold()])} if "count" in given else {}
    return {**({"states": IN_TRANSACTION} if is_open else {}), **age}


SECONDS = {"s": 1, "m": 60, "h": 3600}
NO_NAMES = frozenset(
    ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "twelve"]
)
"""A count that is written out is not guessed at, and is no service."""
