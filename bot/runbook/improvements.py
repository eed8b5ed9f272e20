"""What a runbook can learn from an incident: a hunk for each learning, from what was recorded, with its reason.

A note is a quotation below the step or the heading that it is about. Nothing is guessed, and no hunk stays that makes
what `check` says of the runbook worse.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bot.domain.diagnostic_run import StepResult
from bot.domain.finding import UnknownCause
from bot.domain.incident import Situation
from bot.domain.page_attempts import is_paged_as
from bot.domain.playbook import Playbook
from bot.domain.remediation import Remediation
from bot.domain.runbook_draft import MAX_HUNKS, StepRecord
from bot.domain.runbook_hunk import RunbookHunk, apply_hunks
from bot.domain.timeline_details import PageAcceptedDetail, PagedDetail, PageFailedDetail, TimelineDetail
from bot.runbook.dead_links import append_note, note_dead_links
from bot.runbook.linked_files import split_files
from bot.runbook.model import Runbook
from bot.runbook.new_steps import write_playbook, write_steps
from bot.runbook.note_words import KnownPeople, escape_markup, has_private_words, list_people, make_plain
from bot.runbook.parser import parse_runbook
from bot.runbook.runbook_page import RunbookPage
from bot.runbook.typed_commands import LEFT_OUT, generalise, has_secret, list_words
from bot.text.durations import format_duration
from bot.text.truncation import cut

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

ALWAYS = 5
"""So many incidents before a threshold is said to fire always or never."""

SAID = {UnknownCause.NO_DATA.value: "told nothing", UnknownCause.NO_RULE.value: "could not be judged"}
"""What is said of a check by its cause; of others that it could not be asked."""

HELPED = ("Worked", "Better")
"""How a verdict begins of what helped."""

BOUNDS = "The bounds of this check were crossed"
MAX_REASON, MAX_NOTE = 200, 300
GONE = re.compile(r"\b(?:404|410)\b|not found", re.I)


@dataclass(frozen=True, slots=True)
class RecordedIncident:
    """What was recorded of one incident. `typed` are the commands of its room; `dead` are links that are
    not there any more, with what was answered; `names` are what people are called, by their Slack ids."""

    situation: Situation
    remediations: Sequence[Remediation] = ()
    typed: Sequence[str] = ()
    records: Sequence[StepRecord] = ()
    dead: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def reference(self) -> str:
        return self.situation.incident.reference


@dataclass(frozen=True, slots=True)
class Improvements:
    """The hunks that stay, MAX_HUNKS at most; how many were left out for a secret, and how many for `check`."""

    hunks: tuple[RunbookHunk, ...] = ()
    secrets: int = 0
    worse: int = 0


@dataclass
class _Draft:
    """The runbook's main file, where its lines stand, and what is proposed."""

    text: str
    runbook: Runbook
    recorded: RecordedIncident
    people: KnownPeople
    page: RunbookPage

    def make_plain(self, text: str) -> str:
        """What was recorded, as it may stand in a runbook."""
        return make_plain(text, self.people)

    def find_playbook(self) -> Playbook | None:
        id = self.recorded.situation.incident.playbook
        found = self.runbook.playbook(id) if id else None
        return found if found is not None and not found.file else None


def propose_improvements(text: str, recorded: RecordedIncident) -> Improvements:
    """What the main file of a runbook, as it stands in its repository, can learn."""
    runbook = parse_runbook(next(split_files(text))[1])
    page = RunbookPage.read(text)
    people = list_people(recorded.situation, recorded.names)
    draft = _Draft(text, runbook, recorded, people, page)
    fresh = [command for command in recorded.typed if command != LEFT_OUT and not has_secret(command)]
    found = [
        *_note_steps(draft),
        *_note_contacts(draft),
        *note_dead_links(runbook, page.lines, recorded.dead),
        *_note_thresholds(draft),
        *_note_durations(draft),
        *_note_remediations(draft),
        *_add_commands(draft, fresh),
    ]
    new = [hunk for hunk in found if not draft.page.has(hunk)]
    open_ones = [hunk for hunk in new if not has_private_words("\n".join((hunk.reason, *hunk.added)))]
    kept = _drop_what_is_worse(text, open_ones, Counter(problem.level for problem in runbook.problems))
    secrets = len(recorded.typed) - len(fresh) + len(new) - len(open_ones)
    return Improvements(tuple(kept[:MAX_HUNKS]), secrets, len(open_ones) - len(kept))


def _note(after: int, words: str, reason: str) -> RunbookHunk:
    return RunbookHunk(cut(reason, MAX_REASON), after, ("", f"> {escape_markup(cut(words, MAX_NOTE))}"))


def _find_lines(draft: _Draft, results: Iterable[StepResult]) -> Iterator[tuple[StepResult, int]]:
    """Each result with the line of its step in this text, by title: lines may have moved since."""
    steps = [
        (playbook.id, step.title, step.line)
        for playbook in draft.runbook.playbooks
        if not playbook.file
        for step in playbook.steps()
    ]
    for result in results:
        alike = [(id, line) for id, title, line in steps if title == result.title]
        own = [line for id, line in alike if id == result.playbook or len(alike) == 1]
        if own and not result.file:
            yield result, min(own, key=lambda line: abs(line - result.line))


