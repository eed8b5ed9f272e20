"""What a playbook's steps found: the message with a line for each."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.evidence import (
    ALL,
    BAD,
    NOT_CONFIGURED,
    OK,
    STOPPED,
    UNKNOWN,
    WARN,
    Fit,
    Look,
    Result,
    ranked,
    told_once,
)
from bot.ports import Block, Message
from bot.runbook import gaps_of, step_at
from templates import actions
from templates.kit import (
    Bold,
    Line,
    Person,
    When,
    button,
    buttons,
    context,
    header,
    lasted,
    lines,
    message,
)
from templates.letters import cut, listed
from templates.view import View

MARKS = {BAD: "🔴", WARN: "🟡", UNKNOWN: "⚪", OK: "🟢"}
WORDS = {BAD: "bad", WARN: "suspicious", UNKNOWN: "not checked", OK: "fine"}
WAITING = "⏳"
NOT_ASKED = frozenset({NOT_CONFIGURED, STOPPED})
"""Causes that say nothing about the system that was meant: steps with the same are told together."""

LONGEST_HEADLINE = 300
LATE = 2.0
"""Seconds from when on it is said that something was read for somebody else before."""

MOST_LINES = 25
MOST_CLICKS, MOST_FITS = 3, 3


def message_of(view: View, look: Look) -> Message:
    """The one message of a look: what is bad first, what is fine in one line."""
    fits = ranked(look.results, _titles(view)) if look.scope == ALL else ()
    look, whose = _once(view, look)
    head = f"{_title(view, look)}: {_counted(look)}"
    body = [
        *_problems(look, whose),
        *_not_asked(look),
        *_waited_for(look),
        *_fine(look, whose),
        *_clicks(look),
    ]
    shown = body[:MOST_LINES]
    if len(body) > MOST_LINES:
        shown.append((f"… and {len(body) - MOST_LINES} more lines; each has its evidence in the thread",))
    shown = [*_ranking(look, fits), *shown]
    return message(
        [(head,), *shown],
        header("evidence-head", f"🔎 {head}"),
        lines("evidence-body", *shown),
        context("evidence-state", _state(look)),
        *_buttons(view, look, fits[:MOST_FITS]),
    )


Whose = Mapping[int, str]
"""Of which playbooks a result is, by its place, where its title alone does not say that."""


def _once(view: View, look: Look) -> tuple[Look, Whose]:
    """The look with what several playbooks ask, and got the same answer to, once."""
    if look.scope != ALL:
        return look, {}
    titles, groups = _titles(view), told_once(look.results)
    asking = {
        each.title: {other.playbook for other in look.results if other.title == each.title}
        for each in look.results
    }
    whose = {
        group[0].place: listed([titles.get(each.playbook, each.playbook) for each in group])
        for group in groups
        if len(asking[group[0].title]) > 1
    }
    return replace(look, results=tuple(group[0] for group in groups)), whose


def _title(view: View, look: Look) -> str:
    if look.scope == ALL:
        return "Which playbook fits"
    playbook = view.runbook.playbook(look.what)
    return playbook.title if playbook else look.what


def _titles(view: View) -> dict[str, str]:
    return {each.id: each.title for each in view.runbook.playbooks}


def _counted(look: Look) -> str:
    """`2 bad, 1 suspicious, 3 fine, 1 not checked`; what is still to come is counted too."""
    counts = [(len(look.of(verdict)), WORDS[verdict]) for verdict in (BAD, WARN, OK, UNKNOWN)]
    told = [f"{count} {word}" for count, word in counts if count]
    if look.waited_for:
        told.append(f"{len(look.waited_for)} to come")
    return ", ".join(told) or "nothing here can be checked by itself"


def _problems(look: Look, whose: Whose) -> list[Line]:
    return [
        (
            f"{MARKS[verdict]} ",
            Bold(each.title),
            f"  {_said(each)}{_earlier(look, each)}",
            *_since(look, each),
            f" In {whose[each.place]}." if each.place in whose else "",
        )
        for verdict in (BAD, WARN, UNKNOWN)
        for each in look.of(verdict)
        if each.cause not in NOT_ASKED
    ]


def _not_asked(look: Look) -> list[Line]:
    """What is not configured or was stopped, together where the reason is the same."""
    lacking: dict[str, list[str]] = {}
    for each in look.of(UNKNOWN):
        if each.cause in NOT_ASKED:
            lacking.setdefault(_said(each), []).append(each.title)
    return [
        (
            f"{MARKS[UNKNOWN]} ",
            f"{cut(why, LONGEST_HEADLINE)} ",
            Bold(cut("; ".join(dict.fromkeys(titles)), LONGEST_HEADLINE)),
        )
        for why, titles in lacking.items()
    ]


def _earlier(look: Look, result: Result) -> str:
    """That it was read for somebody else a moment before; empty when it was read for this look."""
    if result.collected_at is None or (late := (look.begun_at - result.collected_at).total_seconds()) < LATE:
        return ""
    return f" (read {lasted(late)} before)"


def _said(result: Result) -> str:
    further = f" {result.detail.next_look}" if result.verdict == UNKNOWN and result.detail.next_look else ""
    return cut(f"{result.headline}{further}", LONGEST_HEADLINE)


def _since(look: Look, result: Result) -> Line:
    """What changed since the same step was run before in this incident."""
    before = look.before.get(result.step)
    if before is None or before.verdict is None:
        return ()
    if before.measure and result.measure and before.measure != result.measure:
        return (f" ({before.measure} → {result.measure})",)
    if before.verdict != result.verdict:
        return (f" (was {WORDS[before.verdict]})",)
    return (" (as before)",)


def _waited_for(look: Look) -> list[Line]:
    return [(f"{WAITING} ", title) for title in dict.fromkeys(each.title for each in look.waited_for)]


def _fine(look: Look, whose: Whose) -> list[Line]:
    fine = look.of(OK)
    if not fine:
        return []
    told: list[str] = []
    answers = Counter(each.title for each in look.results)
    for each in fine:
        since = "".join(str(span) for span in _since(look, each) if span != " (as before)")
        # What all who ask got the same answer to needs no names here: nothing has to be done about it.
        of = f" ({whose[each.place]})" if each.place in whose and answers[each.title] > 1 else ""
        told.append(
            f"{each.title}{of}{f' {each.measure}' if each.measure else ''}{since}{_earlier(look, each)}"
        )
    return [(f"{MARKS[OK]} ", Bold("Fine: "), "; ".join(told))]


def _clicks(look: Look) -> list[Line]:
    return [("✋ ", each.title, f": {each.note}") for each in look.results if each.note]


def _ranking(look: Look, fits: Sequence[Fit]) -> list[Line]:
    if look.scope != ALL or look.waited_for:
        return []
    if not fits:
        return [("No playbook stands out: nothing bad or suspicious was found.",)]
    return [
        (f"{place}. ", Bold(each.title), " fits: ", cut(each.reason, LONGEST_HEADLINE))
        for place, each in enumerate(fits[:MOST_FITS], 1)
    ]


def _state(look: Look) -> Line:
    by: Line = ("asked by ", Person(look.asked_by)) if look.asked_by else ("by itself",)
    if look.ended_at is None:
        return ("Running since ", When(look.begun_at), " · ", *by)
    took = lasted((look.ended_at - look.begun_at).total_seconds())
    stopped = " · stopped" if any(each.cause == STOPPED for each in look.results) else ""
    return (
        "Looked at ",
        When(look.begun_at),
        f" for {took}{stopped}",
        " · ",
        *by,
        " · evidence in the thread",
    )


def _has_button(view: View, result: Result) -> bool:
    """Whether a click runs it: one that is noticed elsewhere, or one that asks for what it needs."""
    return result.kind == "probe" or bool(gaps_of(step_at(view.runbook, result.file, result.line)))


def _buttons(view: View, look: Look, fits: Sequence[Fit]) -> list[Block]:
    number = look.incident
    if look.ended_at is None:
        return []
    chosen = [
        button(
            f"Use {each.title}",
            f"{actions.USE_PLAYBOOK}:{place}",
            actions.value(number, each.playbook),
            primary=place == 0,
        )
        for place, each in enumerate(fits)
    ]
    clicks = [each for each in look.results if each.note and _has_button(view, each)][:MOST_CLICKS]
    runs = [
        button(
            f"Run {each.title}",
            f"{actions.RUN_STEP}:{each.place}",
            actions.value(number, each.line, each.file),
        )
        for each in clicks
    ]
    again = button("Run diagnostics", actions.RUN_DIAGNOSTICS, actions.value(number))
    return [buttons("evidence-buttons", *chosen, *runs, again)]
