"""One-line messages, the channel's name and its topic."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence

from bot.domain.incident import Incident
from bot.ports import SlackPayload
from templates import (
    change_sentences,
    merge_messages,
    page_progress,
    paging_sentences,
    remediation_answers,
)
from templates.blocks import build_lines, build_message, format_duration
from templates.escaping import cut
from templates.incident_view import IncidentViewModel
from templates.spans import Bold, ChannelMention, Code, EveryoneMention, Line, Span, UserMention

Detail = Mapping[str, str]
LONGEST_NAME, LONGEST_TOPIC = 80, 250


def render_notice(view: IncidentViewModel, words: str, detail: Detail) -> SlackPayload:
    """A line in the incident's channel; `words` is a name in SENTENCES."""
    line = SENTENCES[words](view, detail)
    return build_message([line], build_lines("notice", line))


def render_announcement(view: IncidentViewModel, words: str, detail: Detail) -> SlackPayload:
    """A line in the incidents channel, where it must say which incident it is about."""
    line: Line = (Bold(view.headline), f" ({view.incident.reference})", *view.where, ": ")
    line = (*line, *SENTENCES[words](view, detail))
    return build_message([line], build_lines("told", line))


def render_runbook_problem(why: str, in_force: bool = False) -> SlackPayload:
    """A line in the incidents channel for whoever keeps the runbook; one that is `in_force` lacks something."""
    line: Line = (Bold("I can't read the runbook: "), f"{why} I keep using the last good version.")
    if in_force:
        line = (Bold("The runbook lacks something: "), why)
    return build_message([line], build_lines("runbook", line))


def render_flood(person: str, declared: Sequence[tuple[int, float]]) -> SlackPayload:
    """A line in the incidents channel when one person declares very much at once: each incident's number, and how many
    seconds after the first it was."""
    names = ", ".join(f"INC-{number}" for number, _ in declared[:MAX_NAMED])
    more = f" and {len(declared) - MAX_NAMED} more" if len(declared) > MAX_NAMED else ""
    took = max([seconds for _, seconds in declared], default=0.0)
    first: Line = (
        UserMention(person),
        Bold(f" declared {len(declared)} incidents within {format_duration(max(1.0, took))}"),
        f": {names}{more}.",
    )
    pages: Line = (
        "Each P0 is paged, but nobody is rung for every one of them: "
        "further pages wait until the first is acknowledged, 2 minutes at most.",
    )
    mistake: Line = ("Was it a mistake? ", Code("/incident cancel INC-…"))
    return build_message([first, pages, mistake], build_lines("flood", first, pages, mistake))


MAX_NAMED = 30
"""Incidents that are named when very many are declared at once."""


def render_unreachable(contacts: Sequence[tuple[str, str, str]]) -> SlackPayload:
    """For whoever keeps the contacts file, in the incidents channel: whom the runbook calls, at which severities, and
    why nothing reaches them."""
    body: list[Line] = [(Bold("The runbook pages these people, but I can't reach them:"),)]
    body += [
        ("• ", Bold(name), f" ({severities}): {why}") for name, severities, why in contacts[:MAX_UNREACHABLE]
    ]
    if len(contacts) > MAX_UNREACHABLE:
        body.append((f"… and {len(contacts) - MAX_UNREACHABLE} more",))
    body.append(
        (
            "Add a contact method to the contacts file or the runbook; ",
            Code("./tocsin check"),
            " shows who can be reached.",
        )
    )
    return build_message(body, build_lines("contacts", *body))


MAX_UNREACHABLE = 15


def render_everyone(view: IncidentViewModel, why: str) -> SlackPayload:
    """Call the whole incidents channel."""
    line: Line = (
        EveryoneMention(),
        " ",
        Bold(view.headline),
        " needs people: ",
        *strip_bold(paging_sentences.parse_mentions(why)),
        f". {view.incident.reference} is being worked on",
        *view.where,
        ".",
    )
    return build_message([line], build_lines("everyone", line))


def strip_bold(line: Line) -> Line:
    """The same without bold words."""
    return tuple(span.text if isinstance(span, Bold) else span for span in line)


def _describe_acknowledgement(view: IncidentViewModel, detail: Detail) -> Line:
    target = f" (target: {view.answered_within})" if view.answered_within else ""
    who = page_progress.format_person(detail["actor"])
    uncalled = " They weren't paged, but it counts." if detail.get("uncalled") else ""
    return (*who, f" acknowledged after {format_duration(float(detail['seconds']))}{target}.{uncalled}")


def _overdue(view: IncidentViewModel, detail: Detail) -> Line:
    missed = int(detail.get("missed", "0"))
    down = (
        f" I was offline; {_count(missed, 'update')} {'was' if missed == 1 else 'were'} missed."
        if missed
        else ""
    )
    return (
        f"the status update is {detail['minutes']} minutes late.{down} Commander: ",
        UserMention(detail["commander"]),
    )


def _describe_closing(view: IncidentViewModel, detail: Detail) -> Line:
    left = int(detail["left"])
    why = f" with {left} open items: {detail['reason']}" if left else ""
    return (UserMention(detail["actor"]), f" closed {view.incident.reference}{why}.")


