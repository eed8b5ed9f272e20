"""The alert: in the incident's channel, in the incidents channel, and as the direct message of a page."""

from collections.abc import Sequence

from slackblocks import Button

from bot.domain.incident import EntryKind, Status
from bot.domain.page_attempts import SlackPage
from bot.ports import Block, SlackPayload
from templates import action_ids, page_progress, paging_sentences
from templates.blocks import (
    build_button,
    build_button_row,
    build_context,
    build_header,
    build_headline,
    build_lines,
    build_message,
)
from templates.escaping import cut
from templates.findings_summary import render_card_lines
from templates.incident_view import IncidentViewModel
from templates.runbook_template import build_values, fill_template
from templates.spans import (
    INLINE_DATE_FORMAT,
    Bold,
    ChannelMention,
    EveryoneMention,
    Line,
    Span,
    Timestamp,
    UserMention,
    WebLink,
)


def render_alert(view: IncidentViewModel) -> SlackPayload:
    """The runbook's alert with its buttons, for the incident's channel."""
    body = render_alert_lines(view)
    first, rest = body[0], body[1:]
    return build_message(
        (_headline(view), *body),
        build_headline("alert-head", first),
        build_lines("alert-body", _headline(view), *rest),
        build_context("alert-state", _state(view)),
        *_public(view),
        *_render_findings(view),
        *_progress(view),
        *_alert_buttons(view),
    )


def render_announcement(view: IncidentViewModel) -> SlackPayload:
    """The same alert for the incidents channel, which is called as a whole when the declaration says why."""
    body = render_alert_lines(view)
    why = view.everyone if view.incident.status.is_open else ""
    call: list[Line] = (
        [(EveryoneMention(), f" {why.capitalize()}: ", Bold(view.headline), *view.joined)] if why else []
    )
    blocks = [
        build_headline("announcement-head", body[0]),
        build_lines("announcement-body", *(call or [_headline(view)]), *body[1:]),
        build_context("announcement-state", _state(view)),
    ]
    if view.incident.status.is_open:
        number = view.incident.number
        join = build_button("Join", action_ids.JOIN, action_ids.join_value(number))
        blocks.append(build_button_row("announcement-buttons", *_acknowledge(view), join))
    return build_message((*(call or [_headline(view)]), *body), *blocks)


def render_page(view: IncidentViewModel, person: str) -> SlackPayload:
    """The direct message that calls one person."""
    incident = view.incident
    called = next((page for page in view.situation.pages if page.person == person), None)
    contact = called.contact if called else ""
    as_whom: Line = (" as ", Bold(contact)) if contact and contact != paging_sentences.BY_HAND else ()
    head, over = _no_longer(view, called)
    paged = "You were paged" if head else "You're being paged"
    declared = Timestamp(incident.declared_at, INLINE_DATE_FORMAT)
    body: list[Line] = [
        (Bold(view.headline), *view.joined),
        (f"{paged} for {incident.reference}", *as_whom, *(view.joined or (".",))),
        ("Where: ", view.room),
        ("Declared: ", declared, " by ", UserMention(incident.declared_by)),
    ]
    by, words = view.find_manual_page(contact, person)
    if words:
        body.append((UserMention(by), f": {_brief(words)}"))
    if incident.impact:
        body.append(("Impact: ", _brief(incident.impact)))
    if head:
        first = build_header("page-head", f"{head}: {view.headline}")
        return build_message(
            ((f"{head}: ", *body[0]), over, *body[1:]), first, build_lines("page-body", over, *body[1:])
        )
    acknowledged = called is not None and called.acknowledged_at is not None
    if view.ask_to_acknowledge and not acknowledged:
        body.append((view.ask_to_acknowledge,))
    body += _render_joined(view, person)
    state = (
        build_context("page-state", _state(view))
        if acknowledged
        else build_button_row("page-buttons", _acknowledge_button(view))
    )
    return build_message(
        body, build_header("page-head", f"🚨 {view.headline}"), build_lines("page-body", *body[1:]), state
    )


def _no_longer(view: IncidentViewModel, called: SlackPage | None) -> tuple[str, Line]:
    """That nobody waits for this person's answer: in two words, and why and since when; empty for who is called, or has
    answered."""
    incident = view.incident
    if not incident.status.is_open:
        how = view.standing if incident.status is Status.CANCELLED else "resolved"
        over, *at = view.ended
        return how.partition(" ")[0].capitalize(), (Bold(str(over)), *at)
    if called is None or called.ended_at is None:
        return "", ()
    before = [entry.kind for entry in view.situation.entries if entry.at <= called.ended_at]
    last = next((kind for kind in reversed(before) if kind in WHY_ENDED), None)
    why = f"It is {incident.severity} now, which doesn't page you"
    if last is EntryKind.REOPENED:
        why = "It was reopened without paging you again"
    return "No longer paged", (Bold(why), " (since ", view.format_time(called.ended_at), ").")


