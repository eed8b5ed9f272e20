"""The rules: whom to page, when to remind, who may change things. Pure; instants come in as values."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.contacts import Handle, HandleKind, parse_handle
from bot.domain.incident import Incident
from bot.domain.page_attempts import WORST

NOTICES = tuple(timedelta(minutes=minutes) for minutes in (0, 5, 8, 11, 16, 21))
"""When the reminders of one promised update go out, counted from the promise."""

CLIMB = 3
"""The first stage of a reminder that calls people: the commander, then the deputy, then a manager."""

SNOOZE = timedelta(minutes=5)
"""For how long a snooze keeps the next reminder back, from when it was asked for."""

LATE = timedelta(minutes=2)
"""A reminder that is later than this can only mean that nobody was ticking: the bot was down."""

POSTMORTEM_DEADLINE = timedelta(hours=24)

REOPEN_WINDOW = timedelta(days=90)
"""After so long what is closed or cancelled stays so: what was done for it is no longer kept row by row."""

OFFER_REVIEW_AFTER = timedelta(hours=2)
"""How long after the resolution the review is offered."""

ARCHIVE_AFTER = timedelta(days=7)
"""How long after its end an incident's channel stays open to write in."""


USER_ID = re.compile(r"[UW][A-Z0-9]+")


@dataclass(frozen=True, slots=True)
class PagingPlan:
    """Whom a severity pages. `people` are (contact, user id); `lookups` are (contact, handle) that Slack must still
    resolve; `ways` are (contact, handles beside Slack, as people may see them, in their order); `on_call` are contacts
    that are looked up; `unreachable` are (contact, what is missing); `everyone` says why the channel is paged."""

    people: tuple[tuple[str, str], ...] = ()
    lookups: tuple[tuple[str, str], ...] = ()
    ways: tuple[tuple[str, tuple[str, ...]], ...] = ()
    on_call: tuple[str, ...] = ()
    unreachable: tuple[tuple[str, str], ...] = ()
    everyone: str = ""


def plan_paging(
    rank: int,
    matched: Sequence[str],
    unmatched: Sequence[str],
    all_hands: bool,
    contacts: Mapping[str, Sequence[str]],
    on_call: Collection[str] = (),
) -> PagingPlan:
    """Plan the pages of a severity's action.

    `rank` is the severity's place in the runbook, 0 the worst. `matched` are the contacts that its action names,
    `unmatched` its words that fit nobody, `contacts` all names with their handles (`slack:U…`, `tel:…`); for those in
    `on_call` a schedule or calendar is asked, and their own handles are for when that names nobody who can be reached.
    """
    names = list(dict.fromkeys([*matched, *(contacts if all_hands else ())]))
    people, lookups = _split_slack_handles(
        {name: contacts.get(name, ()) for name in names if name not in on_call}
    )
    unreachable = [
        (name, missing)
        for name in names
        if (missing := _find_missing_handle(contacts.get(name, ()), name in on_call))
    ]
    return PagingPlan(
        people=people,
        lookups=lookups,
        ways=_list_ways({name: contacts.get(name, ()) for name in names}),
        on_call=tuple(name for name in names if name in on_call),
        unreachable=(*unreachable, *((words, "no such contact") for words in unmatched)),
        everyone=_explain_everyone(rank, all_hands, has_reachable=len(unreachable) < len(names)),
    )


def _split_slack_handles(
    contacts: Mapping[str, Sequence[str]],
) -> tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]:
    """The (contact, user id) of the people that the handles name, each person once, and the (contact, handle) that
    Slack must still translate."""
    people: dict[str, str] = {}
    lookups: list[tuple[str, str]] = []
    for name, handles in contacts.items():
        for handle in handles:
            if not handle.startswith("slack:"):
                continue
            address = handle.removeprefix("slack:")
            if USER_ID.fullmatch(address):
                people.setdefault(address, name)
            else:
                lookups.append((name, address))
    return tuple((name, person) for person, name in people.items()), tuple(lookups)


