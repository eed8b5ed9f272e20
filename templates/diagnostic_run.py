"""What a playbook's steps found: the message with a line for each."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.domain.diagnostic_run import (
    ALL,
    BAD,
    NOT_CONFIGURED,
    OK,
    STOPPED,
    UNKNOWN,
    WARN,
    WHOLE,
    DiagnosticRun,
    PlaybookMatch,
    StepResult,
    deduplicate_results,
    rank_playbooks,
)
from bot.ports import SlackPayload
from bot.services.playbook_fixes import find_fixes
from bot.text.durations import format_duration
from templates.blocks import build_context, build_header, build_lines, build_message
from templates.diagnosis_line import render_diagnosis
from templates.escaping import cut, join_names
from templates.incident_view import IncidentViewModel
from templates.run_buttons import build_run_buttons, describe_clicks
from templates.spans import Bold, Line, Timestamp, UserMention, split_code

MARKS = {BAD: "🔴", WARN: "🔶", UNKNOWN: "❔", OK: "✅"}
"""Each of another shape: who cannot tell the colours apart reads them too."""

WORDS = {BAD: "failing", WARN: "warning", UNKNOWN: "not checked", OK: "OK"}
NO_RULE = "no_rule"
"""The cause of what was read, and has no rule that judges it."""

WAITING = "⏳"
NOT_ASKED = frozenset({NOT_CONFIGURED, STOPPED})
"""Causes that say nothing about the system that was meant: steps with the same are told together."""

MAX_HEADLINE_LENGTH = 300
SLOW_AFTER_S = 2.0
"""Seconds from when on it is said that something was read for somebody else before."""

MOST_LINES, MOST_NAMES = 25, 5
MOST_FITS = 3
"""Playbooks that fit, each with a button."""


def render_run(view: IncidentViewModel, look: DiagnosticRun) -> SlackPayload:
    """The one message of a look: what is bad first, what is fine in one line."""
    fits = rank_playbooks(look.results, _titles(view)) if look.scope == ALL else ()
    look, whose = _once(view, look)
    title, counts = _title(view, look), _describe_standing(view, look)
    failing = [*_problems(view, look, whose), *_not_asked(look)]
    body = [*failing, *_describe_pending(look), *_fine(look, whose), *describe_clicks(view, look)]
    shown = body[:MOST_LINES]
    if len(body) > MOST_LINES:
        shown.append((f"… and {len(body) - MOST_LINES} more lines; each has its evidence in the thread",))
    shown = [*render_diagnosis(view, look), *_ranking(view, look, fits), *shown]
    return build_message(
        [(f"{title}: {counts}",), *shown],
        build_header("evidence-head", f"🔎 {_heading(look, title, counts)}"),
        build_lines("evidence-body", *shown),
        build_context("evidence-state", (*((f"{title} · ",) if look.scope == WHOLE else ()), *_state(look))),
        *build_run_buttons(view, look, fits[:MOST_FITS]),
    )


Whose = Mapping[int, str]
"""Of which playbooks a result is, by its place, where its title alone does not say that."""


def _once(view: IncidentViewModel, look: DiagnosticRun) -> tuple[DiagnosticRun, Whose]:
    """The look with what several playbooks ask, and got the same answer to, once."""
    if look.scope != ALL:
        return look, {}
    titles, groups = _titles(view), deduplicate_results(look.results)
    asking = {
        result.title: {other.playbook for other in look.results if other.title == result.title}
        for result in look.results
    }
    whose = {
        group[0].place: join_names([titles.get(result.playbook, result.playbook) for result in group])
        for group in groups
        if len(asking[group[0].title]) > 1
    }
    return replace(look, results=tuple(group[0] for group in groups)), whose


def _title(view: IncidentViewModel, look: DiagnosticRun) -> str:
    if look.scope == ALL:
        return "Which playbook fits"
    playbook = view.runbook.playbook(look.what)
    return playbook.title if playbook else look.what


def _titles(view: IncidentViewModel) -> dict[str, str]:
    return {playbook.id: playbook.title for playbook in view.runbook.playbooks}


def _heading(look: DiagnosticRun, title: str, counts: str) -> str:
    """How it stands comes first; a playbook's title, often in capitals, stands small below."""
    return f"{counts[:1].upper()}{counts[1:]}" if look.scope == WHOLE else f"{title}: {counts}"


