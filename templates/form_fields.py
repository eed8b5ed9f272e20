"""The fields of forms."""

import hashlib
from collections.abc import Mapping

from slackblocks import (
    ActionsBlock,
    CheckboxGroup,
    InputBlock,
    Option,
    OptionGroup,
    PlainText,
    PlainTextInput,
    StaticSelectMenu,
)

from bot.ports import Block
from bot.runbook import Runbook, find_best_playbook
from templates import action_ids
from templates.blocks import keep_emoji_codes
from templates.escaping import flatten_text, take_beginning

TITLE_LENGTH, TEXT_LENGTH = 150, 3000
LONGEST_OPTION, LONGEST_LABEL, MOST_OPTIONS = 75, 150, 100


def build_severity_input(runbook: Runbook, chosen: str) -> Block:
    options = [
        build_option(
            f"{severity.id} {severity.name.capitalize()}".strip(), severity.id, ", ".join(severity.examples)
        )
        for severity in runbook.severities[:MOST_OPTIONS]
    ]
    initial = next(
        (
            option
            for option, severity in zip(options, runbook.severities, strict=False)
            if severity.id == chosen
        ),
        None,
    )
    menu = StaticSelectMenu(
        action_ids.SEVERITY, options=options, initial_option=initial, placeholder=PlainText("How bad is it?")
    )
    return InputBlock(PlainText("Severity"), menu, block_id=action_ids.SEVERITY)._resolve()


def build_private_input(chosen: bool) -> Block:
    only = build_option("Private", action_ids.PRIVATE, "Only people who are paged or invited")
    boxes = CheckboxGroup(action_ids.PRIVATE, [only], initial_options=[only] if chosen else None)
    return InputBlock(PlainText("Visibility"), boxes, block_id=action_ids.PRIVATE, optional=True)._resolve()


def build_drill_input() -> Block:
    only = build_option("Drill", action_ids.DRILL, "A rehearsal: nobody is paged")
    boxes = CheckboxGroup(action_ids.DRILL, [only], initial_options=[only])
    return InputBlock(PlainText("Is it real?"), boxes, block_id=action_ids.DRILL, optional=True)._resolve()


def build_playbook_input(runbook: Runbook, severity: str | None, title: str) -> list[Block]:
    """Those of the severity first; the one that fits the typed words is chosen, else it is found from the title."""
    if not runbook.playbooks:
        return []
    ordered = runbook.playbooks_for(severity)
    own = [playbook for playbook in ordered if severity is not None and playbook.severity == severity]
    others = [playbook for playbook in ordered if playbook not in own]
    fitting, none = build_option("Choose automatically", FITTING), build_option("No playbook", NO_PLAYBOOK)
    best = find_best_playbook(runbook, title, severity) if title else None
    groups, initial = [], fitting
    for label, some in ((f"For {severity}", own), ("Others" if own else "Playbooks", others)):
        options = [build_option(playbook.title, playbook.id) for playbook in some]
        for start in range(0, len(options), MOST_OPTIONS):
            more = f" ({start // MOST_OPTIONS + 1})" if start else ""
            groups.append(OptionGroup(PlainText(label + more), options[start : start + MOST_OPTIONS]))
        initial = next((o for o, playbook in zip(options, some, strict=True) if playbook == best), initial)
    groups.append(OptionGroup(PlainText("Let Tocsin choose"), [fitting, none]))
    menu = StaticSelectMenu(
        action_ids.PLAYBOOK, option_groups=groups, placeholder=PlainText("Choose automatically")
    )
    block = InputBlock(PlainText("Playbook"), menu, block_id=action_ids.PLAYBOOK, optional=True)._resolve()
    # Slack wants one option of a group here; slackblocks would only take a whole group.
    return [{**block, "element": {**block["element"], "initial_option": initial._resolve()}}]


FITTING, NO_PLAYBOOK = "?fitting", "?none"
"""Values of the playbook menu that no playbook can have for its id: find it from the title; show none."""


def build_impact_fields(known: Mapping[str, str]) -> list[Block]:
    """What it does to people, with what is known of it by the fields' names."""
    return [
        build_text_field(
            name, label, initial=known.get(name, ""), optional=True, multiline=name == action_ids.IMPACT
        )
        for name, label in IMPACT_FIELDS.items()
    ]


IMPACT_FIELDS = {action_ids.IMPACT: "Impact", action_ids.AFFECTED_USERS: "Affected users"}


def hash_text(text: str) -> str:
    """A short mark of a field's words, by which a form knows whether they were changed; spaces do not count."""
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()[:16]


def build_option(text: str, value: str, description: str = "") -> Option:
    about = PlainText(flatten_text(description, LONGEST_OPTION)) if description else None
    return Option(PlainText(flatten_text(text, LONGEST_OPTION)), value, description=about)


def build_text_field(
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
        initial_value=take_beginning(initial if multiline else " ".join(initial.split()), longest) or None,
        multiline=multiline,
        max_length=longest,
        placeholder=PlainText(hint) if hint else None,
    )
    text = PlainText(flatten_text(label, LONGEST_LABEL))
    return InputBlock(text, field, block_id=name, optional=optional)._resolve()


def build_public_box(ticked: bool = False) -> Block:
    """`Also publish`, off each time: ticking it opens the text for customers."""
    box = build_option("Also publish", action_ids.ALSO_PUBLISH, "Customers read it on the status page")
    boxes = CheckboxGroup(action_ids.ALSO_PUBLISH, [box], initial_options=[box] if ticked else None)
    return keep_emoji_codes(ActionsBlock([boxes], block_id=action_ids.ALSO_PUBLISH)._resolve())
