"""The rules: whom to call, when to remind, who may change things. Pure; instants come in as values."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.contacts import Handle, Kind, parse_handle
from bot.incident import EntryKind, Incident, TimelineEntry
from bot.letters import cut

NOTICES = tuple(timedelta(minutes=each) for each in (0, 5, 8, 11, 16, 21))
"""When the reminders of one promised update go out, counted from the promise."""

CLIMB = 3
"""The first stage of a reminder that calls people: the commander, then the deputy, then a manager."""

SNOOZE = timedelta(minutes=5)

LATE = timedelta(minutes=2)
"""A reminder that is later than this can only mean that nobody was ticking: the bot was down."""

POSTMORTEM_WITHIN = timedelta(hours=24)

ARCHIVE_AFTER = timedelta(days=7)
"""How long after its end an incident's channel stays open to write in."""

WORST = 2
"""The first so many severities of a runbook (P0 and P1) must never ring nobody."""


@dataclass(frozen=True, slots=True)
class CallOut:
    """Whom a severity calls. `people` are (contact, user id); `lookups` are (contact, handle) that Slack must
    still translate; `ways` are (contact, handles beside Slack, as people may see them, in their order); `unreachable`
    are (contact, what is missing); `everyone` says why the channel is called."""

    people: tuple[tuple[str, str], ...] = ()
    lookups: tuple[tuple[str, str], ...] = ()
    ways: tuple[tuple[str, tuple[str, ...]], ...] = ()
    on_call: tuple[str, ...] = ()
    unreachable: tuple[tuple[str, str], ...] = ()
    everyone: str = ""


def call_out(
    rank: int,
    matched: Sequence[str],
    unmatched: Sequence[str],
    all_hands: bool,
    contacts: Mapping[str, Sequence[str]],
    on_call: Collection[str] = (),
) -> CallOut:
    """Turn a severity's action into calls.

    `rank` is the severity's place in the runbook, 0 the worst. `matched` are the contacts that its action names,
    `unmatched` its words that fit nobody, `contacts` all names with their handles (`slack:U…`, `tel:…`); for those in
    `on_call` a schedule or calendar has to be asked.
    """
    names = list(dict.fromkeys([*matched, *(contacts if all_hands else ())]))
    people: dict[str, str] = {}
    lookups: list[tuple[str, str]] = []
    unreachable: list[tuple[str, str]] = []
    ways: list[tuple[str, tuple[str, ...]]] = []
    for name in names:
        handles = [
            each.removeprefix("slack:") for each in contacts.get(name, ()) if each.startswith("slack:")
        ]
        beside = beside_slack(contacts.get(name, ()))
        if beside:
            ways.append((name, tuple(each.shown for each in beside)))
        if not handles and name not in on_call and all(each.kind is Kind.PHONE for each in beside):
            unreachable.append((name, ONLY_A_PHONE if beside else "no Slack handle"))
        for handle in handles:
            if re.fullmatch(r"[UW][A-Z0-9]+", handle):
                people.setdefault(handle, name)
            else:
                lookups.append((name, handle))
    unreachable += [(words, "no such contact") for words in unmatched]
    everyone = ""
    if all_hands:
        everyone = "all hands"
    elif rank < WORST and not set(names) - {name for name, _ in unreachable}:
        everyone = "nobody else can be reached"
    asked = tuple(name for name in names if name in on_call)
    called = tuple((name, person) for person, name in people.items())
    return CallOut(called, tuple(lookups), tuple(ways), asked, tuple(unreachable), everyone)


ONLY_A_PHONE = "only a phone number"


def beside_slack(handles: Iterable[str]) -> list[Handle]:
    """The handles that are no Slack handles; telephones at the end, for when nothing else helps."""
    parsed = [handle for each in handles if isinstance(handle := parse_handle(each), Handle)]
    beside = [each for each in parsed if not each.text.startswith("slack:")]
    return sorted(beside, key=lambda each: each.kind is Kind.PHONE)


def silence(response: timedelta | None) -> timedelta:
    """How long a page may stay without an answer before the next way to the same contact is tried."""
    shortest, longest = timedelta(minutes=1), timedelta(minutes=5)
    return longest if response is None else min(longest, max(shortest, response / 4))


