"""What a comment above a fence adds: `<!-- tocsin: step 4: remediation ecs.rollback; warn above 80% -->`."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from itertools import islice

from bot.runbook.inline import NUMBERED
from bot.runbook.thresholds import threshold_said
from bot.step import Said, Sample, Step, Threshold

NAMED = re.compile(r"\s{0,20}(?P<name>\w{4,10})\s{0,20}:")
STEP = re.compile(r"step\s+(?P<number>\d{1,3})\s*:\s*(?P<text>.*)", re.I | re.S)
NEVER = re.compile(r"never by itself", re.I)
STANDS_FOR = re.compile(r"remediation\b\s*(?P<name>.*)", re.I | re.S)
VARIABLES = re.compile(r"variables?\b\s*(?P<names>.*)", re.I | re.S)
MEASURED = re.compile(r"(?:warn|bad)\b", re.I)
REMEDIATION = re.compile(r"[A-Za-z][\w-]*(?:\.[\w-]+)*")
OWN = re.compile(
    r"(?:SLACK|TOCSIN|PAGERDUTY|AWS|SENTRY|GITHUB|GH|RAZORPAY|APPRISE|SSH)_\w*"
    r"|\w*(?:SECRET|TOKEN|PRIVATE|KEY|PASS|PWD|AUTH|CREDENTIAL|DSN|WEBHOOK|COOKIE|SESSION|DATABASE_UR)\w*",
    re.I,
)
"""Variables that no comment can allow: they are Tocsin's own, or secrets by their names."""

LONGEST = 60
LONGEST_COMMENT = 2_000
MOST = 20
WRITE = "“never by itself”, “remediation NAME”, “variables NAME, NAME”, “warn above 80%” or “bad p95 latency > 1000 ms”"


@dataclass(frozen=True, slots=True)
class Told:
    """Everything that is said of one step; `wrong` are (line, what is wrong and what to do)."""

    never: bool = False
    stands_for: str | None = None
    variables: frozenset[str] = frozenset()
    thresholds: tuple[Threshold, ...] = ()
    wrong: tuple[tuple[int, str], ...] = ()


def comments_in(html: str, line: int) -> tuple[Said, ...]:
    """The parts of the comments for Tocsin in a block of HTML that begins at a line."""
    return tuple(islice(_found(html, line), MOST))


def _found(html: str, line: int) -> Iterator[Said]:
    end = -3
    while (start := html.find("<!--", end + 3)) >= 0:
        end = html.find("-->", start)
        if end < 0:
            return
        yield from _parts(html, start + 4, end, line)


def _parts(html: str, start: int, end: int, line: int) -> Iterator[Said]:
    """What a comment whose words stand between two places says."""
    named = NAMED.match(html, start, end)
    if not named:
        return
    first = line + html.count("\n", 0, start)
    name = named["name"].casefold()
    if name != "tocsin":
        if get_close_matches(name, ["tocsin"], cutoff=0.75):
            yield Said(first, named["name"], "did you mean “tocsin:”?")
        return
    if end - start > LONGEST_COMMENT:
        yield Said(first, "tocsin:", f"it is longer than {LONGEST_COMMENT} letters")
        return
    at = named.end()
    parts = html[at:end].split(";")
    if not any(part.strip() for part in parts):
        yield Said(first, "tocsin:", f"nothing is said. Write {WRITE}.")
    for part in parts:
        begins = at + len(part) - len(part.lstrip())
        if part.strip():
            yield Said(line + html.count("\n", 0, begins), " ".join(part.split()))
        at += len(part) + 1


def addressed(
    said: Sequence[Said], steps: Sequence[Step | Sample], text: str, line: int
) -> list[Step | Sample]:
    """The steps of a fence, each with what is said of it: all that is not for `step N:`.

    A step's number is the one that its own comment begins with, else its place among the fence's steps. `text` is the
    fence's, `line` that of its first line.
    """
    rows = text.split("\n")
    own = [each for each in steps if isinstance(each, Step)]
    numbers = [_number(rows[each.line - line] if each.line - line < len(rows) else "") for each in own]
    if not any(numbers):
        numbers = [*range(1, len(own) + 1)]
    told: dict[int, list[Said]] = {}
    for each in said:
        for at, part in _meant(each, numbers):
            told.setdefault(at, []).append(part)
    with_said = iter([replace(step, said=tuple(told.get(at, ()))) for at, step in enumerate(own)])
    return [next(with_said) if isinstance(each, Step) else each for each in steps]


def _number(row: str) -> int | None:
    found = NUMBERED.match(row.lstrip("#-/ \t"))
    digits = re.search(r"\d{1,3}", found[0]) if found else None
    return int(digits[0]) if digits else None


def _meant(said: Said, numbers: Sequence[int | None]) -> Iterator[tuple[int, Said]]:
    """The places of the steps that a part is for."""
    found = STEP.fullmatch(said.text)
    if not found:
        if STANDS_FOR.match(said.text) and len(numbers) > 1:
            wrong = f"the block has {len(numbers)} steps: say which, as in “step 2: {said.text[:LONGEST]}”"
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


def told_of(step: Step) -> Told:
    """What the comments above its fence say of a step."""
    never, stands_for, variables = False, None, set[str]()
    thresholds, wrong = list[Threshold](), list[tuple[int, str]]()
    for said in step.said:
        why = said.wrong
        if why:
            pass
        elif NEVER.fullmatch(said.text):
            never = True
        elif found := STANDS_FOR.fullmatch(said.text):
            name = found["name"]
            if REMEDIATION.fullmatch(name) and len(name) <= LONGEST:
                stands_for = name
            else:
                why = "a remediation has a name such as “ecs.rollback”"
        elif found := VARIABLES.fullmatch(said.text):
            names = re.split(r"[,\s]+", found["names"].replace("$", "").strip(", "))
            why = _wrong_names(names)
            variables |= {
                name for name in names if re.fullmatch(r"[A-Za-z_]\w*", name) and not OWN.fullmatch(name)
            }
        elif MEASURED.match(said.text):
            threshold = threshold_said(said.text, said.line)
            if isinstance(threshold, Threshold):
                thresholds.append(threshold)
            else:
                why = threshold
        else:
            why = f"this is not understood. Write {WRITE}"
        if why:
            wrong.append((said.line, f"The comment says “{said.text[:LONGEST]}”: {why.rstrip('.')}."))
    wrong += _unseen(thresholds)
    return Told(never, stands_for, frozenset(variables), tuple(thresholds), tuple(wrong))


def _wrong_names(names: Sequence[str]) -> str:
    for name in names:
        if not re.fullmatch(r"[A-Za-z_]\w*", name):
            return "it names variables such as “CLUSTER, STAGE”"
        if OWN.fullmatch(name):
            return f"{name[:LONGEST]} is Tocsin's own or a secret, and no command of a runbook may use it"
    return ""


def _unseen(thresholds: Sequence[Threshold]) -> Iterator[tuple[int, str]]:
    """A warning that could never be seen, because it is bad before."""
    for warn in thresholds:
        for bad in thresholds:
            same = (warn.metric.casefold(), warn.sign[0], warn.unit) == (
                bad.metric.casefold(),
                bad.sign[0],
                bad.unit,
            )
            if same and warn.verdict == "warn" and bad.verdict == "bad":
                over = warn.value >= bad.value if warn.sign[0] == ">" else warn.value <= bad.value
                if over:
                    yield (
                        warn.line,
                        f"“warn {warn}” is never seen, for it is bad {bad} before. Change one of them.",
                    )
