"""The forms: everything may stay "not known yet" that can be asked later."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from slackblocks import (
    CheckboxGroup,
    DateTimePicker,
    InputBlock,
    ModalView,
    Option,
    OptionGroup,
    PlainText,
    PlainTextInput,
    StaticSelectMenu,
)

from bot.incident import Status
from bot.ports import Block, Message
from bot.runbook import Placeholder, Runbook, best_playbook
from templates import actions
from templates.kit import Bold, Line, Person, When, as_written, lines, preformatted, quote, rich, section
from templates.letters import beginning, cut, one_line
from templates.rollup import resolve_blocks
from templates.updates import customer_copy as copy_of
from templates.view import View

TITLE_LENGTH, TEXT_LENGTH = 150, 3000
LONGEST_OPTION, LONGEST_LABEL, MOST_OPTIONS, MOST_BLOCKS = 75, 150, 100, 100
ASKED_ANYWAY = frozenset({"feature"})
"""Placeholders whose meaning is understood and that still only a person can fill."""

ASKED_BY_ITSELF = frozenset({actions.PLAYBOOK})
"""Placeholders that the declare form has a field for, whatever the templates ask."""

LONGEST_QUOTE = 1000
"""Characters of a message that a form carries along; Slack lets it carry 3,000 in all."""

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f]")
"""Characters that JSON writes with six others."""

Modal = dict[str, Any]


def declare(
    runbook: Runbook,
    *,
    severity: str,
    title: str,
    origin: str,
    quote: str = "",
    link: str = "",
    private: bool = False,
    drill: bool = False,
) -> Modal:
    """The declare form, also for a drill. `severity` as typed, `title` the words so far, `origin` where it was asked.

    `quote` and `link` are the words and the address of the message that it comes from, if it comes from one.
    """
    chosen = runbook.severity(severity) if severity else None
    blocks = [
        _severity_input(runbook, chosen.id if chosen else ""),
        words_field(actions.TITLE, "What is wrong?", "API is down", longest=TITLE_LENGTH, initial=title),
        *_playbook_input(runbook, chosen.id if chosen else None, title),
        _private_input(private),
        words_field(actions.IMPACT, "Impact", optional=True, multiline=True),
        words_field(actions.AFFECTED_USERS, "Affected users", optional=True),
        *(words_field(name, label, optional=True) for name, label in asked(runbook)),
    ]
    carried = {
        "origin": origin,
        "quote": beginning(CONTROL.sub("", quote), LONGEST_QUOTE),
        "link": link,
        "drill": drill,
    }
    if drill:
        return form(actions.DECLARE_FORM, "Begin a drill", "Begin", blocks, carried)
    return form(actions.DECLARE_FORM, "Declare an incident", "Declare", blocks, carried)


def declare_severity_only(
    runbook: Runbook, words: str, origin: str, private: bool = False, drill: bool = False
) -> Modal:
    """The form for words that were typed already: only the severity is missing."""
    told: list[Line] = [(words,)]
    told += [("Private: only who is called or invited will see it.",)] if private else []
    told += [("A drill: nobody is called.",)] if drill else []
    shown = lines("words", *told)
    carried = {
        "title": beginning(CONTROL.sub("", words), LONGEST_QUOTE),
        "origin": origin,
        "private": private,
        "drill": drill,
    }
    blocks = [shown, _severity_input(runbook, "")]
    return form(actions.SEVERITY_FORM, "How bad is it?", "Declare", blocks, carried)


def asked(runbook: Runbook) -> list[tuple[str, str]]:
    """(name, label) of every placeholder that the bot cannot know and that is asked when an incident is declared."""
    found = {gap.name: gap.label for gap in _unknown(runbook, "alert") if gap.name not in ASKED_BY_ITSELF}
    for template in runbook.templates.values():
        for gap in template.placeholders():
            if gap.name in ASKED_ANYWAY:
                found.setdefault(gap.name, gap.label)
    return list(found.items())


def _unknown(runbook: Runbook, template: str) -> list[Placeholder]:
    known = runbook.templates.get(template)
    return [gap for gap in known.placeholders() if not gap.known] if known else []


def _gaps(view: View, template: str, typed: Mapping[str, str] | None = None) -> list[Block]:
    """Fields for what only people know of a message, with what was said before in them."""
    said = {**view.incident.fields, **(typed or {})}
    return [
        words_field(actions.GAP + gap.name, gap.label, initial=said.get(gap.name, ""), optional=True)
        for gap in _unknown(view.runbook, template)
    ]


def declared(message: Message) -> Modal:
    """What the form becomes once the incident is declared."""
    view = ModalView(
        PlainText("Declared"), [], close=PlainText("Close"), callback_id=actions.SHOWN
    )._resolve()
    return {**view, "blocks": list(message.blocks)}


def update(view: View, *, text: str, notice: str) -> Modal:
    """The update form, with a draft's text when one is edited."""
    latest = max((each.id for each in view.situation.updates), default=0)
    carried = {"incident": view.incident.number, "notice": notice, "seen": latest}
    return _update(view, text, [], {**carried, "status": view.incident.status})


