"""What the person who asked is told, only for their eyes: what happened, or what was wrong and what to do."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from bot.domain.incident import CommandResult
from bot.ports import SlackPayload
from templates import (
    action_ids,
    change_sentences,
    duplicate_question,
    merge_messages,
    paging_sentences,
    remediation_answers,
    runnable_steps,
)
from templates import follower_messages as following
from templates.alert import render_alert
from templates.blocks import (
    build_button,
    build_button_row,
    build_lines,
    build_message,
    build_preformatted,
    build_rich_text,
    build_section,
    format_duration,
)
from templates.checklist_message import render_checklist
from templates.declared_reply import render_declared
from templates.escaping import cut
from templates.incident_view import IncidentViewModel
from templates.spans import Bold, ChannelMention, Code, Line, Timestamp, UserMention, split_code

MAX_ECHO_LENGTH = 2800
"""Characters of somebody's words that an answer gives back."""


def render_reply(outcome: CommandResult) -> SlackPayload:
    """The words for what came of a request; nothing where the channel shows it anyway."""
    if outcome.did in runnable_steps.OUTCOMES:
        return runnable_steps.OUTCOMES[outcome.did](outcome)
    words = WORDS.get(outcome.did)
    if words is None:
        return render_nothing()
    reference = "The incident" if outcome.incident is None else f"INC-{outcome.incident}"
    body = words(outcome.facts, reference)
    blocks = [build_lines("answer", *body)]
    if similar := outcome.facts.get("similar"):
        join = build_button(
            f"Join INC-{similar}", action_ids.JOIN, action_ids.join_value(similar), primary=True
        )
        blocks.append(build_button_row("answer-buttons", join))
    if outcome.did == "declared_before":
        blocks.append(duplicate_question.build_question_buttons(outcome))
    return build_message(body, *blocks)


def is_said_in_room(outcome: CommandResult) -> bool:
    """Whether the incident's room is told the same, so that who is there reads it once. Not where the answer has more
    to say: what was cut, who of those that were typed is not called, or of what it is no part any more."""
    if any(map(outcome.facts.get, ("cut", "remarks", "into"))):
        return False
    return outcome.did in SAID_IN_ROOM or bool(outcome.facts.get("in_room"))


SAID_IN_ROOM = frozenset(
    {
        "commander_changed", "command_offered", "role_assigned", "status_changed", "severity_changed", "impact_changed",
        "renamed", "updated", "escalated", "paged", "still_on_it", "closed", "reopened", "playbook_chosen",
    }
)  # fmt: skip
"""Outcomes of which the room is told the same. An acknowledgement says by itself whether it is; a cancellation is
answered where it was asked for, with the way back."""


def render_done() -> SlackPayload:
    """In place of a question, where the room is told what came of it."""
    return _build_message(("Done; see the incident's channel.",))


def render_nothing() -> SlackPayload:
    """No words: what was asked for shows itself."""
    return SlackPayload("")


def _build_message(*body: Line) -> SlackPayload:
    return build_message(body, build_lines("answer", *body))


Facts = Mapping[str, str]
Words = Callable[[Facts, str], list[Line]]
"""What is said, from the outcome's facts and how its incident is called."""


def _room(facts: Facts) -> Line:
    channel = facts["channel"]
    return (ChannelMention(channel),) if channel else ("its channel is being opened",)


def _render_acknowledged(facts: Facts, reference: str) -> list[Line]:
    took = format_duration(float(facts["seconds"]))
    target = (
        f" (target: under {format_duration(float(facts['target_seconds']))})"
        if facts["target_seconds"]
        else ""
    )
    return [
        (
            Bold(f"You acknowledged {reference}"),
            f" after {took}{target}. Where: ",
            *_room(facts),
        )
    ]


def _render_updated(facts: Facts, reference: str) -> list[Line]:
    following: Line = ()
    if facts["next"]:
        following = (" The next one is due at ", Timestamp(_moment(facts["next"])), ".")
    return [(f"Update to {reference} posted.", *following)]


def _render_snoozed(facts: Facts, reference: str) -> list[Line]:
    until, promise = Timestamp(_moment(facts["until"])), Timestamp(_moment(facts["promise"]))
    return [("I'll remind you at ", until, "; the update is due at ", promise, ".")]


def _render_already_resolved(facts: Facts, reference: str) -> list[Line]:
    by: Line = (" by ", UserMention(facts["by"])) if facts["by"] else ()
    at: Line = (" at ", Timestamp(_moment(facts["at"]))) if facts["at"] else ()
    return [(f"{reference} is already resolved", *by, *at, ". Nothing was changed.")]


def _items_open(facts: Facts, reference: str) -> list[Line]:
    return [
        (Bold("Not closed: these items are open."),),
        *(("☐ ", text) for text in facts["items"].splitlines()),
        ("Check them off, or close with a reason: ", Code("/incident close anyway REASON")),
    ]


def _build_fixed(text: str) -> Words:
    return lambda facts, reference: [(text.format(reference=reference),)]


def _build_from_line(words: Callable[[Facts], Line]) -> Words:
    return lambda facts, reference: [words(facts)]


