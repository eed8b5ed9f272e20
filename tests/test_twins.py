"""What must be changed on both sides is in step: buttons and listeners, effects and performers, words and sentences."""

import ast
import importlib
import pkgutil
import re
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path
from types import ModuleType
from typing import Any

import handlers
from bot.domain import effects
from bot.domain.finding import Verdict
from bot.domain.incident import IncidentRole, Status
from bot.domain.playbook import StepKind
from bot.domain.remediation import RemediationState
from bot.services import dead_letters
from handlers.outbox import EFFECT_HANDLERS
from handlers.slack import actions, command_parser, commands, form_submissions
from templates.help import command_help
from tests.templates.drawn import forms, homes, messages
from tests.templates.reading import read_aloud
from tests.templates.worlds import view
from tests.templates.worlds import views as worlds

ROOT = Path(__file__).resolve().parent.parent
HANDLED_APART = {
    "PageResponder",
    "PageContact",
    "FindOnCall",
    "FindResponders",
    "OpenChannel",
    "PostNotice",
    "TellIncidentsChannel",
    "CallEveryone",
    "MoveToChannel",
    "ReturnToChannel",
    "TellThread",
    "UploadChart",
    "PublishText",
    "ProposeReview",
    "UploadReview",
    "ShareReview",
    "DraftRunbook",
    "ProposeRunbook",
}
"""Effects about incidents for which something else is done when they can never be delivered."""


class Ears:
    """Where the surfaces register: keeps the names that they listen to."""

    def __init__(self) -> None:
        self.heard: dict[str, list[Any]] = {}

    def __getattr__(self, kind: str) -> Callable[[Any], Callable[[Any], Any]]:
        def listen(name: Any) -> Callable[[Any], Any]:
            self.heard.setdefault(kind, []).append(name)
            return lambda listener: listener

        return listen


def surfaces() -> Iterator[ModuleType]:
    """The modules of handlers that listen."""
    for package in pkgutil.walk_packages(handlers.__path__, "handlers."):
        module = importlib.import_module(package.name)
        if hasattr(module, "listen"):
            yield module


def heard() -> dict[str, list[Any]]:
    """What is listened to, by kind: `action`, `view`, `command`, `event`, `shortcut`."""
    ears = Ears()
    for surface in surfaces():
        surface.listen(ears, None)
    return ears.heard


def drawn_actions() -> set[str]:
    """The action ids of all buttons in all messages and homes."""
    blocks = [
        block
        for of in worlds().values()
        for block in (
            *(block for _, message in messages(of) for block in message.blocks),
            *(block for _, home in homes(of) for block in home["blocks"]),
            *(block for _, form in forms(of) for block in form["blocks"]),
        )
    ]
    return {each["action_id"] for block in blocks if block["type"] == "actions" for each in block["elements"]}


def test_every_button_has_one_listener_and_every_listener_a_button() -> None:
    names = [each for each in heard()["action"] if getattr(each, "pattern", "") != ".*"]
    patterns = [
        re.compile(name if isinstance(name, re.Pattern) else rf"^{re.escape(name)}$") for name in names
    ]
    ids = drawn_actions()
    listening = {id: [each.pattern for each in patterns if each.search(id)] for id in ids}
    assert {id: found for id, found in listening.items() if len(found) != 1} == {}
    assert [each.pattern for each in patterns if not any(each.search(id) for id in ids)] == []
    assert len(actions.ROUTES) > 10


def test_a_button_of_another_version_is_answered_too() -> None:
    assert any(getattr(each, "pattern", "") == ".*" for each in heard()["action"])


def test_every_form_has_a_listener_and_every_listener_a_form() -> None:
    sent = {form["callback_id"] for _, form in forms(view()) if "submit" in form}
    assert sent == set(form_submissions.ROUTES) == set(heard()["view"])


def test_the_field_where_a_general_problem_is_shown_is_in_its_form() -> None:
    for _, form in forms(view()):
        if "submit" in form:
            _, first_field = form_submissions.ROUTES[form["callback_id"]]
            assert first_field in [block["block_id"] for block in form["blocks"] if block["type"] == "input"]


