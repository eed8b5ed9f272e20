"""Status updates and the reminders that ask for them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot import policy
from bot.effects import AskForUpdate, RemindOfUpdate
from bot.incident import StatusUpdate
from bot.ports import Block, Message
from templates import actions
from templates.fill import every, filled, values_of
from templates.kit import (
    Bold,
    Everyone,
    Line,
    Person,
    Span,
    When,
    button,
    buttons,
    context,
    fitting,
    lines,
    message,
    quote,
    rich,
    section,
)
from templates.tense import true_to_status
from templates.view import View

TO_THE_CHANNEL = 2
"""The stage of a reminder that calls everybody in the channel."""


def reminder(view: View, effect: RemindOfUpdate) -> Message:
    """Remind the commander, later everybody in the channel, with a draft that can be posted as it is."""
    promised = When(datetime.fromtimestamp(effect.promise, UTC))
    if not is_awaited(view, effect.promise):
        done: Line = ("The update promised for ", promised, " is not awaited any more: all is up to date.")
        return message([done], rich("reminder-body", section([done])))
    who = Everyone() if effect.stage == TO_THE_CHANNEL else Person(view.incident.commander)
    words = " a status update is due, promised for "
    if effect.stage and not effect.missed:
        words = f" the status update is {_overdue(view, effect)} minutes overdue, promised for "
    please = " Somebody please post it." if effect.stage == TO_THE_CHANNEL else ""
    head: list[Line] = [(who, words, promised, f".{please}")]
    if effect.missed:
        plural = "update" if effect.missed == 1 else "updates"
        head.append((Bold(f"{effect.missed} {plural} missed while I was down."),))
    number, key = view.incident.number, effect.key
    row = [
        button("Post update", actions.POST_DRAFT, actions.value(number, key), primary=True),
        button("Edit", actions.EDIT_DRAFT, actions.value(number, key)),
    ]
    if not view.incident.snoozed:
        row.append(button("Snooze 5 min", actions.SNOOZE, actions.value(number, effect.promise)))
    return message(
        (*head, (effect.draft,)),
        rich("reminder-body", section([*head, ("Draft:",)]), quote(effect.draft)),
        buttons("reminder-buttons", *row),
    )


def is_awaited(view: View, promise: int) -> bool:
    """Whether the update promised for then (epoch seconds) was not posted yet."""
    current = view.incident.next_update_at
    return current is not None and int(current.timestamp()) == promise


def asked_for(view: View, effect: AskForUpdate) -> Message:
    """Ask one person for the overdue update, in a direct message."""
    first: Line = (Bold(f"The status update of {view.incident.reference} is overdue"), ", promised for ")
    promised = When(datetime.fromtimestamp(effect.promise, UTC))
    body: list[Line] = [
        (*first, promised, "."),
        (f"You are asked as {effect.role}: ", view.headline, *view.where),
    ]
    number = actions.value(view.incident.number)
    row = buttons("asked-buttons", button("Post update", actions.POST_UPDATE, number, primary=True))
    return message(body, lines("asked-body", *body), row)


def _overdue(view: View, effect: RemindOfUpdate) -> int:
    """Minutes since the promise: the first reminder's delay, then the rules' distance, and a snooze on top."""
    first = view.situation.posts.get(replace(effect, stage=0).key)
    late = timedelta(seconds=max(0.0, float(first.ts) - effect.promise)) if first else timedelta()
    snoozed = policy.SNOOZE if view.incident.snoozed else timedelta()
    return (late + policy.NOTICES[effect.stage] + snoozed) // timedelta(minutes=1)


def update(view: View, posted: StatusUpdate) -> Message:
    """A status update in the incident's channel."""
    return _update(view, posted, [])


def published_update(view: View, posted: StatusUpdate) -> Message:
    """The same in the incidents channel, where it must say which incident it is about."""
    return _update(view, posted, [(Bold(view.headline), f" ({view.incident.reference})", *view.where)])


def _update(view: View, posted: StatusUpdate, before: list[Line]) -> Message:
    body = [*before, *customer_lines(view, posted)]
    changed: list[Line] = [(), (Bold("What changed"), " by ", Person(posted.author), ":")]
    number = view.incident.number
    blocks: list[Block] = [
        rich("update-body", section(fitting([*body, *changed])), quote(posted.text)),
        context("update-next", _next(posted)),
        buttons(
            "update-buttons", button("Customer copy", actions.CUSTOMER_COPY, actions.value(number, posted.id))
        ),
    ]
    return message((*before, (posted.text,), *body[len(before) :], _next(posted)), *blocks)


def _next(posted: StatusUpdate) -> Line:
    if posted.next_update_at is None:
        return ("No fixed time for the next update.",)
    return ("Next update: ", When(posted.next_update_at))


def customer_lines(view: View, posted: StatusUpdate) -> list[Line]:
    """The runbook's update template, true to the status that the update was posted with. Nothing else is in it."""
    template = view.runbook.templates.get("update")
    if template is None:
        return [(f"Status: {posted.status.capitalize()}",)]
    promised = posted.next_update_at
    own: dict[str, Span] = {
        "status": str(posted.status),
        "next_update": When(promised) if promised else "no fixed time",
        "cadence": every(promised - posted.at) if promised else "",
    }
    values = {**values_of(view), **{name: (span,) for name, span in {**own, **NOT_FOR_CUSTOMERS}.items()}}
    return filled(true_to_status(template, posted.status), values)


NOT_FOR_CUSTOMERS: dict[str, Span] = {
    "actions": "Our team is working on it",
    "commander": "our team on call",
    "war_room": "our team's channel",
    "playbook": "our runbook",
}
"""What stands for placeholders whose true values are nobody's business outside."""


def customer_copy(view: View, posted: StatusUpdate) -> str:
    """The same lines as plain text, times in UTC, to be pasted into a status page."""
    return "\n".join(
        "".join(
            span if isinstance(span, str) else span.utc if isinstance(span, When) else "" for span in line
        )
        for line in customer_lines(view, posted)
    )
