"""What a runbook can learn from an incident: a hunk for each learning, from what was recorded, with its reason.

A note is a quotation below the step or the heading that it is about. Nothing is guessed, and no hunk stays that makes
what `check` says of the runbook worse.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bot.command_parsers import classify_command
from bot.domain.diagnostic_run import StepResult
from bot.domain.finding import UnknownCause
from bot.domain.incident import Situation
from bot.domain.playbook import Playbook
from bot.domain.remediation import Remediation
from bot.domain.runbook_draft import StepRecord
from bot.domain.runbook_hunk import RunbookHunk, apply_hunks, split_lines
from bot.runbook.dead_links import append_note, note_dead_links
from bot.runbook.linked_files import split_files
from bot.runbook.model import Runbook
from bot.runbook.parser import parse_runbook
from bot.runbook.typed_commands import LEFT_OUT, generalise, has_secret, list_words
from bot.text.redaction import redact

NOT_THE_RUNBOOKS = frozenset(
    {
        UnknownCause.NOT_CONFIGURED,
        UnknownCause.THROTTLED,
        UnknownCause.TIMEOUT,
        UnknownCause.BUSY,
        UnknownCause.BUG,
        "stopped",
    }
)
"""Causes that say nothing about what the runbook writes."""

FENCE = re.compile(r"^\s{0,3}(```+|~~~+)")
HEADING = re.compile(r"^\s{0,3}(#{1,6})\s")
ALWAYS = 5
"""So many incidents before a threshold is said to fire always or never."""

SAID = {UnknownCause.NO_DATA.value: "told nothing", UnknownCause.NO_RULE.value: "could not be judged"}
"""What is said of a check by its cause; of others that it could not be asked."""

HELPED = ("Worked", "Better")
"""How a verdict begins of what helped."""

MAX_HUNKS, MAX_REASON = 20, 200
GONE = re.compile(r"\b(?:404|410)\b|not found", re.I)


@dataclass(frozen=True, slots=True)
class RecordedIncident:
    """What was recorded of one incident. `typed` are the commands of its room; `dead` are links that are
    not there any more, with what was answered."""

    situation: Situation
    remediations: Sequence[Remediation] = ()
    typed: Sequence[str] = ()
    records: Sequence[StepRecord] = ()
    dead: Mapping[str, str] = field(default_factory=dict)

    @property
    def reference(self) -> str:
        return self.situation.incident.reference


@dataclass(frozen=True, slots=True)
class Improvements:
    """The hunks that stay, how many commands were left out for a secret, and how many hunks for `check`."""

    hunks: tuple[RunbookHunk, ...] = ()
    secrets: int = 0
    worse: int = 0


@dataclass
class _Draft:
    """The runbook's main file, where its lines stand, and what is proposed."""

    text: str
    runbook: Runbook
    recorded: RecordedIncident
    lines: list[str] = field(default_factory=list)

    def find_playbook(self) -> Playbook | None:
        id = self.recorded.situation.incident.playbook
        found = self.runbook.playbook(id) if id else None
        return found if found is not None and not found.file else None

    def find_end(self, line: int) -> int:
        """Behind which line a note about the command at this line goes: behind its fence, else behind its item."""
        is_open, mark = False, ""
        for number, text in enumerate(self.lines, 1):
            found = FENCE.match(text)
            if found and not is_open:
                is_open, mark = True, found[1]
            elif found and found[1].startswith(mark[0]) and len(found[1]) >= len(mark):
                is_open = False
                if number >= line:
                    return number
            elif number >= line and not is_open:
                return number
        return len(self.lines)

    def find_section_end(self, line: int) -> int:
        """The last line with words below the heading at this line, before the next one of its level."""
        own = HEADING.match(self.lines[line - 1])
        level = len(own[1]) if own else 6
        is_open, last = False, line
        for number in range(line + 1, len(self.lines) + 1):
            text = self.lines[number - 1]
            is_open ^= FENCE.match(text) is not None
            found = HEADING.match(text)
            if found and not is_open and len(found[1]) <= level:
                break
            if text.strip() and not re.fullmatch(r"\s{0,3}(?:-{3,}|\*{3,}|_{3,})\s*", text):
                last = number
        return last


def propose_improvements(text: str, recorded: RecordedIncident) -> Improvements:
    """What the main file of a runbook, as it stands in its repository, can learn."""
    runbook = parse_runbook(next(split_files(text))[1])
    lines = [line.rstrip("\r\n") for line in split_lines(text)]
    draft = _Draft(text, runbook, recorded, lines)
    fresh = [command for command in recorded.typed if command != LEFT_OUT and not has_secret(command)]
    found = [
        *_note_steps(draft),
        *_note_contacts(draft),
        *note_dead_links(runbook, lines, recorded.dead),
        *_note_thresholds(draft),
        *_note_durations(draft),
        *_note_remediations(draft),
        *_add_commands(draft, fresh),
    ][:MAX_HUNKS]
    kept = _drop_what_is_worse(text, found, Counter(problem.level for problem in runbook.problems))
    return Improvements(tuple(kept), len(recorded.typed) - len(fresh), len(found) - len(kept))


def _quote(words: str) -> str:
    return f"> {' '.join(redact(words).split())}"[: MAX_REASON + 100]


def _note(after: int, words: str, reason: str) -> RunbookHunk:
    return RunbookHunk(reason[:MAX_REASON], after, ("", _quote(words)))


def _find_lines(draft: _Draft, results: Iterable[StepResult]) -> Iterator[tuple[StepResult, int]]:
    """Each result with the line of its step in this text, by title: lines may have moved since."""
    at = {
        step.title: step.line
        for playbook in draft.runbook.playbooks
        if not playbook.file
        for step in playbook.steps()
    }
    for result in results:
        if not result.file and result.title in at:
            yield result, at[result.title]


