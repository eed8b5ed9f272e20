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
from bot import effects
from bot.delivery import PERFORMERS
from bot.incident import EntryKind
from bot.lifecycle import delivered
from handlers import actions, commands, views, words
from templates import answers, history, notices
from tests.templates.drawn import forms, homes, messages
from tests.templates.reading import read_aloud
from tests.templates.worlds import view
from tests.templates.worlds import views as worlds

ROOT = Path(__file__).resolve().parent.parent
SHOWN_BY_THE_CHECKLIST = {"ticked", "unticked", "ticked_already", "unticked_already"}
"""Outcomes without words: the message with the button shows them."""

SHOWN_BY_THE_FORM = {"updated_meanwhile"}
"""Outcomes that a form shows with what it asks next."""

SEEN_BY_THE_BOT = {"noticed", "nothing_new"}
"""Outcomes of what the bot saw by itself: nobody asked, so nobody is answered."""

FROM_THE_STORE = {"unanswered"}
"""Outcomes that the store gives for a request that is still under way."""

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
}
"""Effects about incidents for which something else is done when they can never be delivered."""

SAYING = {"notice": 2, "_say": 2, "_said": 1, "_told": 2, "PostNotice": None, "TellIncidentsChannel": None,
          "TellThread": None}  # fmt: skip
"""What puts a sentence by its name into an effect, and where among its arguments the name stands; None: as `words`."""


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
    for each in pkgutil.iter_modules(handlers.__path__):
        module = importlib.import_module(f"handlers.{each.name}")
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
        )
    ]
    return {each["action_id"] for block in blocks if block["type"] == "actions" for each in block["elements"]}


def lifecycle() -> Iterator[ast.Call]:
    """Every call in the code of the incident's life."""
    for path in sorted((ROOT / "bot" / "lifecycle").glob("*.py")):
        yield from (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))


def literals(node: ast.expr) -> set[str]:
    """The texts that an expression may be: a literal, or one of two."""
    if isinstance(node, ast.IfExp):
        return literals(node.body) | literals(node.orelse)
    return {node.value} if isinstance(node, ast.Constant) and isinstance(node.value, str) else set()


def test_every_button_has_one_listener_and_every_listener_a_button() -> None:
    names = [each for each in heard()["action"] if getattr(each, "pattern", "") != ".*"]
    patterns = [
        re.compile(each if isinstance(each, re.Pattern) else rf"^{re.escape(each)}$") for each in names
    ]
    ids = drawn_actions()
    listening = {id: [each.pattern for each in patterns if each.search(id)] for id in ids}
    assert {id: found for id, found in listening.items() if len(found) != 1} == {}
    assert [each.pattern for each in patterns if not any(each.search(id) for id in ids)] == []
    assert len(actions.ROWS) > 10


def test_a_button_of_another_version_is_answered_too() -> None:
    assert any(getattr(each, "pattern", "") == ".*" for each in heard()["action"])


def test_every_form_has_a_listener_and_every_listener_a_form() -> None:
    sent = {form["callback_id"] for _, form in forms(view()) if "submit" in form}
    assert sent == set(views.ROWS) == set(heard()["view"])


def test_the_field_where_a_general_problem_is_shown_is_in_its_form() -> None:
    for _, form in forms(view()):
        if "submit" in form:
            _, first_field = views.ROWS[form["callback_id"]]
            assert first_field in [block["block_id"] for block in form["blocks"] if block["type"] == "input"]


def test_every_event_command_and_shortcut_that_is_named_is_listened_to() -> None:
    found = heard()
    assert sorted(found["command"]) == sorted(handlers.COMMANDS)
    assert sorted(found["event"]) == sorted({each.partition(".")[0] for each in handlers.EVENTS})
    assert sorted(found["shortcut"]) == sorted(handlers.SHORTCUTS)


def test_every_effect_has_a_performer() -> None:
    assert {each.__name__ for each in PERFORMERS} == set(effects.KINDS)


def test_every_effect_that_can_never_be_delivered_has_a_name_for_people() -> None:
    about = {
        name for name, kind in effects.KINDS.items() if "incident" in {each.name for each in fields(kind)}
    }
    assert set(delivered.WORDS) == about - HANDLED_APART


def test_every_sentence_that_an_effect_names_exists_and_is_used() -> None:
    named: set[str] = set()
    for call in lifecycle():
        if not isinstance(call.func, ast.Name) or call.func.id not in SAYING:
            continue
        place = SAYING[call.func.id]
        given = [each.value for each in call.keywords if each.arg == "words"]
        named |= literals(given[0] if place is None else call.args[place])
    assert named == set(notices.SENTENCES)


def test_every_outcome_has_words_or_is_shown_elsewhere() -> None:
    made: set[str] = set()
    for call in lifecycle():
        if isinstance(call.func, ast.Name) and call.func.id == "Outcome":
            made |= literals(call.args[0])
    assert (
        made - SHOWN_BY_THE_CHECKLIST - SHOWN_BY_THE_FORM - SEEN_BY_THE_BOT
        == set(answers.WORDS) - FROM_THE_STORE
    )
    assert set(answers.WORDS).isdisjoint(SHOWN_BY_THE_CHECKLIST)


def test_every_kind_of_timeline_entry_is_written_and_can_be_told() -> None:
    code = "\n".join(path.read_text() for path in sorted((ROOT / "bot" / "lifecycle").glob("*.py")))
    written = {EntryKind[name] for name in re.findall(r"\bEntryKind\.([A-Z_]+)", code)}
    assert written == set(EntryKind) == set(history.SAID)


def test_every_word_of_the_command_is_answered_and_in_the_help() -> None:
    assert set(words.WORDS) == set(commands.ROWS) - {""}
    assert set(words.ALIASES.values()) <= set(words.WORDS)
    assert set(commands.ROWS) >= commands.READING
    said = read_aloud(answers.help())
    assert [word for word in words.WORDS if word != "help" and not re.search(rf"\b{word}\b", said)] == []


def test_the_readme_has_every_word_of_the_command_and_no_other() -> None:
    chapter = (
        (ROOT / "README.md").read_text().partition("\n## Working an incident\n")[2].partition("\n## ")[0]
    )
    cells = [row.split(" | ")[0] for row in chapter.splitlines() if row.startswith("| `")]
    typed = {
        each.removeprefix("/incident").partition(" ")[0] or each.split()[1]
        for cell in cells
        for each in re.findall(r"`([^`]+)`", cell)
        if each != "/incident"
    }
    assert typed == {*words.WORDS, *words.ALIASES} - {"acknowledge"}, "`ack` is its short form"