def _list_ways(contacts: Mapping[str, Sequence[str]]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The contacts that have handles beside Slack, with those handles."""
    beside = {name: select_non_slack_handles(handles) for name, handles in contacts.items()}
    return tuple(
        (name, tuple(handle.shown for handle in handles)) for name, handles in beside.items() if handles
    )


def _find_missing_handle(handles: Sequence[str], is_looked_up: bool) -> str:
    """What a contact lacks to be reached; empty when nothing. One that `is_looked_up` has a schedule or calendar."""
    beside = select_non_slack_handles(handles)
    in_slack = any(handle.startswith("slack:") for handle in handles)
    if is_looked_up or in_slack or any(handle.kind is not HandleKind.PHONE for handle in beside):
        return ""
    return ONLY_A_PHONE if beside else "no Slack handle"


def _explain_everyone(rank: int, all_hands: bool, has_reachable: bool) -> str:
    """Why the channel is paged; empty when it is not."""
    if all_hands:
        return "all hands"
    return "nobody else can be reached" if rank < WORST and not has_reachable else ""


ONLY_A_PHONE = "only a phone number"


def select_non_slack_handles(handles: Iterable[str]) -> list[Handle]:
    """The handles that are no Slack handles; telephones at the end, for when nothing else helps."""
    parsed = [handle for text in handles if isinstance(handle := parse_handle(text), Handle)]
    beside = [handle for handle in parsed if not handle.text.startswith("slack:")]
    return sorted(beside, key=lambda handle: handle.kind is HandleKind.PHONE)


def compute_silence_timeout(response: timedelta | None) -> timedelta:
    """How long a page may stay without an answer before the next way to the same contact is tried."""
    shortest, longest = timedelta(minutes=1), timedelta(minutes=5)
    return longest if response is None else min(longest, max(shortest, response / 4))


CHECK_IN_TIMEOUT = timedelta(minutes=5)
"""How long somebody who is asked whether they are still on it has for an answer."""


@dataclass(frozen=True, slots=True)
class UpdateReminder:
    """One reminder about a promised update, and what remains after it."""

    stage: int
    missed: int
    next_at: datetime | None


def plan_reminder(incident: Incident, now: datetime) -> UpdateReminder:
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
        return UpdateReminder(stage, missed, None)
    return UpdateReminder(stage, missed, sent_at + (NOTICES[following] - NOTICES[stage]))


def find_manager(names: Iterable[str]) -> str:
    """The contact who is responsible for the team, by the words of the name; empty when no name sounds like it."""
    known = list(names)
    for word in MANAGERS:
        for name in known:
            if re.search(rf"\b{word}\b", name, re.IGNORECASE):
                return name
    return ""


MANAGERS = ("manager", "head", "director", "vp", "cto", "chief", "lead")
"""Words for people who answer for others, those that are nearest to the work first."""


def find_similar_incident(
    title: str, playbook: str | None, others: Iterable[tuple[int, str, str | None]]
) -> int | None:
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


def explain_cannot_change(*, guest: bool, bot: bool, stranger: bool) -> str:
    """Why this person may not change an incident, in a sentence; empty when they may."""
    if bot:
        return "Bots can read here but not change an incident. Nothing was changed."
    if stranger:
        return "You belong to another workspace, so you can read here but not change an incident. Nothing was changed."
    if guest:
        return "Guests can read here but not change an incident. Ask a full member to do it. Nothing was changed."
    return ""


def explain_cannot_page(*, deactivated: bool, bot: bool, stranger: bool) -> str:
    """Why this person cannot be paged, as the end of a sentence that begins with the name; empty when they can. Guests
    can: they read along, and acknowledge."""
    if deactivated:
        return "has a deactivated Slack account"
    if bot:
        return "is a bot"
    return "belongs to another workspace" if stranger else ""


def explain_cannot_hold(*, deactivated: bool, bot: bool, stranger: bool, guest: bool) -> str:
    """The same for command and the roles beside it, which a guest cannot hold."""
    if why := explain_cannot_page(deactivated=deactivated, bot=bot, stranger=stranger):
        return why
    return "is a guest: guests can read here, but not command or hold a role" if guest else ""
