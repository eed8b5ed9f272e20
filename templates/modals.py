"""The forms: everything may stay "not known yet" that can be asked later."""

import json
import re
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from slackblocks import DateTimePicker, InputBlock, ModalView, PlainText, StaticSelectMenu

from bot.domain.incident import Status
from bot.ports import Block, SlackPayload
from bot.runbook import Runbook
from templates import action_ids
from templates.blocks import (
    build_lines,
    build_preformatted,
    build_quote,
    build_rich_text,
    build_section,
    keep_emoji_codes,
)
from templates.escaping import cut, take_beginning
from templates.findings_summary import build_resolve_blocks
from templates.form_fields import (
    TITLE_LENGTH,
    build_drill_input,
    build_impact_fields,
    build_option,
    build_playbook_input,
    build_private_input,
    build_public_box,
    build_severity_input,
    build_text_field,
    hash_text,
)
from templates.incident_view import IncidentViewModel
from templates.placeholder_fields import list_asked_placeholders, placeholder_fields
from templates.spans import Bold, Line, Timestamp, UserMention
from templates.update_messages import format_customer_copy as copy_of

MAX_BLOCKS = 100
MAX_QUOTE_LENGTH = 1000
"""Characters of a message that a form carries along; Slack lets it carry 3,000 in all."""

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f]")
"""Characters that JSON writes with six others."""

Modal = dict[str, Any]


def build_declare_form(
    runbook: Runbook,
    *,
    severity: str,
    title: str,
    origin: str,
    quote: str = "",
    link: str = "",
    private: bool = False,
    drill: bool = False,
    unsure: Collection[str] = (),
) -> Modal:
    """The declare form, also for a drill. `severity` as typed, `title` the words so far, `origin` where it was asked.

    `quote` and `link` are the words and the address of the message that it comes from, if it comes from one. `unsure`
    are words in front of the title that may be a part of it, "private" and "drill" among them: then the boxes decide.
    """
    chosen = runbook.severity(severity) if severity else None
    ask_drill = drill and "drill" in unsure
    blocks = [
        *([_unsure(unsure, private, drill)] if unsure else []),
        build_severity_input(runbook, chosen.id if chosen else ""),
        build_text_field(
            action_ids.TITLE, "What is wrong?", "API is down", longest=TITLE_LENGTH, initial=title
        ),
        *build_playbook_input(runbook, chosen.id if chosen else None, title),
        build_private_input(private),
        *([build_drill_input()] if ask_drill else []),
        *build_impact_fields({}),
        *(build_text_field(name, label, optional=True) for name, label in list_asked_placeholders(runbook)),
    ]
    carried = {
        "origin": origin,
        "quote": take_beginning(CONTROL.sub("", quote), MAX_QUOTE_LENGTH),
        "link": link,
        "drill": drill and not ask_drill,
    }
    if drill and not ask_drill:
        return build_form(action_ids.DECLARE_FORM, "Begin a drill", "Begin", blocks, carried)
    return build_form(action_ids.DECLARE_FORM, "Declare an incident", "Declare", blocks, carried)


def build_severity_form(
    runbook: Runbook, words: str, origin: str, private: bool = False, drill: bool = False
) -> Modal:
    """The form for words that were typed already: only the severity is missing."""
    shown = build_lines("words", (words,), *_kinds(private, drill))
    carried = {
        "title": take_beginning(CONTROL.sub("", words), MAX_QUOTE_LENGTH),
        "origin": origin,
        "private": private,
        "drill": drill,
    }
    blocks = [shown, build_severity_input(runbook, "")]
    return build_form(action_ids.SEVERITY_FORM, "How bad is it?", "Declare", blocks, carried)


def build_declared(message: SlackPayload, title: str = "Declared") -> Modal:
    """What the form becomes once the incident is declared, or what is asked before that."""
    view = ModalView(PlainText(title), [], close=PlainText("Close"), callback_id=action_ids.SHOWN)._resolve()
    return {**view, "blocks": list(message.blocks)}