def _page_failed(view: IncidentViewModel, detail: Detail) -> Line:
    how = view.describe_reach(detail["contact"])
    person, others = detail.get("person", ""), detail.get("others", "").split()
    who = paging_sentences.describe_not_paged(detail["contact"], person)
    failed: Line = (*who, Bold(" could not be paged"), f": {detail['why']}. ")
    if others:
        called = [span for other in others[:MAX_OTHERS] for span in (" ", UserMention(other))]
        more = f" and {len(others) - MAX_OTHERS} more" if len(others) > MAX_OTHERS else ""
        return (*failed, f"Others paged as {detail['contact']}:", *called, f"{more}.")
    if how:
        return (*failed, f"Reach them yourself: {how}")
    return (*failed, "Reach them another way, or page somebody else: ", Code("/incident page WHO"))


MAX_OTHERS = 10


def _channel_failed(view: IncidentViewModel, detail: Detail) -> Line:
    return (f"I couldn't create its channel ({detail['why']}).",)


def _describe_move(view: IncidentViewModel, detail: Detail) -> Line:
    return ("This incident continues in ", ChannelMention(detail["channel"]), ".")


def _channel_lost(view: IncidentViewModel, detail: Detail) -> Line:
    return (
        Bold("I cannot write in "),
        ChannelMention(detail["channel"]),
        f" any more: {LOST[detail['how']]}. This incident continues here.",
    )


def _channel_back(view: IncidentViewModel, detail: Detail) -> Line:
    return ("I can write here again, so this incident continues here.",)


LOST = {
    "archived": "it was archived. Unarchive it to go back there",
    "deleted": "it was deleted",
    "removed": "I was taken out of it. Invite me to go back there",
    "gone": "it was deleted, or hidden from me. If it is still there, invite me to go back",
}
"""What happened to a channel that cannot be used, and what to do."""


def _effect_failed(view: IncidentViewModel, detail: Detail) -> Line:
    pieces = USER.split(detail["why"])
    why: list[Span] = [UserMention(piece) if place % 2 else piece for place, piece in enumerate(pieces)]
    return (f"I couldn't do this: {detail['what']}. ", *why, ".")


USER = re.compile(r"(?<!\w)([UW][A-Z0-9]{8,})(?= \()")
"""A user id in front of Slack's reason, as it is written for people who could not be invited."""


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _update_asked(view: IncidentViewModel, detail: Detail) -> Line:
    people: list[Span] = [UserMention(each) for each in detail["people"].split()] or [Bold(detail["to"])]
    late = f" the status update is {detail['minutes']} minutes late."
    silent: Line = (
        () if detail["role"] == "commander" else (" ", UserMention(detail["commander"]), " hasn't posted it.")
    )
    return (*people, late, *silent, f" Please post it, as {detail['role']}: ", Code("/incident update"))


def _describe_restore(view: IncidentViewModel, detail: Detail) -> Line:
    first: Line = (
        Bold("My database was restored from a backup."),
        " What was done here since that backup is missing from the timeline, and I may show what ended long ago.",
    )
    if not detail["held"]:
        return first
    held: Line = (
        " Not paged automatically because it was due more than 30 minutes ago: ",
        Bold(detail["held"]),
        ".",
    )
    return (*first, *held, " To page them: ", Code("/incident page WHO"), " or ", Code("/incident escalate"))


SENTENCES: dict[str, Callable[[IncidentViewModel, Detail], Line]] = {
    "acknowledged": _describe_acknowledgement,
    "closed": _describe_closing,
    "page_failed": _page_failed,
    "channel_failed": _channel_failed,
    "effect_failed": _effect_failed,
    "moved": _describe_move,
    "channel_lost": _channel_lost,
    "channel_back": _channel_back,
    "update_overdue": _overdue,
    "update_asked": _update_asked,
    "restored": _describe_restore,
    "remediation_news": remediation_answers.describe_news,
    **change_sentences.SENTENCES,
    **merge_messages.SENTENCES,
    **paging_sentences.SENTENCES,
}
"""The sentences by the name that an effect gives them."""

TO_ACT_ON = frozenset({"update_overdue", "channel_failed", "effect_failed"})
"""Those in the incidents channel that ask somebody to do something."""


def format_topic(view: IncidentViewModel) -> str:
    """The channel's topic: how bad, where it stands, what."""
    incident = view.incident
    private = " · private" if incident.private else ""
    words = f"{incident.severity} · {view.standing}{private} · {incident.title}"
    return cut(" ".join(words.split()), LONGEST_TOPIC)


ADDRESS = re.compile(r"\s\(https?://[^\s()]*\)|https?://(?:www\.)?", re.IGNORECASE)
"""An address behind its label, and what an address begins with."""


def build_channel_name(incident: Incident) -> str:
    """`inc-42-api-is-down`: lowercase ASCII letters, digits and dashes, at most 80, cut between words."""
    title = ADDRESS.sub("", incident.title).replace("ß", "ss").casefold()
    folded = unicodedata.normalize("NFKD", title)
    words = re.findall(r"[a-z0-9]+", folded.encode("ascii", "ignore").decode())
    name = f"inc-{incident.number}"
    for word in words:
        if len(name) + 1 + len(word) > LONGEST_NAME:
            break
        name += f"-{word}"
    return name
