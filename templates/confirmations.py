"""What is asked back, for one person's eyes: nothing is changed until they say which, or that they mean it."""

from collections.abc import Sequence
from datetime import datetime

from bot.domain.incident import Incident
from bot.ports import SlackPayload
from templates import action_ids
from templates.blocks import (
    build_button,
    build_button_row,
    build_lines,
    build_message,
    build_preformatted,
    build_rich_text,
    build_section,
    select_fitting,
)
from templates.escaping import cut
from templates.replies import MAX_ECHO_LENGTH
from templates.spans import Bold, Code, Line

TIMEOUT_MIN = 5
"""For how long the question whether to cancel an incident can be answered."""

MAX_REASON_LENGTH = 1500
"""Characters of a reason that a button carries; Slack lets it carry 2,000 in all."""


def confirm_cancel(incident: Incident, person: str, reason: str, asked_at: datetime) -> SlackPayload:
    """Whether an incident is really to be cancelled: `person` is asked, for MOST_MINUTES."""
    why = cut(reason, MAX_REASON_LENGTH)
    body: list[Line] = [
        (Bold(f"Cancel {incident.reference}: {incident.title}?"),),
        ("Everybody is told that it was a false alarm, the pages stop, and there is no checklist.",),
    ]
    body += [(f"Reason: {why}",)] if why else []
    asked = action_ids.join_value(incident.number, person, int(asked_at.timestamp()), why)
    row = build_button_row(
        "cancel-buttons",
        build_button(f"Cancel {incident.reference}", action_ids.CANCEL, asked, danger=True),
        build_button("Keep", action_ids.KEEP, asked),
    )
    return build_message(body, build_lines("answer", *body), row)


def render_kept(reference: str) -> SlackPayload:
    """Nobody cancels it."""
    return _build_message((f"{reference} stays open. Nothing was changed.",))


def render_expired(again: str) -> SlackPayload:
    """The question stood there for a while: much may be different by now. `again` are the words that ask it."""
    return _build_message(
        (f"This question is more than {TIMEOUT_MIN} minutes old. Nothing was changed.",),
        ("If you still want to: ", Code(f"/incident {again}")),
    )


def ask_which_incident(why: str, word: str, words: str, incidents: Sequence[Incident]) -> SlackPayload:
    """Which incident `word` is about: `incidents` are offered with what was typed; without any it is said how one is
    named."""
    body: list[Line] = [(why,)]
    text = f" {words}" if words and "\n" not in words and len(words) < MAX_WORDS_LENGTH else ""
    if not incidents:
        named = Code(f"/incident {word} INC-42{text or (' …' if words else '')}")
        body.append(("Run this in its channel, or add its number: ", named))
    for incident in incidents:
        offered = Code(f"/incident {word} {incident.reference}{text}")
        body.append(
            (
                f"{'Do you mean ' if len(incidents) == 1 else '• '}{incident.reference}: {incident.title}? ",
                offered,
            )
        )
    parts = [build_section(select_fitting(body))]
    if words and not text:
        body += [("Your words:",), (cut(words, MAX_ECHO_LENGTH),)]
        parts += [build_section([("Your words:",)]), build_preformatted(cut(words, MAX_ECHO_LENGTH))]
    blocks = [build_rich_text("answer", *parts)]
    if word == "resolve" and len(incidents) == 1:
        only = incidents[0]
        resolve = build_button(
            f"Resolve {only.reference}", action_ids.RESOLVE, action_ids.join_value(only.number), primary=True
        )
        blocks.append(build_button_row("which-buttons", resolve))
    return build_message(body, *blocks)


MAX_WORDS_LENGTH = 200
"""Up to so many characters words are repeated behind each incident, ready to be sent."""


def _build_message(*body: Line) -> SlackPayload:
    return build_message(body, build_lines("answer", *body))