WHY_ENDED = (EntryKind.REOPENED, EntryKind.SEVERITY_CHANGED)
"""What ends the call of a person while the incident goes on."""


def _render_joined(view: IncidentViewModel, person: str) -> list[Line]:
    """The pages of other incidents that joined this one, since it is not answered yet."""
    others = [joined for joined in view.situation.joined if joined.person == person]
    body: list[Line] = []
    for other in others[:MAX_JOINED]:
        where: Line = (" in ", ChannelMention(other.channel)) if other.channel else ()
        rings: Line = ("; rings once you acknowledge this, by ", Timestamp(other.until), " at the latest")
        body.append(
            (
                "Also paged: ",
                Bold(f"{other.severity}: {other.title}"),
                f" (INC-{other.number})",
                *where,
                *rings,
            )
        )
    if len(others) > MAX_JOINED:
        body.append((f"… and {len(others) - MAX_JOINED} more",))
    return body


MAX_JOINED = 10


def render_mention(
    view: IncidentViewModel, people: Sequence[str], ways: Sequence[tuple[str, str]]
) -> SlackPayload:
    """Call these people by name, and say how to reach contacts (each with the words for it) that cannot be called."""
    body: list[Line] = []
    if people:
        called: list[Span] = []
        for person in people[:MAX_MENTIONS]:
            called += [UserMention(person), " "]
        if len(people) > MAX_MENTIONS:
            called.append(f"and {len(people) - MAX_MENTIONS} more ")
        body.append((*called, f"you're being paged for {view.incident.reference}, ", Bold(view.headline)))
    if ways:
        body.append((Bold("Not reachable from here; contact them yourself:"),))
        body += [("• ", Bold(name), f": {how}") for name, how in ways]
    return build_message(body, build_lines("mention-body", *body))


MAX_MENTIONS = 50


def render_alert_lines(view: IncidentViewModel) -> list[Line]:
    """The filled lines of the runbook's alert; a plain one where the runbook has none."""
    template = view.runbook.templates.get("alert")
    if template is None:
        return [(f"🚨 INCIDENT ALERT - {view.incident.severity}",), (f"Status: {view.standing}",)]
    values = {name: [_brief(span) for span in spans] for name, spans in build_values(view).items()}
    return fill_template(template, values)


def _brief(span: Span) -> Span:
    return cut(span, MAX_VALUE_LENGTH) if isinstance(span, str) else span


MAX_VALUE_LENGTH = 600
"""Characters of one value in an alert: it is read on a phone."""


def _headline(view: IncidentViewModel) -> Line:
    return (Bold(view.headline), f" ({view.incident.reference})", *view.joined)


def _public(view: IncidentViewModel) -> list[Block]:
    """Since when customers know, and what they were promised."""
    standing = view.situation.public
    if standing is None:
        return []
    line: Line = ("Public since ", view.format_time(standing.since))
    if standing.ended_at is not None:
        line = (*line, ", resolved there at ", view.format_time(standing.ended_at))
    elif standing.promised_at is not None:
        line = (*line, ", next update promised ", view.format_time(standing.promised_at))
    link: Line = (" · ", WebLink(standing.link, "status page")) if standing.link else ()
    return [build_context("alert-public", (*line, *link))]


def _render_findings(view: IncidentViewModel) -> list[Block]:
    """What the diagnostics found so far, in a line."""
    body = render_card_lines(view)
    return [build_lines("alert-evidence", *body)] if body else []


def _progress(view: IncidentViewModel) -> list[Block]:
    """How far people were called beside Slack."""
    body = page_progress.render_progress(view) if view.incident.status.is_open else []
    return [build_lines("alert-ladder", *body)] if body else []


def _state(view: IncidentViewModel) -> Line:
    incident = view.incident
    if not incident.status.is_open:
        answered = f" · acknowledged after {view.to_acknowledge}" if view.to_acknowledge else ""
        return (f"{incident.reference} · {view.standing}", *view.merged, f" after {view.took}{answered}")
    target = f" (target: {view.answered_within})" if view.answered_within else ""
    if incident.acknowledged_by:
        return (
            "Acknowledged by ",
            *page_progress.format_person(incident.acknowledged_by),
            f" after {view.to_acknowledge}{target}",
        )
    return (f"{incident.reference} · not acknowledged yet{target}",)


def _acknowledge_button(view: IncidentViewModel) -> Button:
    return build_button(
        "Acknowledge", action_ids.ACKNOWLEDGE, action_ids.join_value(view.incident.number), primary=True
    )


def _acknowledge(view: IncidentViewModel) -> list[Button]:
    return [] if view.incident.acknowledged_at else [_acknowledge_button(view)]


def _alert_buttons(view: IncidentViewModel) -> list[Block]:
    if not view.incident.status.is_open:
        return []
    value = action_ids.join_value(view.incident.number)
    return [
        build_button_row(
            "alert-buttons",
            *_acknowledge(view),
            build_button("Post update", action_ids.POST_UPDATE, value),
            build_button("Resolve", action_ids.RESOLVE, value),
        )
    ]