def add_answer(form: Mapping[str, Any], message: SlackPayload) -> Modal:
    """The same form with an answer in front, in place of an earlier one; what is typed in it stays."""
    ids = {block["block_id"] for block in message.blocks}
    rest = [block for block in form["blocks"] if block.get("block_id") not in ids]
    kept = {name: form[name] for name in ANSWERED if form.get(name)}
    return {**kept, "blocks": [*message.blocks, *rest][:MAX_BLOCKS]}


ANSWERED = ("type", "title", "submit", "close", "callback_id", "private_metadata")
"""What of a form as Slack sends it is sent back."""


def build_update_form(view: IncidentViewModel, *, text: str, notice: str) -> Modal:
    """The update form, with a draft's text when one is edited."""
    latest = max((update.id for update in view.situation.updates), default=0)
    carried = {"incident": view.incident.number, "notice": notice, "seen": latest}
    return _update(view, text, [], {**carried, **_marks(_impact(view)), "status": view.incident.status})


def build_conflict_form(
    view: IncidentViewModel,
    *,
    text: str,
    carried: Mapping[str, Any],
    typed: Mapping[str, str] | None = None,
    told: Mapping[str, str] | None = None,
) -> Modal:
    """The same form with the words kept, when others posted since it was opened; `carried` is what it carried, `typed`
    what stood in the fields for the template's own gaps, by their names, `told` what was changed of the impact."""
    unseen = [update for update in view.situation.updates if update.id > carried["seen"]]
    shown = [
        build_rich_text(
            "meanwhile",
            build_section([(Bold("Posted while you were writing; check whether yours is still needed:"),)]),
        )
    ]
    for update in unseen[-MOST_UNSEEN:]:
        by: Line = (UserMention(update.author), " at ", Timestamp(update.at), f", {update.status}:")
        shown.append(
            build_rich_text(
                f"meanwhile-{update.id}", build_section([by]), build_quote(cut(update.text, LONGEST_UNSEEN))
            )
        )
    latest = max((update.id for update in unseen), default=carried["seen"])
    carried = {**carried, **_marks(_impact(view)), "seen": latest}
    return _update(view, text, shown, carried, typed, told)


MOST_UNSEEN, LONGEST_UNSEEN = 3, 600
"""Of the updates that were posted meanwhile: how many are shown, and characters of each."""


def _update(
    view: IncidentViewModel,
    text: str,
    before: list[Block],
    carried: dict[str, Any],
    typed: Mapping[str, str] | None = None,
    told: Mapping[str, str] | None = None,
) -> Modal:
    current = view.incident.status
    stages = [status for status in Status if status.is_open]
    options = [build_option(stage.capitalize(), stage) for stage in stages]
    initial = options[stages.index(current)] if current in stages else options[0]
    menu = StaticSelectMenu(
        action_ids.STATUS, options=options, initial_option=initial, placeholder=PlainText("Status")
    )
    blocks = [
        *before,
        build_text_field(action_ids.UPDATE_TEXT, "What changed?", multiline=True, initial=text),
        *([build_public_box()] if view.publishes else []),
        InputBlock(PlainText("Status"), menu, block_id=action_ids.STATUS)._resolve(),
        *build_impact_fields({**_impact(view), **(told or {})}),
        *placeholder_fields(view, "update", typed),
    ]
    return build_form(
        action_ids.UPDATE_FORM, f"Update {view.incident.reference}", "Post update", blocks, carried
    )