def update_meanwhile(
    view: View, *, text: str, carried: Mapping[str, Any], typed: Mapping[str, str] | None = None
) -> Modal:
    """The same form with the words kept, when others posted since it was opened; `carried` is what it carried, `typed`
    what stood in the fields for the template's own gaps, by their names."""
    unseen = [each for each in view.situation.updates if each.id > carried["seen"]]
    shown = [
        rich("meanwhile", section([(Bold("Posted while you wrote, look whether yours is still needed:"),)]))
    ]
    for each in unseen[-MOST_UNSEEN:]:
        by: Line = (Person(each.author), " at ", When(each.at), f", {each.status}:")
        shown.append(rich(f"meanwhile-{each.id}", section([by]), quote(cut(each.text, LONGEST_UNSEEN))))
    latest = max((each.id for each in unseen), default=carried["seen"])
    return _update(view, text, shown, {**carried, "seen": latest}, typed)


MOST_UNSEEN, LONGEST_UNSEEN = 3, 600
"""Of the updates that were posted meanwhile: how many are shown, and characters of each."""


def _update(
    view: View,
    text: str,
    before: list[Block],
    carried: dict[str, Any],
    typed: Mapping[str, str] | None = None,
) -> Modal:
    current = view.incident.status
    stages = [status for status in Status if status.is_open]
    options = [_option(stage.capitalize(), stage) for stage in stages]
    initial = options[stages.index(current)] if current in stages else options[0]
    menu = StaticSelectMenu(
        actions.STATUS, options=options, initial_option=initial, placeholder=PlainText("Status")
    )
    blocks = [
        *before,
        words_field(actions.UPDATE_TEXT, "What changed?", multiline=True, initial=text),
        InputBlock(PlainText("Status"), menu, block_id=actions.STATUS)._resolve(),
        *_gaps(view, "update", typed),
    ]
    return form(actions.UPDATE_FORM, f"Update {view.incident.reference}", "Post update", blocks, carried)


def resolve(view: View, *, text: str, postmortem: datetime) -> Modal:
    """The resolve form; `postmortem` is the moment proposed for the review."""
    picker = DateTimePicker(actions.POSTMORTEM, int(postmortem.timestamp()))
    blocks = [
        words_field(actions.RESOLUTION, "What was done?", multiline=True, initial=text),
        words_field(actions.ROOT_CAUSE, "Root cause", multiline=True, optional=True),
        InputBlock(PlainText("Post-mortem"), picker, block_id=actions.POSTMORTEM, optional=True)._resolve(),
        *_gaps(view, "resolution"),
    ]
    blocks = [*resolve_blocks(view), *blocks]
    carried = {"incident": view.incident.number}
    return form(actions.RESOLVE_FORM, f"Resolve {view.incident.reference}", "Resolve", blocks, carried)


def customer_copy(view: View, number: int) -> Modal:
    """The lines for a status page, to be copied."""
    posted = next((each for each in view.situation.updates if each.id == number), None)
    text = copy_of(view, posted) if posted else "This update is not known any more."
    shown = ModalView(
        PlainText("For your customers"), [], close=PlainText("Close"), callback_id=actions.SHOWN
    )
    return {**shown._resolve(), "blocks": [rich("copy", preformatted(text))]}


