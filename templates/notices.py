"""One-line messages, the channel's name and its topic."""

import re
import unicodedata
from collections.abc import Callable, Mapping

from bot.incident import Incident
from bot.ports import Message
from templates import calls, ladder, turns
from templates.kit import Bold, ChannelRef, Code, Everyone, Line, Person, Span, lasted, lines, message
from templates.letters import cut
from templates.view import View

Detail = Mapping[str, str]
LONGEST_NAME, LONGEST_TOPIC = 80, 250


def notice(view: View, words: str, detail: Detail) -> Message:
    """A line in the incident's channel; `words` is a name in SENTENCES."""
    line = SENTENCES[words](view, detail)
    return message([line], lines("notice", line))


def told(view: View, words: str, detail: Detail) -> Message:
    """A line in the incidents channel, where it must say which incident it is about."""
    line: Line = (Bold(view.headline), f" ({view.incident.reference})", *view.where, ": ")
    line = (*line, *SENTENCES[words](view, detail))
    return message([line], lines("told", line))


def runbook_unreadable(why: str) -> Message:
    """A line in the incidents channel for whoever keeps the runbook."""
    line: Line = (Bold("The runbook cannot be read: "), f"{why} I go on with the last good one.")
    return message([line], lines("runbook", line))


def everyone(view: View, why: str) -> Message:
    """Call the whole incidents channel."""
    line: Line = (
        Everyone(),
        " ",
        Bold(view.headline),
        f" needs people, {why}. {view.incident.reference} is worked on",
        *view.where,
        ".",
    )
    return message([line], lines("everyone", line))


def _acknowledged(view: View, detail: Detail) -> Line:
    target = f" (target: {view.answered_within})" if view.answered_within else ""
    who = ladder.named(detail["actor"])
    uncalled = " They were not called; it counts all the same." if detail.get("uncalled") else ""
    return (*who, f" acknowledged after {lasted(float(detail['seconds']))}{target}.{uncalled}")


def _overdue(view: View, detail: Detail) -> Line:
    missed = int(detail.get("missed", "0"))
    down = f" {_count(missed, 'update')} missed while I was down." if missed else ""
    return (
        f"the status update is {detail['minutes']} minutes overdue.{down} Commander: ",
        Person(detail["commander"]),
    )


def _closed(view: View, detail: Detail) -> Line:
    left = int(detail["left"])
    why = f" with {left} open items: {detail['reason']}" if left else ""
    return (Person(detail["actor"]), f" closed {view.incident.reference}{why}.")


def _page_failed(view: View, detail: Detail) -> Line:
    how = view.reach(detail["contact"])
    return (
        Bold(f"{detail['contact']} could not be called"),
        f": {detail['why']}. Reach them yourself{f': {how}' if how else '.'}",
    )


def _channel_failed(view: View, detail: Detail) -> Line:
    return (f"its channel could not be made ({detail['why']}).",)


def _moved(view: View, detail: Detail) -> Line:
    return ("We go on in ", ChannelRef(detail["channel"]), ".")


def _channel_lost(view: View, detail: Detail) -> Line:
    return (
        Bold("I cannot write in "),
        ChannelRef(detail["channel"]),
        f" any more: {LOST[detail['how']]}. We go on here.",
    )


def _channel_back(view: View, detail: Detail) -> Line:
    return ("I can write here again, we go on here.",)


LOST = {
    "archived": "it was archived. Unarchive it to go back there",
    "deleted": "it was deleted",
    "removed": "I was taken out of it. Invite me to go back there",
    "gone": "it was deleted, or hidden from me. If it is still there, invite me to go back",
}
"""What happened to a channel that cannot be used, and what to do."""


def _effect_failed(view: View, detail: Detail) -> Line:
    pieces = USER.split(detail["why"])
    why: list[Span] = [Person(piece) if place % 2 else piece for place, piece in enumerate(pieces)]
    return (f"I could not do this: {detail['what']}. ", *why, ".")


USER = re.compile(r"(?<!\w)([UW][A-Z0-9]{8,})(?= \()")
"""A user id in front of Slack's reason, as it is written for people who could not be invited."""


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _commander(view: View, detail: Detail) -> Line:
    return (Person(detail["person"]), " commands now.")


def _update_asked(view: View, detail: Detail) -> Line:
    people: list[Span] = [Person(each) for each in detail["people"].split()] or [Bold(detail["to"])]
    late = f" the status update is {detail['minutes']} minutes overdue."
    silent: Line = (
        () if detail["role"] == "commander" else (" ", Person(detail["commander"]), " has not posted it.")
    )
    return (*people, late, *silent, f" Please post it, as {detail['role']}: ", Code("/incident update"))


SENTENCES: dict[str, Callable[[View, Detail], Line]] = {
    "acknowledged": _acknowledged,
    "commander_changed": _commander,
    "closed": _closed,
    "page_failed": _page_failed,
    "channel_failed": _channel_failed,
    "effect_failed": _effect_failed,
    "moved": _moved,
    "channel_lost": _channel_lost,
    "channel_back": _channel_back,
    "update_overdue": _overdue,
    "update_asked": _update_asked,
    **turns.SENTENCES,
    **calls.SENTENCES,
}
"""The sentences by the name that an effect gives them."""

TO_ACT_ON = frozenset({"update_overdue", "channel_failed", "effect_failed"})
"""Those in the incidents channel that ask somebody to do something."""


def topic(view: View) -> str:
    """The channel's topic: how bad, where it stands, what."""
    incident = view.incident
    private = " · private" if incident.private else ""
    words = f"{incident.severity} · {incident.status}{private} · {incident.title}"
    return cut(" ".join(words.split()), LONGEST_TOPIC)


def channel_name(incident: Incident) -> str:
    """`inc-42-api-is-down`: lowercase ASCII letters, digits and dashes, at most 80, cut between words."""
    folded = unicodedata.normalize("NFKD", incident.title.replace("ß", "ss").casefold())
    words = re.findall(r"[a-z0-9]+", folded.encode("ascii", "ignore").decode())
    name = f"inc-{incident.number}"
    for word in words:
        if len(name) + 1 + len(word) > LONGEST_NAME:
            break
        name += f"-{word}"
    return name
