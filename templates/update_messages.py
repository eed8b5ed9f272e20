"""Status updates and the reminders that ask for them."""

from collections.abc import Mapping
from datetime import UTC, datetime

from bot.domain.effects import AskForUpdate, RemindOfUpdate
from bot.domain.incident import StatusUpdate
from bot.domain.text_fields import dump_texts
from bot.domain.timeline_details import ImpactChangedDetail, StatusChangedDetail
from bot.ports import Block, SlackPayload
from bot.runbook import Template
from templates import action_ids
from templates.blocks import (
    build_button,
    build_button_row,
    build_context,
    build_lines,
    build_message,
    build_quote,
    build_rich_text,
    build_section,
    select_fitting,
)
from templates.escaping import cut
from templates.form_fields import IMPACT_FIELDS
from templates.incident_view import UNKNOWN, IncidentViewModel
from templates.runbook_template import build_values, fill_template, format_cadence
from templates.spans import INLINE_DATE_FORMAT, Bold, EveryoneMention, Line, Span, Timestamp, UserMention
from templates.status_wording import adapt_to_status

TO_THE_CHANNEL = 2
"""The stage of a reminder that calls everybody in the channel."""


def render_reminder(view: IncidentViewModel, effect: RemindOfUpdate, late: int) -> SlackPayload:
    """Remind the commander, later everybody in the channel, with a draft that can be posted as it is; without news
    there is none. The update is `late` minutes late."""
    promised = Timestamp(datetime.fromtimestamp(effect.promise, UTC))
    if not is_awaited(view, effect.promise):
        return render_settled_reminder(view, effect.promise)
    who = EveryoneMention() if effect.stage == TO_THE_CHANNEL else UserMention(view.incident.commander)
    words = " status update is due."
    if effect.stage and not effect.missed:
        words = f" status update is {late} minutes late."
    please = " Please post it." if effect.stage == TO_THE_CHANNEL else ""
    head: list[Line] = [(who, " the ", promised, f"{words}{please}")]
    if effect.missed:
        missed = "update was" if effect.missed == 1 else "updates were"
        head.append((Bold(f"I was offline; {effect.missed} {missed} missed."),))
    number, key = view.incident.number, effect.key
    if effect.draft:
        row = [
            build_button(
                "Post this draft", action_ids.POST_DRAFT, action_ids.join_value(number, key), primary=True
            ),
            build_button("Edit", action_ids.EDIT_DRAFT, action_ids.join_value(number, key)),
        ]
        shown = [build_section([*head, ("Draft:",)]), build_quote(effect.draft)]
    else:
        row = [
            build_button("Write update", action_ids.POST_UPDATE, action_ids.join_value(number), primary=True)
        ]
        head.append((_no_news(view),))
        shown = [build_section(head)]
    if not view.incident.snoozed:
        row.append(
            build_button("Snooze 5 min", action_ids.SNOOZE, action_ids.join_value(number, effect.promise))
        )
    text = (*head, (effect.draft,)) if effect.draft else head
    return build_message(
        text, build_rich_text("reminder-body", *shown), build_button_row("reminder-buttons", *row)
    )


def render_settled_reminder(view: IncidentViewModel, promise: int) -> SlackPayload:
    """What is left of a reminder whose promise (epoch seconds) is not awaited any more."""
    line = _describe_settled(view, promise)
    return build_message([line], build_lines("reminder-body", line))


def render_settled_request(view: IncidentViewModel, promise: int) -> SlackPayload:
    """What is left of the direct message that asked for the update of that promise: nothing is asked any more."""
    body = [_describe_settled(view, promise), (view.headline, f" ({view.incident.reference})", *view.where)]
    return build_message(body, build_lines("asked-body", *body))


def _describe_settled(view: IncidentViewModel, promise: int) -> Line:
    """What came of a promised update (epoch seconds) that is not awaited any more."""
    promised: Line = ("The ", Timestamp(datetime.fromtimestamp(promise, UTC)), " status update")
    posted = next((update for update in view.situation.updates if _is_later(update, promise)), None)
    if posted is not None:
        return (*promised, " was posted by ", UserMention(posted.author), " at ", Timestamp(posted.at), ".")
    if not view.incident.status.is_open:
        return (*promised, " is not needed: ", *view.ended)
    return (*promised, " is no longer due.")


def _is_later(posted: StatusUpdate, promise: int) -> bool:
    """Whether an update came after that promise was due: nobody is reminded before. What one before had promised may
    have been moved by a change of severity."""
    return posted.at.timestamp() >= promise


def _no_news(view: IncidentViewModel) -> str:
    since = "the last update" if view.situation.updates else "the declaration"
    return f"Nothing new since {since}, so there is no draft."


def is_awaited(view: IncidentViewModel, promise: int) -> bool:
    """Whether the update promised for then (epoch seconds) was not posted yet."""
    current = view.incident.next_update_at
    return current is not None and int(current.timestamp()) == promise