def form(callback_id: str, title: str, submit: str, blocks: list[Block], carried: dict[str, Any]) -> Modal:
    """A form with a title, a button that sends it, and what it carries along unseen."""
    view = ModalView(
        PlainText(title[:24]),
        [],
        close=PlainText("Cancel"),
        submit=PlainText(submit),
        private_metadata=json.dumps(carried, ensure_ascii=False),
        callback_id=callback_id,
    )._resolve()
    return as_written({**view, "blocks": blocks[:MOST_BLOCKS]})


def _severity_input(runbook: Runbook, chosen: str) -> Block:
    options = [
        _option(f"{each.id} {each.name.capitalize()}".strip(), each.id, ", ".join(each.examples))
        for each in runbook.severities[:MOST_OPTIONS]
    ]
    initial = next(
        (option for option, each in zip(options, runbook.severities, strict=False) if each.id == chosen), None
    )
    menu = StaticSelectMenu(
        actions.SEVERITY, options=options, initial_option=initial, placeholder=PlainText("How bad is it?")
    )
    return InputBlock(PlainText("Severity"), menu, block_id=actions.SEVERITY)._resolve()


def _private_input(chosen: bool) -> Block:
    only = _option("Private", actions.PRIVATE, "Only who is called or invited sees it")
    boxes = CheckboxGroup(actions.PRIVATE, [only], initial_options=[only] if chosen else None)
    return InputBlock(PlainText("Who sees it"), boxes, block_id=actions.PRIVATE, optional=True)._resolve()


def _playbook_input(runbook: Runbook, severity: str | None, title: str) -> list[Block]:
    """Those of the severity first; the one that fits the typed words is chosen, else it is found from the title."""
    if not runbook.playbooks:
        return []
    ordered = runbook.playbooks_for(severity)
    own = [each for each in ordered if severity is not None and each.severity == severity]
    others = [each for each in ordered if each not in own]
    fitting, none = _option("The one that fits", FITTING), _option("No playbook", NO_PLAYBOOK)
    best = best_playbook(runbook, title, severity) if title else None
    groups, initial = [], fitting
    for label, some in ((f"For {severity}", own), ("Others" if own else "Playbooks", others)):
        options = [_option(each.title, each.id) for each in some]
        for start in range(0, len(options), MOST_OPTIONS):
            more = f" ({start // MOST_OPTIONS + 1})" if start else ""
            groups.append(OptionGroup(PlainText(label + more), options[start : start + MOST_OPTIONS]))
        initial = next((o for o, each in zip(options, some, strict=True) if each == best), initial)
    groups.append(OptionGroup(PlainText("Let Tocsin choose"), [fitting, none]))
    menu = StaticSelectMenu(
        actions.PLAYBOOK, option_groups=groups, placeholder=PlainText("The one that fits")
    )
    block = InputBlock(PlainText("Playbook"), menu, block_id=actions.PLAYBOOK, optional=True)._resolve()
    # Slack wants one option of a group here; slackblocks would only take a whole group.
    return [{**block, "element": {**block["element"], "initial_option": initial._resolve()}}]


FITTING, NO_PLAYBOOK = "?fitting", "?none"
"""Values of the playbook menu that no playbook can have for its id: find it from the title; show none."""


def _option(text: str, value: str, description: str = "") -> Option:
    about = PlainText(one_line(description, LONGEST_OPTION)) if description else None
    return Option(PlainText(one_line(text, LONGEST_OPTION)), value, description=about)


def words_field(
    name: str,
    label: str,
    example: str = "",
    *,
    longest: int = TEXT_LENGTH,
    initial: str = "",
    optional: bool = False,
    multiline: bool = False,
) -> Block:
    """A field for words, known by its name."""
    hint = "Not known yet is fine" if optional else example
    field = PlainTextInput(
        name,
        initial_value=beginning(initial if multiline else " ".join(initial.split()), longest) or None,
        multiline=multiline,
        max_length=longest,
        placeholder=PlainText(hint) if hint else None,
    )
    text = PlainText(one_line(label, LONGEST_LABEL))
    return InputBlock(text, field, block_id=name, optional=optional)._resolve()
