"""What a comment above a fence adds: `<!-- tocsin: step 4: remediation ecs.rollback; warn above 80% -->`."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from itertools import islice, product

from bot.domain.playbook import Annotation, Step, Threshold
from bot.domain.section_parts import CodeSample
from bot.runbook.markdown.inline import parse_leading_number
from bot.runbook.thresholds import parse_comment_threshold

NAMED = re.compile(r"\s{0,20}(?P<name>\w{4,10})\s{0,20}:")
STEP = re.compile(r"step\s+(?P<number>\d{1,3})\s*:\s*(?P<text>.*)", re.I | re.S)
NEVER = re.compile(r"never by itself", re.I)
STANDS_FOR = re.compile(r"remediation\b\s*(?P<name>.*)", re.I | re.S)
VARIABLES = re.compile(r"variables?\b\s*(?P<names>.*)", re.I | re.S)
MEASURED = re.compile(r"(?:warn|bad)\b", re.I)
REMEDIATION = re.compile(
    r"(?P<kind>[A-Za-z][\w-]*(?:\.[\w-]+)*)(?:\s+(?P<arguments>[\w.=/:@-]+(?:\s+[\w.=/:@-]+)*))?"
)
OWN = re.compile(
    r"(?:SLACK|TOCSIN|PAGERDUTY|AWS|SENTRY|GITHUB|GH|RAZORPAY|APPRISE|SSH)_\w*"
    r"|\w*(?:SECRET|TOKEN|PRIVATE|KEY|PASS|PWD|AUTH|CREDENTIAL|DSN|WEBHOOK|COOKIE|SESSION|DATABASE_UR)\w*",
    re.I,
)
"""Variables that no comment can allow: they are Tocsin's own, or secrets by their names."""

MAX_VALUE_LENGTH = 60
MAX_COMMENT_LENGTH = 2_000
MAX_ANNOTATIONS = 20
WRITE = "“never by itself”, “remediation NAME”, “variables NAME, NAME”, “warn above 80%” or “bad p95 latency > 1000 ms”"


@dataclass(frozen=True, slots=True)
class Annotations:
    """Everything that is said of one step; `wrong` are (line, what is wrong and what to do)."""

    never: bool = False
    stands_for: str | None = None
    arguments: str = ""
    variables: frozenset[str] = frozenset()
    thresholds: tuple[Threshold, ...] = ()
    wrong: tuple[tuple[int, str], ...] = ()


def parse_comments(html: str, line: int) -> tuple[Annotation, ...]:
    """The parts of the comments for Tocsin in a block of HTML that begins at a line."""
    return tuple(islice(_find_annotations(html, line), MAX_ANNOTATIONS))


def _find_annotations(html: str, line: int) -> Iterator[Annotation]:
    end = -3
    while (start := html.find("<!--", end + 3)) >= 0:
        end = html.find("-->", start)
        if end < 0:
            return
        yield from _parts(html, start + 4, end, line)


def _parts(html: str, start: int, end: int, line: int) -> Iterator[Annotation]:
    """What a comment whose words stand between two places says."""
    named = NAMED.match(html, start, end)
    if not named:
        return
    first = line + html.count("\n", 0, start)
    name = named["name"].casefold()
    if name != "tocsin":
        if get_close_matches(name, ["tocsin"], cutoff=0.75):
            yield Annotation(first, named["name"], "did you mean “tocsin:”?")
        return
    if end - start > MAX_COMMENT_LENGTH:
        yield Annotation(first, "tocsin:", f"it is longer than {MAX_COMMENT_LENGTH} letters")
        return
    at = named.end()
    parts = html[at:end].split(";")
    if not any(part.strip() for part in parts):
        yield Annotation(first, "tocsin:", f"nothing is said. Write {WRITE}.")
    for part in parts:
        begins = at + len(part) - len(part.lstrip())
        if part.strip():
            yield Annotation(line + html.count("\n", 0, begins), " ".join(part.split()))
        at += len(part) + 1


def attach_annotations(
    said: Sequence[Annotation], steps: Sequence[Step | CodeSample], text: str, line: int
) -> list[Step | CodeSample]:
    """The steps of a fence, each with what is said of it: all that is not for `step N:`.

    A step's number is the one that its own comment begins with, else its place among the fence's steps. `text` is the
    fence's, `line` that of its first line.
    """
    rows = text.split("\n")
    own = [step for step in steps if isinstance(step, Step)]
    numbers = [
        parse_leading_number(rows[step.line - line] if step.line - line < len(rows) else "") for step in own
    ]
    if not any(numbers):
        numbers = [*range(1, len(own) + 1)]
    told: dict[int, list[Annotation]] = {}
    for whole in said:
        for at, part in _find_targets(whole, numbers):
            told.setdefault(at, []).append(part)
    with_said = iter([replace(step, said=tuple(told.get(at, ()))) for at, step in enumerate(own)])
    return [next(with_said) if isinstance(step, Step) else step for step in steps]