def _describe_standing(view: IncidentViewModel, look: DiagnosticRun) -> str:
    """The counts; of a run whose message was posted before it began, or that never did, that."""
    if look.results or (look.ended_at is not None and view.incident.status.is_open):
        return format_counts(look.results, len(look.waited_for))
    return "the checks are starting" if look.ended_at is None else "no check was run"


def format_counts(results: Sequence[StepResult], to_come: int = 0) -> str:
    """`2 failing, 1 warning, 3 OK, 1 not checked`; how many are still to come stands at the end."""
    asked = [result for result in results if result.verdict]
    verdicts = Counter(result.verdict for result in asked)
    if asked and not to_come and verdicts[OK] == len(asked):
        return f"all {len(asked)} checks are OK" if len(asked) > 1 else "the check is OK"
    read = sum(result.cause == NO_RULE for result in asked)
    counts = [
        *((verdicts[verdict], WORDS[verdict]) for verdict in (BAD, WARN, OK)),
        (read, "to read yourself"),
        (verdicts[UNKNOWN] - read, WORDS[UNKNOWN]),
        (to_come, f"check{'s' * (to_come > 1)} running"),
    ]
    told = [f"{count} {word}{'s' * (count > 1 and word == WORDS[WARN])}" for count, word in counts if count]
    return ", ".join(told) or "no automatic checks here"


def _problems(view: IncidentViewModel, look: DiagnosticRun, whose: Whose) -> list[Line]:
    """A line for each problem; what several steps found alike, or were hindered by alike, is one line."""
    return [
        (
            f"{MARKS[verdict]} ",
            Bold(cut(_names(group), MAX_HEADLINE_LENGTH)),
            f"  {_describe_group(group)}{_earlier(look, group[0])}",
            *_since(look, group[0]),
            f" In {whose[group[0].place]}." if len(group) == 1 and group[0].place in whose else "",
            *_fixes(view, group[0]),
        )
        for verdict in (BAD, WARN, UNKNOWN)
        for group in _alike([result for result in look.of(verdict) if result.cause not in NOT_ASKED])
    ]


def _fixes(view: IncidentViewModel, result: StepResult) -> Line:
    """What the playbook says to do about this cause; the first where several fit."""
    for fix in find_fixes(view.runbook.playbook(result.playbook), result):
        return (f" Fix {fix.number}, {fix.cause}: ", *split_code(cut(fix.deed, MAX_HEADLINE_LENGTH)))
    return ()


def _names(group: Sequence[StepResult]) -> str:
    titles = [*dict.fromkeys(result.title for result in group)]
    more = f" and {len(titles) - MOST_NAMES} more" if len(titles) > MOST_NAMES else ""
    return "; ".join(titles[:MOST_NAMES]) + more


def _alike(results: Sequence[StepResult]) -> list[list[StepResult]]:
    """Those together that say the same, apart from their own names."""
    groups: dict[str, list[StepResult]] = {}
    for result in results:
        said = _describe_result(result)
        unreached = UNREACHED.fullmatch(said) if result.verdict == UNKNOWN else None
        groups.setdefault(unreached["why"] if unreached else said, []).append(result)
    return list(groups.values())


UNREACHED = re.compile(r"(?P<who>.{1,120}?) (?P<why>cannot be reached: .+)", re.DOTALL)
"""How it is told that something could not be reached: who alone differs, where it is for one reason."""

PLURALS = (("its name is", "their names are"), ("at its address", "at their addresses"))


def _describe_group(group: Sequence[StepResult]) -> str:
    """What all of them found; who could not be reached is named together."""
    found = [UNREACHED.fullmatch(_describe_result(result)) for result in group]
    who = list(dict.fromkeys(line["who"] for line in found if line))
    if len(who) < 2 or found[0] is None:
        return _describe_result(group[0])
    why = found[0]["why"]
    for one, several in PLURALS:
        why = why.replace(one, several)
    more = [f"{len(who) - MOST_NAMES} more"] if len(who) > MOST_NAMES else []
    return cut(f"{join_names([*who[:MOST_NAMES], *more])} {why}", 2 * MAX_HEADLINE_LENGTH)