def _note_steps(draft: _Draft) -> Iterator[RunbookHunk]:
    """Steps that could not be asked, and links that are dead."""
    reference = draft.recorded.reference
    for result, line in _find_lines(draft, draft.recorded.situation.evidence):
        if result.verdict != "unknown" or result.cause in NOT_THE_RUNBOOKS:
            continue
        why = result.headline or result.note
        is_gone = result.cause == UnknownCause.NOT_FOUND or GONE.search(why) is not None
        what = "names what is not there" if is_gone else SAID.get(result.cause or "", "could not be asked")
        reason = f"“{result.title}” {what} in {reference}: {why}"
        yield _note(draft.find_end(line), f"In {reference} this {what}: {why}", reason)


def _note_contacts(draft: _Draft) -> Iterator[RunbookHunk]:
    """Contacts whom nothing reached."""
    situation, reference = draft.recorded.situation, draft.recorded.reference
    failed = {page.contact: page.failed for page in situation.pages if page.failed}
    reached = {page.contact for page in situation.pages if not page.failed}
    for contact in draft.runbook.contacts:
        why = failed.get(contact.name)
        if why is None or contact.name in reached or contact.file or contact.line > len(draft.lines):
            continue
        old = draft.lines[contact.line - 1]
        said = f"_(not reached in {reference}: {' '.join(redact(why).split()).replace('|', '/')})_"
        note = append_note(old, said)
        reason = f"{contact.name} could not be reached in {reference}: {why}"[:MAX_REASON]
        yield RunbookHunk(reason, contact.line - 1, (note,), (old,))


def _note_thresholds(draft: _Draft) -> Iterator[RunbookHunk]:
    """Thresholds that fired in each of many incidents, or in none."""
    playbook = draft.find_playbook()
    judged: Mapping[str, StepRecord] = {each.title: each for each in draft.recorded.records}
    for step in playbook.steps() if playbook else ():
        record = judged.get(step.title)
        if record is None or record.count < ALWAYS or 0 < record.out_of_bounds < record.count:
            continue
        how = "in none" if record.out_of_bounds == 0 else "in each"
        said = f"The bounds of this check were crossed {how} of {record.count} incidents."
        yield _note(draft.find_end(step.line), said, f"“{step.title}”: {said}")


def _note_durations(draft: _Draft) -> Iterator[RunbookHunk]:
    playbook, took = draft.find_playbook(), draft.recorded.situation.measured
    if playbook is None or took.to_resolve is None:
        return
    minutes = max(1, round(took.to_resolve.total_seconds() / 60))
    said = f"Measured: {draft.recorded.reference} took {minutes} min from the declaration to the resolution."
    yield _note(playbook.line, said, said)


def _note_remediations(draft: _Draft) -> Iterator[RunbookHunk]:
    """What was carried out and helped."""
    playbook, reference = draft.find_playbook(), draft.recorded.reference
    for remediation in draft.recorded.remediations if playbook else ():
        if not remediation.verdict.startswith(HELPED) or remediation.is_drill:
            continue
        assert playbook is not None
        title = remediation.plan.title if remediation.plan else remediation.kind.value
        said = f"“{title}” ({remediation.kind.value}) in {reference}: {remediation.verdict}"
        yield _note(draft.find_section_end(playbook.line), said, said)


def _add_commands(draft: _Draft, typed: Sequence[str]) -> Iterator[RunbookHunk]:
    """Commands that people typed and that are in no step; a playbook for them where none fitted."""
    words, reference = list_words(draft.text), draft.recorded.reference
    known = {
        " ".join((step.command or "").split())
        for playbook in draft.runbook.playbooks
        for step in playbook.steps()
    }
    new = list(dict.fromkeys(generalise(command, words) for command in typed))
    new = [command for command in new if command not in known]
    playbook = draft.find_playbook()
    incident = draft.recorded.situation.incident
    if playbook is None and incident.playbook is None:
        title = " ".join(redact(incident.title).split())
        added = ["", f"## {incident.severity} INCIDENT: {title.upper()}", "", "### Symptoms", f"- {title}"]
        added += ["", "### Actions"] + [
            line for command in new for line in _write_step(command, reference)[1]
        ]
        kinds = ", ".join(dict.fromkeys(_write_step(command, reference)[0] for command in new))
        yield RunbookHunk(f"No playbook fitted {reference}.", len(draft.lines), tuple(added), kind=kinds)
    for command in new if playbook else ():
        assert playbook is not None
        kind, lines = _write_step(command, reference)
        reason = f"Typed in the room of {reference}, in no step yet: {command}"[:MAX_REASON]
        yield RunbookHunk(reason, draft.find_section_end(playbook.line), lines, kind=kind)


def _write_step(command: str, reference: str) -> tuple[str, tuple[str, ...]]:
    """Its kind, and its lines: nothing new ever runs by itself."""
    kind = classify_command(command).kind.value
    lines = (
        "",
        "<!-- tocsin: never by itself -->",
        "```bash",
        f"# From {reference} ({kind})",
        command,
        "```",
    )
    return kind, lines


def _drop_what_is_worse(text: str, hunks: Sequence[RunbookHunk], before: Counter[str]) -> list[RunbookHunk]:
    """Those with which `check` has nothing more to say than before."""
    kept = list(hunks)
    if not (_count_problems(apply_hunks(text, kept)) - before):
        return kept
    return [hunk for hunk in kept if not (_count_problems(apply_hunks(text, [hunk])) - before)]


def _count_problems(text: str) -> Counter[str]:
    """How many problems of each level there are: their words may name what a hunk changed."""
    main = next(split_files(text))[1]
    return Counter(problem.level for problem in parse_runbook(main).problems)