def render_update_request(view: IncidentViewModel, effect: AskForUpdate) -> SlackPayload:
    """Ask one person for the overdue update, in a direct message."""
    first: Line = (Bold(f"The status update for {view.incident.reference} is overdue"), ", due at ")
    promised = Timestamp(datetime.fromtimestamp(effect.promise, UTC))
    body: list[Line] = [
        (*first, promised, "."),
        (f"You're asked as {effect.role}: ", view.headline, *view.where),
    ]
    number = action_ids.join_value(view.incident.number)
    row = build_button_row(
        "asked-buttons", build_button("Post update", action_ids.POST_UPDATE, number, primary=True)
    )
    return build_message(body, build_lines("asked-body", *body), row)


def render_update(view: IncidentViewModel, posted: StatusUpdate) -> SlackPayload:
    """A status update in the incident's channel."""
    return _update(view, posted, [])


def render_published_update(view: IncidentViewModel, posted: StatusUpdate) -> SlackPayload:
    """The same in the incidents channel, where it must say which incident it is about."""
    return _update(view, posted, [(Bold(view.headline), f" ({view.incident.reference})", *view.where)])


def _update(view: IncidentViewModel, posted: StatusUpdate, before: list[Line]) -> SlackPayload:
    """What changed and who says it come first; of the runbook's template only what it writes for the team."""
    first: Line = (Bold("What changed"), " by ", UserMention(posted.author), ":")
    template = view.runbook.templates.get("update")
    own = _fill_template(view, template, posted, {}) if template and template.internal else []
    state = [_status(view, posted), *impact_news(view, posted), *own]
    blocks: list[Block] = [
        build_rich_text(
            "update-body",
            build_section(select_fitting([*before, first])),
            build_quote(posted.text),
            build_section(select_fitting(state)),
        ),
        build_context("update-next", _next(posted)),
    ]
    if template is None or not template.internal:
        value = action_ids.join_value(view.incident.number, posted.id)
        blocks.append(
            build_button_row("update-buttons", build_button("Customer copy", action_ids.CUSTOMER_COPY, value))
        )
    return build_message((*before, (posted.text,), *state, _next(posted)), *blocks)


def _status(view: IncidentViewModel, posted: StatusUpdate) -> Line:
    """The status that the update was posted with, and the one before where it changed with it."""
    with_it = (entry.detail for entry in view.situation.entries if entry.at == posted.at)
    before = next((detail.before for detail in with_it if isinstance(detail, StatusChangedDetail)), "")
    was = f" (was {before})" if before else ""
    return ("Status: ", Bold(posted.status.capitalize()), was)


def impact_news(view: IncidentViewModel, posted: StatusUpdate) -> list[Line]:
    """What is told anew of the impact, with this update or since the one before."""
    earlier = [update.at for update in view.situation.updates if update.id < posted.id]
    changed = [
        dump_texts(entry.detail)
        for entry in view.situation.entries
        if isinstance(entry.detail, ImpactChangedDetail)
        and entry.at <= posted.at
        and not (earlier and entry.at <= earlier[-1])
    ]
    told: list[Line] = []
    for name, label in IMPACT_FIELDS.items():
        of = [detail for detail in changed if name in detail]
        if of and of[-1][name] != (was := of[0].get(f"{name}_before", "")):
            now = cut(of[-1][name], MAX_IMPACT_LENGTH) or UNKNOWN
            told.append((f"{label}: ", Bold(now), f" (was: {cut(was, MAX_IMPACT_LENGTH)})" if was else ""))
    return told


MAX_IMPACT_LENGTH = 600


def _next(posted: StatusUpdate) -> Line:
    if posted.next_update_at is None:
        return ("No fixed time for the next update.",)
    return ("Next update: ", Timestamp(posted.next_update_at))


def render_customer_lines(view: IncidentViewModel, posted: StatusUpdate) -> list[Line]:
    """The runbook's update template, true to the status that the update was posted with. Nothing else is in it."""
    template = view.runbook.templates.get("update")
    if template is None:
        return [(f"Status: {posted.status.capitalize()}",)]
    return _fill_template(view, template, posted, NOT_FOR_CUSTOMERS)


def _fill_template(
    view: IncidentViewModel, template: Template, posted: StatusUpdate, instead: Mapping[str, Span]
) -> list[Line]:
    """The template true to the status that the update was posted with; `instead` stands for some placeholders."""
    promised = posted.next_update_at
    own: dict[str, Span] = {
        "status": str(posted.status),
        "timestamp": Timestamp(posted.at, INLINE_DATE_FORMAT),
        "next_update": Timestamp(promised) if promised else "no fixed time",
        "cadence": format_cadence(promised - posted.at) if promised else "",
    }
    values = {**build_values(view), **{name: (span,) for name, span in {**own, **instead}.items()}}
    return fill_template(adapt_to_status(template, posted.status), values)


NOT_FOR_CUSTOMERS: dict[str, Span] = {
    "actions": "Our team is working on it",
    "commander": "our team on call",
    "war_room": "our team's channel",
    "playbook": "our runbook",
}
"""What stands for placeholders whose true values are nobody's business outside."""


def format_customer_copy(view: IncidentViewModel, posted: StatusUpdate) -> str:
    """The same lines as plain text, times in UTC, to be pasted into a status page."""
    return "\n".join(
        "".join(
            span if isinstance(span, str) else span.utc if isinstance(span, Timestamp) else ""
            for span in line
        )
        for line in render_customer_lines(view, posted)
    )