def build_resolve_form(
    view: IncidentViewModel,
    *,
    text: str,
    postmortem: datetime,
    typed: Mapping[str, str] | None = None,
    carried: Mapping[str, Any] | None = None,
    looking: str = "",
) -> Modal:
    """The resolve form; `postmortem` is the moment by which the review is proposed to be due.

    For one that is on somebody's screen already: `typed` is what stands in its fields by their names, `carried` what it
    carries, `looking` how its looking again stands (see `templates.findings_summary`).
    """
    said = {
        action_ids.RESOLUTION: text,
        action_ids.POSTMORTEM: str(int(postmortem.timestamp())),
        **_impact(view),
    }
    said |= typed or {}
    due = said[action_ids.POSTMORTEM]
    picker = DateTimePicker(action_ids.POSTMORTEM, int(due) if due else None)
    cause = said.get(action_ids.ROOT_CAUSE, "")
    gaps = {
        name.removeprefix(action_ids.GAP): value
        for name, value in said.items()
        if name.startswith(action_ids.GAP)
    }
    blocks = [
        *build_resolve_blocks(view, looking),
        build_text_field(
            action_ids.RESOLUTION, "What was done?", multiline=True, initial=said[action_ids.RESOLUTION]
        ),
        *([build_public_box()] if view.publishes_end else []),
        build_text_field(action_ids.ROOT_CAUSE, "Root cause", multiline=True, optional=True, initial=cause),
        InputBlock(
            PlainText("Post-mortem due by"), picker, block_id=action_ids.POSTMORTEM, optional=True
        )._resolve(),
        *build_impact_fields(said),
        *placeholder_fields(view, "resolution", gaps),
    ]
    carried = dict(carried or {"incident": view.incident.number, **_marks(_impact(view))})
    return build_form(
        action_ids.RESOLVE_FORM, f"Resolve {view.incident.reference}", "Resolve", blocks, carried
    )


def build_impact_form(view: IncidentViewModel) -> Modal:
    """What it does to people, as it is known."""
    known = _impact(view)
    carried = {"incident": view.incident.number, **_marks(known)}
    title = f"Impact of {view.incident.reference}"
    return build_form(action_ids.IMPACT_FORM, title, "Save", build_impact_fields(known), carried)


def _impact(view: IncidentViewModel) -> dict[str, str]:
    return {action_ids.IMPACT: view.incident.impact, action_ids.AFFECTED_USERS: view.incident.affected_users}


def _marks(known: Mapping[str, str]) -> dict[str, str]:
    """What a form began with was nobody's choice: only what is changed in it is told."""
    return {name: hash_text(text) for name, text in known.items()}


def build_customer_copy(view: IncidentViewModel, number: int) -> Modal:
    """The lines for a status page, to be copied."""
    posted = next((update for update in view.situation.updates if update.id == number), None)
    text = copy_of(view, posted) if posted else "I don't have this update any more."
    shown = ModalView(
        PlainText("For your customers"), [], close=PlainText("Close"), callback_id=action_ids.SHOWN
    )
    return {**shown._resolve(), "blocks": [build_rich_text("copy", build_preformatted(text))]}


def build_form(
    callback_id: str, title: str, submit: str, blocks: list[Block], carried: dict[str, Any]
) -> Modal:
    """A form with a title, a button that sends it, and what it carries along unseen."""
    view = ModalView(
        PlainText(title[:24]),
        [],
        close=PlainText("Cancel"),
        submit=PlainText(submit),
        private_metadata=json.dumps(carried, ensure_ascii=False),
        callback_id=callback_id,
    )._resolve()
    return keep_emoji_codes({**view, "blocks": blocks[:MAX_BLOCKS]})


def _kinds(private: bool, drill: bool) -> list[Line]:
    """What becomes of an incident of this kind."""
    told: list[Line] = [("Private: only people who are paged or invited will see it.",)] if private else []
    return told + ([("A drill: nobody is paged.",)] if drill else [])


def _unsure(words: Collection[str], private: bool, drill: bool) -> Block:
    """Why the form opened: the words may be read in two ways."""
    named = " and ".join(f"“{word}”" for word in words)
    first: Line = (f"Nothing is declared yet: {named} may be a part of the title or not.",)
    return build_lines("unsure", first, *_kinds(private, drill))