def _note_steps(draft: _Draft) -> Iterator[RunbookHunk]:
    """Steps that could not be asked, and links that are dead."""
    reference = draft.recorded.reference
    for result, line in _find_lines(draft, draft.recorded.situation.evidence):
        if result.verdict != "unknown" or result.cause in NOT_THE_RUNBOOKS:
            continue
        why = draft.make_plain(result.headline or result.note)
        is_gone = result.cause == UnknownCause.NOT_FOUND or GONE.search(why) is not None
        what = "names what is not there" if is_gone else SAID.get(result.cause or "", "could not be asked")
        reason = f"“{draft.make_plain(result.title)}” {what} in {reference}: {why}"
        yield _note(draft.page.find_end(line), f"In {reference} this {what}: {why}", reason)


def _note_contacts(draft: _Draft) -> Iterator[RunbookHunk]:
    """Contacts whom nothing reached."""
    reference, unreached = draft.recorded.reference, _list_unreached(draft.recorded.situation)
    for contact in draft.runbook.contacts:
        why = next((why for called, why in unreached.items() if is_paged_as(called, contact.name)), None)
        if why is None or contact.file or contact.line > len(draft.page.lines):
            continue
        old, told = draft.page.lines[contact.line - 1], draft.make_plain(why).rstrip(".")
        said = f"_(not reached in {reference}: {escape_markup(told.replace('|', '/'))})_"
        reason = cut(f"{contact.name} could not be reached in {reference}: {told}", MAX_REASON)
        yield RunbookHunk(reason, contact.line - 1, (append_note(old, said),), (old,))


def _list_unreached(situation: Situation) -> Mapping[str, str]:
    """The contacts whom neither Slack nor a provider reached, with why, by the timeline and the pages."""
    details = [entry.detail for entry in situation.entries]
    failures = [detail for detail in details if isinstance(detail, PageFailedDetail)]
    failed = {page.contact: page.failed for page in situation.pages if page.failed}
    failed |= {detail.contact: detail.why for detail in failures}
    reached = {page.contact for page in situation.pages if not page.failed}
    reached |= _list_reached(details, unread={detail.person or "" for detail in failures})
    return {contact: why for contact, why in failed.items() if contact not in reached}


def _list_reached(details: Iterable[TimelineDetail], unread: Collection[str]) -> set[str]:
    """The contacts whose page a provider accepted, or Slack for somebody who is not among the `unread`."""
    reached: set[str] = set()
    for detail in details:
        match detail:
            case PageAcceptedDetail():
                reached.add(detail.contact)
            case PagedDetail() if detail.person not in unread:
                reached.add(detail.contact)
    return reached


def _note_thresholds(draft: _Draft) -> Iterator[RunbookHunk]:
    """Thresholds that fired in each of many incidents, or in none. A step whose title another one has is left out."""
    playbook = draft.find_playbook()
    judged: Mapping[str, StepRecord] = {each.title: each for each in draft.recorded.records}
    steps = list(playbook.steps()) if playbook else []
    titles = Counter(step.title for step in steps)
    for step in steps:
        record = judged.get(step.title)
        if record is None or titles[step.title] > 1 or record.count < ALWAYS:
            continue
        if 0 < record.out_of_bounds < record.count:
            continue
        how = "in none" if record.out_of_bounds == 0 else "in each"
        said = f"{BOUNDS} {how} of {record.count} incidents."
        after, reason = draft.page.find_end(step.line), f"“{draft.make_plain(step.title)}”: {said}"
        if before := draft.page.find_note(after, BOUNDS):
            old = draft.page.lines[before - 1]
            yield RunbookHunk(cut(reason, MAX_REASON), before - 1, (f"> {said}",), (old,))
        else:
            yield _note(after, said, reason)


def _note_durations(draft: _Draft) -> Iterator[RunbookHunk]:
    playbook, situation = draft.find_playbook(), draft.recorded.situation
    took, began_at = situation.measured.to_resolve, situation.began_at
    if playbook is None or took is None:
        return
    if began_at is not None:
        took += situation.incident.declared_at - began_at
    since = "when it began" if began_at else "the declaration"
    words = format_duration(took.total_seconds())
    said = f"Measured: {draft.recorded.reference} took {words} from {since} to the resolution."
    yield _note(playbook.line, said, said)


def _note_remediations(draft: _Draft) -> Iterator[RunbookHunk]:
    """What was carried out and helped."""
    playbook, reference = draft.find_playbook(), draft.recorded.reference
    for remediation in draft.recorded.remediations if playbook else ():
        if not remediation.verdict.startswith(HELPED) or remediation.is_drill:
            continue
        assert playbook is not None
        title = draft.make_plain(remediation.plan.title if remediation.plan else remediation.kind.value)
        verdict = draft.make_plain(remediation.verdict)
        said = f"“{title}” ({remediation.kind.value}) in {reference}: {verdict}"
        yield _note(draft.page.find_section_end(playbook.line), said, said)


def _add_commands(draft: _Draft, typed: Sequence[str]) -> Iterator[RunbookHunk]:
    """Commands that people typed and that are in no step; a playbook for them where none fitted."""
    words, incident = list_words(draft.text), draft.recorded.situation.incident
    known = {
        " ".join((step.command or "").split())
        for playbook in draft.runbook.playbooks
        for step in playbook.steps()
    }
    new = list(dict.fromkeys(generalise(command, words) for command in typed))
    new = [command for command in new if command not in known]
    playbook = draft.find_playbook()
    if playbook is not None:
        yield from write_steps(new, draft.recorded.reference, draft.page.find_section_end(playbook.line))
    elif incident.playbook is None:
        title = draft.make_plain(incident.title)
        yield write_playbook(incident, title, new, len(draft.page.lines))


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