def _not_asked(look: DiagnosticRun) -> list[Line]:
    """What is not configured or was stopped, together where the reason is the same."""
    lacking: dict[str, list[str]] = {}
    for result in look.of(UNKNOWN):
        if result.cause in NOT_ASKED:
            lacking.setdefault(_describe_result(result), []).append(result.title)
    return [
        (
            f"{MARKS[UNKNOWN]} ",
            f"{cut(why, MAX_HEADLINE_LENGTH)} ",
            Bold(cut("; ".join(dict.fromkeys(titles)), MAX_HEADLINE_LENGTH)),
        )
        for why, titles in lacking.items()
    ]


def _earlier(look: DiagnosticRun, result: StepResult) -> str:
    """That it was read for somebody else a moment before; empty when it was read for this look."""
    if (
        result.collected_at is None
        or (late := (look.begun_at - result.collected_at).total_seconds()) < SLOW_AFTER_S
    ):
        return ""
    return f" (read {format_duration(late)} before)"


def _describe_result(result: StepResult) -> str:
    further = f" {result.detail.next_look}" if result.verdict == UNKNOWN and result.detail.next_look else ""
    return cut(f"{strip_title(result)}{further}", MAX_HEADLINE_LENGTH)


def strip_title(result: StepResult) -> str:
    """What a step found, without its title where that stands in front of it."""
    said = result.headline.removeprefix(f"{result.title}: ")
    return said if said == result.headline else said[:1].upper() + said[1:]


def _since(look: DiagnosticRun, result: StepResult, is_measured: bool = False) -> Line:
    """What changed since the same step was run before; `is_measured` where its measure stands in front of it."""
    before = look.before.get(result.step)
    if before is None or before.verdict is None:
        return ()
    if before.measure and result.measure and before.measure != result.measure:
        return (f" (was {before.measure})" if is_measured else f" ({before.measure} → {result.measure})",)
    if before.verdict != result.verdict:
        return (f" (was {WORDS[before.verdict]})",)
    return (" (as before)",) if before.headline == result.headline else ()


def _describe_pending(look: DiagnosticRun) -> list[Line]:
    return [(f"{WAITING} ", title) for title in dict.fromkeys(result.title for result in look.waited_for)]


def _fine(look: DiagnosticRun, whose: Whose) -> list[Line]:
    fine = look.of(OK)
    if not fine:
        return []
    told: list[str] = []
    answers = Counter(result.title for result in look.results)
    for result in fine:
        spans = _since(look, result, is_measured=True)
        since = "".join(str(span) for span in spans if span != " (as before)")
        # What all who ask got the same answer to needs no names here: nothing has to be done about it.
        of = f" ({whose[result.place]})" if result.place in whose and answers[result.title] > 1 else ""
        told.append(
            f"{result.title}{of}{f' {result.measure}' if result.measure else ''}{since}{_earlier(look, result)}"
        )
    return [(f"{MARKS[OK]} ", Bold("OK: "), "; ".join(told))]


def _ranking(view: IncidentViewModel, look: DiagnosticRun, fits: Sequence[PlaybookMatch]) -> list[Line]:
    if look.scope != ALL or look.waited_for:
        return []
    choose = " Choose one:" if view.incident.status.is_open else ""
    if not any(result.verdict in (BAD, WARN, OK) for result in look.results):
        return [(f"Nothing could be checked, so this says nothing about which playbook fits.{choose}",)]
    if not fits:
        return [(f"No playbook stands out: no check is failing and none warns.{choose}",)]
    return [
        (f"{place}. ", Bold(fit.title), " fits: ", cut(fit.reason, MAX_HEADLINE_LENGTH))
        for place, fit in enumerate(fits[:MOST_FITS], 1)
    ]


def _state(look: DiagnosticRun) -> Line:
    by: Line = ("run by ", UserMention(look.asked_by)) if look.asked_by else ("automatically",)
    if look.ended_at is None:
        return ("Running since ", Timestamp(look.begun_at), " · ", *by)
    seconds = (look.ended_at - look.begun_at).total_seconds()
    took = format_duration(seconds) if seconds >= 1 else "under 1 s"
    stopped = " · stopped" if any(result.cause == STOPPED for result in look.results) else ""
    return (
        "Checked ",
        Timestamp(look.begun_at),
        f", took {took}{stopped} · ",
        *by,
        " · details in the thread",
    )