STILL_WITHIN = timedelta(minutes=5)
"""How long somebody who is asked whether they are still on it has for an answer."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One reminder about a promised update, and what remains after it."""

    stage: int
    missed: int
    next_at: datetime | None


def notice(incident: Incident, now: datetime) -> Notice:
    """The reminder that is due now for `incident`, whose `notice_at` has passed.

    After an outage of the bot there is one notice with the number of updates that were missed, not a burst;
    the later stages keep their distance to it.
    """
    assert (
        incident.notice_at is not None
        and incident.next_update_at is not None
        and incident.cadence is not None
    )
    stage = incident.notice_stage
    missed = 0
    sent_at = incident.notice_at
    if now - incident.notice_at > LATE:
        missed = int((now - incident.next_update_at) / incident.cadence) + (1 if stage == 0 else 0)
        sent_at = now
    following = stage + 1
    if following == len(NOTICES):
        return Notice(stage, missed, None)
    return Notice(stage, missed, sent_at + (NOTICES[following] - NOTICES[stage]))


def manager(names: Iterable[str]) -> str:
    """The contact who answers for the team, by the words of the name; empty when nobody sounds like it."""
    known = list(names)
    for word in MANAGERS:
        for name in known:
            if re.search(rf"\b{word}\b", name, re.IGNORECASE):
                return name
    return ""


MANAGERS = ("manager", "head", "director", "vp", "cto", "chief", "lead")
"""Words for people who answer for others, those that are nearest to the work first."""


def looks_like(title: str, playbook: str | None, others: Iterable[tuple[int, str, str | None]]) -> int | None:
    """The number of the open incident that looks the same as this one, newest first; None when none does.

    `others` are (number, title, playbook). Same playbook and half of the words, or nearly all words, count.
    """
    words = _words(title)
    for number, other_title, other_playbook in others:
        other = _words(other_title)
        shared = len(words & other) / max(1, min(len(words), len(other)))
        same_playbook = playbook is not None and playbook == other_playbook
        if shared >= 0.8 or (same_playbook and shared >= 0.5):
            return number
    return None


def _words(text: str) -> set[str]:
    return {word for word in re.findall(r"\w+", text.casefold()) if word not in FILLERS}


FILLERS = frozenset({"a", "an", "and", "are", "at", "in", "is", "it", "of", "on", "our", "the", "to"})


def may_change(*, guest: bool, bot: bool, stranger: bool) -> str:
    """Why this person may not change an incident, in a sentence; empty when they may."""
    if bot:
        return "Bots can read here but not change an incident. Nothing was changed."
    if stranger:
        return "You belong to another workspace, so you can read here but not change an incident. Nothing was changed."
    if guest:
        return "Guests can read here but not change an incident. Ask a full member to do it. Nothing was changed."
    return ""


DRAFT_WORDS = {
    EntryKind.ACKNOWLEDGED: "Acknowledged, people are on it.",
    EntryKind.COMMANDER_CHANGED: "The incident has a new commander.",
    EntryKind.JOINED: "More people joined.",
    EntryKind.STATUS_CHANGED: "Status is now {to}.",
    EntryKind.SEVERITY_CHANGED: "Severity is now {to}.",
    EntryKind.NOTE_ADDED: "{text}",
}
"""How the next update says what happened. What only matters inside (pages, reminders) is left out."""


LONGEST_DRAFT, LONGEST_DRAFT_LINE, MOST_DRAFT_LINES = 1500, 300, 10
"""Characters and lines: people read it on a phone, and decide whether it goes out as it is."""


def draft(entries: Sequence[TimelineEntry]) -> str:
    """A first wording of the next update from the timeline entries since the last one."""
    lines = [
        DRAFT_WORDS[entry.kind].format_map(entry.detail) for entry in entries if entry.kind in DRAFT_WORDS
    ]
    newest = [cut(line, LONGEST_DRAFT_LINE) for line in reversed(dict.fromkeys(lines))]
    while len(newest) > MOST_DRAFT_LINES or sum(map(len, newest)) > LONGEST_DRAFT:
        newest.pop()
    if not newest:
        return "No change since the last update. We are still working on it."
    earlier = len(dict.fromkeys(lines)) - len(newest)
    before = [f"… and {earlier} earlier {'change' if earlier == 1 else 'changes'}"] if earlier else []
    return "\n".join([*before, *reversed(newest)])