def _looking(facts: Facts, reference: str) -> list[Line]:
    what = facts["title"] or "the checks of all playbooks"
    return [(Bold(f"Running: {what}."), " Results appear in the channel within half a minute.")]


WORDS: dict[str, Words] = {
    "looking": _looking,
    "looking_already": _build_fixed("Already running: results appear in the channel of {reference}."),
    "playbook_chosen": lambda facts, reference: [
        (f"{reference} now uses ", Bold(facts["title"]), ". It's posted, and its checks are running.")
    ],
    "playbook_already": lambda facts, reference: [
        (f"{reference} already uses this playbook: {facts['title']}.",)
    ],
    "declared": render_declared,
    "declared_before": duplicate_question.render_question,
    "acknowledged": _render_acknowledged,
    "acknowledged_already": _build_fixed("You already acknowledged {reference}."),
    "joined": lambda facts, reference: [(f"You're invited to {reference}: ", *_room(facts))],
    "joined_already": lambda facts, reference: [(f"You already joined {reference}: ", *_room(facts))],
    "commander_changed": lambda facts, reference: [
        (UserMention(facts["person"]), " is now incident commander.")
    ],
    "commander_already": lambda facts, reference: [
        (UserMention(facts["person"]), " is already incident commander.")
    ],
    "updated": _render_updated,
    "draft_outdated": _build_fixed(
        "Someone posted an update first, so I discarded this draft. Use /incident update."
    ),
    "snoozed": _render_snoozed,
    "snoozed_already": _build_fixed("Already snoozed once for this update. Nothing was changed."),
    "nothing_to_snooze": _build_fixed("No reminder left to snooze; the update is still due."),
    "resolved": _build_fixed("{reference} is resolved. The checklist is in its channel."),
    "resolved_already": _render_already_resolved,
    "cancelled": lambda facts, reference: [
        (f"{reference} is cancelled as a false alarm. Everybody is told; there is no checklist.",),
        ("Was it real after all? ", Code(f"/incident reopen {reference}")),
    ],
    "closed": _build_fixed("{reference} is closed."),
    "reopened": change_sentences.describe_reopened,
    "closed_already": _build_fixed("{reference} is already closed. Nothing was changed."),
    "items_open": _items_open,
    "item_owned": lambda facts, reference: [("Saved: ", Bold(facts["text"]))],
    "item_owned_already": _build_fixed("The item already has this owner and due date. Nothing was changed."),
    "refused": lambda facts, reference: [split_code(facts["sentence"])],
    "unanswered": _build_fixed("I'm already working on this request. Nothing was done twice."),
    **merge_messages.OUTCOMES,
    **following.OUTCOMES,
    **remediation_answers.OUTCOMES,
    **{
        did: _build_from_line(words)
        for did, words in (change_sentences.OUTCOMES | paging_sentences.OUTCOMES).items()
    },
}
"""What is said for each outcome. Ticks are not here: the checklist itself shows them."""


def _moment(epoch: str) -> datetime:
    return datetime.fromtimestamp(int(epoch), UTC)


def render_refusal(sentence: str, words: str = "") -> SlackPayload:
    """A rule says no, in its own sentence; `words` are what was typed, to be copied."""
    if not words:
        return _build_message(split_code(sentence))
    given = cut(words, MAX_ECHO_LENGTH)
    body: list[Line] = [split_code(sentence), ("Your words:",)]
    shown = build_rich_text("answer", build_section(body), build_preformatted(given))
    return build_message([*body, (given,)], shown)


def prefix_incident(answer: SlackPayload, number: int, here: int) -> SlackPayload:
    """The answer to what was done to an incident, typed in the channel of another one (`here`), which is said first."""
    body: list[Line] = [(Bold(f"For INC-{number}; this is the channel of INC-{here}."),)]
    blocks = [build_lines("elsewhere", *body), *answer.blocks]
    return SlackPayload(
        "\n".join(each for each in (build_message(body).text, answer.text) if each), tuple(blocks)
    )


def render_unknown_word(word: str, near: str | None) -> SlackPayload:
    """A word that is not in the grammar."""
    if near is not None:
        return _build_message(
            (f"I don't know “{word}”. Did you mean ", Code(f"/incident {near}"), "? Nothing was changed.")
        )
    return _build_message((f"I don't know “{word}”. Type ", Code("/incident help"), ". Nothing was changed."))


def render_failure(error_id: str) -> SlackPayload:
    """A fault of ours."""
    return _build_message(
        (f"Something went wrong on my side (error {error_id} in the log).",), ("Please try again.",)
    )


def render_card(view: IncidentViewModel) -> SlackPayload:
    """How an incident stands."""
    drawn = render_alert(view)
    return SlackPayload(drawn.text, drawn.blocks)


def render_checklist_reply(view: IncidentViewModel) -> SlackPayload:
    """The checklist, for one person."""
    if not view.situation.items:
        return _build_message(
            (f"{view.incident.reference} has no checklist yet; it gets one when it is resolved.",)
        )
    return render_checklist(view)
