"""A text for customers as a message to decide on, and its form."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from slackblocks import (
    Button,
    CheckboxGroup,
    InputBlock,
    PlainText,
    StaticSelectMenu,
)

from bot.domain.public_update import (
    CONFIRMATION,
    STATE_OF_IMPACT,
    ComponentState,
    PageComponent,
    PageImpact,
    PublicState,
    PublicUpdate,
    find_first_publisher,
    list_publishers,
)
from bot.domain.public_wording import WordConcern
from bot.ports import Block, SlackPayload
from templates import action_ids
from templates.blocks import (
    build_button,
    build_button_row,
    build_lines,
    build_message,
    build_quote,
    build_rich_text,
    build_section,
)
from templates.form_fields import build_option, build_text_field
from templates.incident_view import IncidentViewModel
from templates.modals import Modal, build_form
from templates.spans import Bold, Line, Span, Timestamp, UserMention, WebLink

MAX_CONCERNS, MAX_NAMED = 8, 12


@dataclass(frozen=True, slots=True)
class PublicDraftView:
    """A draft as it stands: the incident, what holds its words back, the components that the pages have, and what the
    pages are called. With `approvals` of 2 a second person has to agree."""

    view: IncidentViewModel
    update: PublicUpdate
    concerns: Sequence[WordConcern] = ()
    components: Sequence[PageComponent] = ()
    pages: Mapping[str, str] = field(default_factory=dict)
    approvals: int = 1


def render_public_draft(draft: PublicDraftView) -> SlackPayload:
    """The message: what would be public, what is wrong with its words, who decides; or what became of it."""
    update = draft.update
    head = [_head(draft)]
    quoted = f"{update.title}\n{update.text}"
    body = [*_facts(draft), *(_concerns(draft) if update.is_undecided else ()), *_outcome(draft)]
    blocks: list[Block] = [
        build_rich_text("public-draft", build_section(head), build_quote(quoted), build_section(body)),
    ]
    if update.is_undecided:
        blocks.append(build_button_row("public-draft-buttons", *_buttons(draft)))
    return build_message([*head, (quoted,), *body], *blocks)


def _head(draft: PublicDraftView) -> Line:
    update = draft.update
    match update.state:
        case PublicState.DRAFT:
            person = find_first_publisher(draft.view.incident, draft.view.situation.roles)
            return (UserMention(person), " ", Bold("Draft for customers, not public yet."))
        case PublicState.SECONDED:
            return (Bold("Draft for customers: one more person has to publish it."),)
        case PublicState.ACCEPTED:
            return (Bold("For customers: let out."),)
        case PublicState.WITHHELD:
            said = (
                "would be public now, but this is a drill." if draft.view.incident.drill else "stays inside."
            )
            return (Bold(f"For customers: {said}"),)
        case PublicState.OUTDATED:
            return (Bold("For customers: overtaken by what came later, not published."),)


def _facts(draft: PublicDraftView) -> list[Line]:
    update = draft.update
    told = f"Status: {update.status.capitalize()} · Impact: {update.impact.capitalize()} · "
    named = describe_components(update.components, draft.components)
    return [(f"{told}Components: {named or 'none chosen'}",), (f"Where: {', '.join(draft.pages.values())}",)]


def describe_components(states: Mapping[str, str], known: Sequence[PageComponent]) -> str:
    """`API (major outage), Website (operational)`."""
    names = {component.key: component.name for component in known}
    told = [
        f"{names.get(key, key)} ({state.replace('_', ' ')})"
        for key, state in list(states.items())[:MAX_NAMED]
    ]
    more = len(states) - MAX_NAMED
    return ", ".join(told) + (f" and {more} more" if more > 0 else "")


def _concerns(draft: PublicDraftView) -> list[Line]:
    shown: list[Line] = [
        (Bold("⛔ " if concern.holds else "⚠️ "), f"“{concern.words}” {concern.why}")
        for concern in draft.concerns[:MAX_CONCERNS]
    ]
    if len(draft.concerns) > MAX_CONCERNS:
        shown.append((f"… and {len(draft.concerns) - MAX_CONCERNS} more",))
    return shown


def _outcome(draft: PublicDraftView) -> list[Line]:
    """Who decided, where it is public, and where it could not be."""
    update = draft.update
    lines: list[Line] = []
    if update.accepted_by:
        verb = "Kept inside by " if update.state is PublicState.WITHHELD else "Let out by "
        verb = "Agreed: " if update.state is PublicState.SECONDED else verb
        lines.append((verb, *_people(update.accepted_by)))
    elif update.is_undecided:
        publishers = list_publishers(draft.view.incident, draft.view.situation.roles)
        may = list(dict.fromkeys(publishers.values()))
        second = " Two of them have to agree." if draft.approvals > 1 else ""
        lines.append(("May publish: ", *_people(may), f".{second}"))
    for post in update.posts:
        page = draft.pages.get(post.page, post.page)
        if post.why:
            lines.append((Bold(f"Not on {page}: "), post.why))
        elif post.posted_at is not None:
            link: Line = (" ", WebLink(post.link, "See it")) if post.link else ()
            lines.append((f"Public on {page} since ", Timestamp(post.posted_at), *link))
    return lines


def _people(people: Sequence[str]) -> Line:
    spans: list[Span] = []
    for place, person in enumerate(people):
        spans += [", " if place else "", UserMention(person)]
    return tuple(spans)


def _buttons(draft: PublicDraftView) -> list[Button]:
    value = action_ids.join_value(draft.update.id)
    return [
        build_button("Publish", action_ids.PUBLISH, value, primary=True),
        build_button("Edit", action_ids.EDIT_PUBLIC, value),
        build_button("Not public", action_ids.WITHHOLD_PUBLIC, value),
    ]


def build_public_form(draft: PublicDraftView) -> Modal:
    """The form in which a draft is changed and published."""
    update = draft.update
    shown = build_lines("public-concerns", *_concerns(draft)) if draft.concerns else None
    blocks = [
        *([shown] if shown else []),
        build_text_field(action_ids.PUBLIC_TITLE, "Title", longest=150, initial=update.title),
        *build_public_fields(draft),
    ]
    title = f"Public: {draft.view.incident.reference}"
    return build_form(action_ids.PUBLIC_FORM, title, "Publish", blocks, {"update": update.id})


def build_public_fields(draft: PublicDraftView) -> list[Block]:
    """The text, its impact, and the components with the state that they get."""
    update = draft.update
    text = build_text_field(
        action_ids.PUBLIC_TEXT, "What customers read", multiline=True, initial=update.text
    )
    impacts = [build_option(impact.capitalize(), impact.value) for impact in PageImpact]
    chosen = impacts[list(PageImpact).index(update.impact)]
    impact = StaticSelectMenu(
        action_ids.PUBLIC_IMPACT, options=impacts, initial_option=chosen, placeholder=PlainText("Impact")
    )
    return [
        text,
        InputBlock(PlainText("Impact"), impact, block_id=action_ids.PUBLIC_IMPACT)._resolve(),
        *_component_fields(draft),
        build_text_field(
            action_ids.CONFIRMED, f"To publish words that are held back, type: {CONFIRMATION}", optional=True
        ),
    ]


def switch_public_fields(form: Mapping[str, Any], draft: PublicDraftView | None) -> Modal:
    """A form that is on somebody's screen with the fields of the public text, or without them; what is typed in the
    others stays."""
    blocks = [block for block in form["blocks"] if not str(block.get("block_id")).startswith(PUBLIC_BLOCKS)]
    if draft is not None:
        place = next(n for n, block in enumerate(blocks) if block["block_id"] == action_ids.ALSO_PUBLISH)
        blocks[place + 1 : place + 1] = build_public_fields(draft)
    submit = POST_AND_PUBLISH if draft is not None else SUBMITS[form["callback_id"]]
    kept = {
        name: form[name] for name in ("title", "close", "callback_id", "private_metadata") if form.get(name)
    }
    return {"type": "modal", **kept, "submit": PlainText(submit)._resolve(), "blocks": blocks}


PUBLIC_BLOCKS = ("public_", action_ids.CONFIRMED)
POST_AND_PUBLISH = "Post and publish"
SUBMITS = {action_ids.UPDATE_FORM: "Post update", action_ids.RESOLVE_FORM: "Resolve"}
"""What the button of each form says without a text for customers."""


def _component_fields(draft: PublicDraftView) -> list[Block]:
    """What was chosen last comes first. Nothing where the pages have none."""
    update = draft.update
    last = [component for component in draft.components if component.key in update.components]
    ordered = [*last, *(component for component in draft.components if component not in last)]
    groups = [ordered[first : first + IN_A_GROUP] for first in range(0, len(ordered), IN_A_GROUP)]
    if not groups:
        return []
    fields = [_component_group(place, group, last) for place, group in enumerate(groups[:MOST_GROUPS])]
    states = [build_option(state.replace("_", " ").capitalize(), state.value) for state in ComponentState]
    now = next(iter(update.components.values()), STATE_OF_IMPACT[update.impact].value)
    menu = StaticSelectMenu(
        action_ids.PUBLIC_STATE,
        options=states,
        initial_option=states[list(ComponentState).index(ComponentState(now))],
        placeholder=PlainText("Their state"),
    )
    label = PlainText("State of the chosen components")
    return [*fields, InputBlock(label, menu, block_id=action_ids.PUBLIC_STATE)._resolve()]


def _component_group(place: int, group: Sequence[PageComponent], chosen: Sequence[PageComponent]) -> Block:
    options = [build_option(component.name, component.key) for component in group]
    ticked = [option for option, component in zip(options, group, strict=True) if component in chosen]
    name = f"{action_ids.PUBLIC_COMPONENTS}{place}"
    boxes = CheckboxGroup(name, options, initial_options=ticked or None)
    label = PlainText("Affected components" if place == 0 else "More components")
    return InputBlock(label, boxes, block_id=name, optional=True)._resolve()


IN_A_GROUP, MOST_GROUPS = 10, 8
"""Slack takes ten boxes in one group."""