def test_every_event_command_and_shortcut_that_is_named_is_listened_to() -> None:
    found = heard()
    assert sorted(found["command"]) == sorted(handlers.COMMANDS)
    assert sorted(found["event"]) == sorted({event.partition(".")[0] for event in handlers.EVENTS})
    assert sorted(found["shortcut"]) == sorted(handlers.SHORTCUTS)


def test_every_effect_has_a_performer() -> None:
    assert {handler.__name__ for handler in EFFECT_HANDLERS} == set(effects.KINDS)


def test_every_effect_that_can_never_be_delivered_has_a_name_for_people() -> None:
    about = {
        name for name, kind in effects.KINDS.items() if "incident" in {field.name for field in fields(kind)}
    }
    assert set(dead_letters.EFFECT_NAMES) == about - HANDLED_APART


def test_every_word_of_the_command_is_answered_and_in_the_help() -> None:
    assert set(command_parser.WORDS) == set(commands.ROUTES) - {""}
    assert set(command_parser.ALIASES.values()) <= set(command_parser.WORDS)
    said = read_aloud(command_help(command_parser.list_help()))
    for command in command_parser.COMMANDS:
        assert said.count(f"/incident {command.usage}  {command.help}\n") == 1, command.name


def test_the_help_begins_with_the_six_words_of_every_day_and_has_four_groups() -> None:
    (daily, first), *groups = command_parser.list_help()
    assert daily == "Every day" and len(first) == 6
    assert [title for title, _ in groups] == ["Declare", "Work", "Tell", "Finish"]
    longest = max(
        len(f"/incident {usage}  {what}") for _, lines in command_parser.list_help() for usage, what in lines
    )
    assert longest <= 72, "two lines of a phone"


def test_every_word_stands_in_the_page_of_words_with_its_usage_and_its_aliases() -> None:
    page = (ROOT / "docs" / "WORDS.md").read_text(encoding="utf-8")
    shown = [line for line in page.splitlines() if line.startswith("| `/incident ")]
    assert shown == command_parser.list_page_rows()


def test_the_help_shows_no_words_behind_a_word_that_takes_none_and_some_behind_every_other() -> None:
    shown = {command.name: command.usage.partition(" ")[2] for command in command_parser.COMMANDS}
    assert {command.name: command.usage.partition(" ")[0] for command in command_parser.COMMANDS} == {
        word: word for word in shown
    }
    alone = {
        command.name
        for command in command_parser.COMMANDS
        if command.takes is command_parser.ArgumentKind.NOTHING
    }
    assert {word for word, behind in shown.items() if not behind} - alone == {"close"}, (
        "its text is only for some cases"
    )
    assert {word for word, behind in shown.items() if behind} & alone == set()


def test_the_words_that_only_read_are_those_whose_rows_change_nothing() -> None:
    reading = {command.name for command in command_parser.COMMANDS if command.reads}
    assert reading == {"oncall", "runbook", "list", "help", "actions", "checklist", "timeline", "catchup"}
    assert {command.name for command in command_parser.COMMANDS if command.reads_without_arguments} == {
        "status",
        "times",
    }
    assert [
        command.name
        for command in command_parser.COMMANDS
        if command.works_on and command.reads and command.works_on != tuple(Status)
    ] == []


def test_the_glossary_has_every_public_word_of_the_domain() -> None:
    page = (ROOT / "docs" / "GLOSSARY.md").read_text(encoding="utf-8")
    rows = [line.split("|") for line in page.splitlines() if line.startswith("| ")]
    shown = [name for row in rows for name in re.findall(r"`(\w+)`", row[2])]
    assert len(shown) == len(set(shown))
    classes = {
        node.name
        for path in (ROOT / "bot" / "domain").glob("*.py")
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    }
    families = {"Effect", "CommandResult", "Notice", "FollowerNews", "TimelineDetail"}
    assert (classes | families) - set(shown) == set()
    words = page.casefold()
    values = [value for kind in (Status, IncidentRole, StepKind, Verdict, RemediationState) for value in kind]
    assert [value for value in values if not re.search(rf"\b{re.escape(value)}\b", words)] == []
