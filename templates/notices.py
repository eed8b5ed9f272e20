"""One-line messages, the channel's name and its topic."""

import re
import unicodedata
from collections.abc import Sequence
from typing import assert_never

from bot.domain.incident import Incident
from bot.domain.notices import (
    AcknowledgementNotice,
    ChangeNotice,
    ChannelBackNotice,
    ChannelFailedNotice,
    ChannelLostNotice,
    ChannelNotice,
    EffectFailedNotice,
    EndNotice,
    MergeNotice,
    MovedNotice,
    Notice,
    PageNotice,
    PageProblemNotice,
    ProposalNotice,
    PublicationNotice,
    RemediationNewsNotice,
    RestoredNotice,
    UpdateAskedNotice,
    UpdateOverdueNotice,
    WorkNotice,
)
from bot.ports import SlackPayload
from bot.text.durations import format_duration
from templates import (
    change_sentences,
    merge_messages,
    paging_sentences,
    proposal_sentences,
    publication_sentences,
    remediation_answers,
)
from templates.acknowledgement_sentences import describe_acknowledgement
from templates.blocks import build_lines, build_message
from templates.escaping import cut
from templates.incident_view import IncidentViewModel
from templates.spans import Bold, ChannelMention, Code, EveryoneMention, Line, Span, UserMention

LONGEST_NAME, LONGEST_TOPIC = 80, 250


def render_notice(view: IncidentViewModel, notice: Notice) -> SlackPayload:
    """A line in the incident's channel."""
    line = describe_notice(view, notice)
    return build_message([line], build_lines("notice", line))


def render_announcement(view: IncidentViewModel, notice: Notice) -> SlackPayload:
    """A line in the incidents channel, where it must say which incident it is about."""
    line: Line = (Bold(view.headline), f" ({view.incident.reference})", *view.where, ": ")
    line = (*line, *describe_notice(view, notice))
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


def describe_notice(view: IncidentViewModel, notice: Notice) -> Line:
    """The sentence of a notice. The type checker proves that none is forgotten."""
    reference = view.incident.reference
    if isinstance(notice, ChangeNotice):
        return change_sentences.describe_change_notice(notice)
    if isinstance(notice, EndNotice):
        return change_sentences.describe_end_notice(notice, reference)
    if isinstance(notice, MergeNotice):
        return merge_messages.describe_merge(notice, reference)
    if isinstance(notice, PageNotice):
        return paging_sentences.describe_page_notice(view, notice)
    if isinstance(notice, PageProblemNotice):
        return paging_sentences.describe_page_problem(view, notice)
    if isinstance(notice, AcknowledgementNotice):
        return describe_acknowledgement(view, notice)
    if isinstance(notice, ChannelNotice):
        return _describe_channel(notice)
    if isinstance(notice, PublicationNotice):
        return publication_sentences.describe_publication_notice(notice)
    if isinstance(notice, ProposalNotice):
        return proposal_sentences.describe_proposal_notice(notice)
    return _describe_work(notice)


def _describe_channel(notice: ChannelNotice) -> Line:
    match notice:
        case MovedNotice():
            return ("This incident continues in ", ChannelMention(notice.channel), ".")
        case ChannelLostNotice():
            how = f" any more: {LOST[notice.how]}. This incident continues here."
            return (Bold("I cannot write in "), ChannelMention(notice.channel), how)
        case ChannelBackNotice():
            return ("I can write here again, so this incident continues here.",)
        case ChannelFailedNotice():
            return (f"I couldn't create its channel ({notice.why}).",)
        case _:
            assert_never(notice)


LOST = {
    "archived": "it was archived. Unarchive it to go back there",
    "deleted": "it was deleted",
    "removed": "I was taken out of it. Invite me to go back there",
    "gone": "it was deleted, or hidden from me. If it is still there, invite me to go back",
}
"""What happened to a channel that cannot be used, and what to do."""


def _describe_work(notice: WorkNotice) -> Line:
    match notice:
        case EffectFailedNotice():
            return _effect_failed(notice)
        case UpdateOverdueNotice():
            return _overdue(notice)
        case UpdateAskedNotice():
            return _update_asked(notice)
        case RestoredNotice():
            return _describe_restore(notice)
        case RemediationNewsNotice():
            return remediation_answers.describe_news(notice)
        case _:
            assert_never(notice)


def _effect_failed(notice: EffectFailedNotice) -> Line:
    pieces = USER.split(notice.why[:1].upper() + notice.why[1:])
    why: list[Span] = [UserMention(piece) if place % 2 else piece for place, piece in enumerate(pieces)]
    return (f"I couldn't do this: {notice.what}. ", *why, ".")


USER = re.compile(r"(?<!\w)([UW][A-Z0-9]{8,})(?= \()")
"""A user id in front of Slack's reason, as it is written for people who could not be invited."""


def _overdue(notice: UpdateOverdueNotice) -> Line:
    missed = notice.missed
    down = ""
    if missed:
        down = f" I was offline; {_count(missed, 'update')} {'was' if missed == 1 else 'were'} missed."
    late = f"the status update is {notice.minutes} minutes late.{down} Commander: "
    return (late, UserMention(notice.commander))


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _update_asked(notice: UpdateAskedNotice) -> Line:
    people: list[Span] = [UserMention(person) for person in notice.people] or [Bold(notice.to)]
    late = f" the status update is {notice.minutes} minutes late."
    silent: Line = ()
    if notice.role != "commander":
        silent = (" ", UserMention(notice.commander), " hasn't posted it.")
    return (*people, late, *silent, f" Please post it, as {notice.role}: ", Code("/incident update"))


def _describe_restore(notice: RestoredNotice) -> Line:
    first: Line = (
        Bold("My database was restored from a backup."),
        " What was done here since that backup is missing from the timeline, and I may show what ended long ago.",
    )
    if not notice.held:
        return first
    held: Line = (
        " Not paged automatically because it was due more than 30 minutes ago: ",
        Bold(notice.held),
        ".",
    )
    return (*first, *held, " To page them: ", Code("/incident page WHO"), " or ", Code("/incident escalate"))


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