def _find_targets(said: Annotation, numbers: Sequence[int | None]) -> Iterator[tuple[int, Annotation]]:
    """The places of the steps that a part is for."""
    found = STEP.fullmatch(said.text)
    if not found:
        if STANDS_FOR.match(said.text) and len(numbers) > 1:
            wrong = f"the block has {len(numbers)} steps: say which, as in “step 2: {said.text[:MAX_VALUE_LENGTH]}”"
            yield 0, replace(said, wrong=wrong)
        else:
            yield from ((at, said) for at in range(len(numbers)))
        return
    places = [at for at, number in enumerate(numbers) if number == int(found["number"])]
    if len(places) == 1:
        yield places[0], replace(said, text=found["text"])
    else:
        known = ", ".join(str(number) for number in numbers if number)
        yield (
            0,
            replace(
                said, wrong=f"there is not one step {found['number']} in the block below: it has {known}"
            ),
        )


@dataclass(slots=True)
class _AnnotationBuilder:
    """What the comments say of a step while they are read one by one; `wrong` are lines with what is wrong there."""

    never: bool = False
    stands_for: str | None = None
    arguments: str = ""
    variables: set[str] = field(default_factory=set)
    thresholds: list[Threshold] = field(default_factory=list)
    wrong: list[tuple[int, str]] = field(default_factory=list)

    def take(self, said: Annotation) -> str:
        """Take one part, and say what is wrong with it; empty where nothing is."""
        if said.wrong:
            return said.wrong
        if NEVER.fullmatch(said.text):
            self.never = True
            return ""
        for pattern, take in (
            (STANDS_FOR, self._take_remediation),
            (VARIABLES, self._take_variables),
        ):
            if found := pattern.fullmatch(said.text):
                return take(found)
        if MEASURED.match(said.text):
            return self._take_threshold(said)
        return f"this is not understood. Write {WRITE}"

    def _take_remediation(self, found: re.Match[str]) -> str:
        named = REMEDIATION.fullmatch(found["name"].strip())
        if (
            not named
            or len(named["kind"]) > MAX_VALUE_LENGTH
            or (named["arguments"] and "." not in named["kind"])
        ):
            return "a remediation has a name such as “ecs.rollback”, and behind it perhaps words such as “service=api”"
        self.stands_for, self.arguments = named["kind"], " ".join((named["arguments"] or "").split())
        return ""

    def _take_variables(self, found: re.Match[str]) -> str:
        names = re.split(r"[,\s]+", found["names"].replace("$", "").strip(", "))
        self.variables |= {name for name in names if not _wrong_names([name])}
        return _wrong_names(names)

    def _take_threshold(self, said: Annotation) -> str:
        threshold = parse_comment_threshold(said.text, said.line)
        if not isinstance(threshold, Threshold):
            return threshold
        self.thresholds.append(threshold)
        return ""


def parse_annotations(step: Step) -> Annotations:
    """What the comments above its fence say of a step."""
    sayings = _AnnotationBuilder()
    for said in step.said:
        if why := sayings.take(said):
            wrong = f"The comment says “{said.text[:MAX_VALUE_LENGTH]}”: {why.rstrip('.')}."
            sayings.wrong.append((said.line, wrong))
    sayings.wrong += _unseen(sayings.thresholds)
    return Annotations(
        sayings.never,
        sayings.stands_for,
        sayings.arguments,
        frozenset(sayings.variables),
        tuple(sayings.thresholds),
        tuple(sayings.wrong),
    )


def _wrong_names(names: Sequence[str]) -> str:
    for name in names:
        if not re.fullmatch(r"[A-Za-z_]\w*", name):
            return "it names variables such as “CLUSTER, STAGE”"
        if OWN.fullmatch(name):
            return f"{name[:MAX_VALUE_LENGTH]} is Tocsin's own or a secret, and no command of a runbook may use it"
    return ""


def _unseen(thresholds: Sequence[Threshold]) -> Iterator[tuple[int, str]]:
    """A warning that could never be seen, because it is bad before."""
    warnings = [threshold for threshold in thresholds if threshold.verdict == "warn"]
    alarms = [threshold for threshold in thresholds if threshold.verdict == "bad"]
    for warn, bad in product(warnings, alarms):
        over = warn.value >= bad.value if warn.sign[0] == ">" else warn.value <= bad.value
        if over and _subject(warn) == _subject(bad):
            yield (
                warn.line,
                f"“warn {warn}” is never seen, for it is bad {bad} before. Change one of them.",
            )


def _subject(threshold: Threshold) -> tuple[str, str, str]:
    """What a threshold is about: the metric, the direction and the unit."""
    return threshold.metric.casefold(), threshold.sign[0], threshold.unit
