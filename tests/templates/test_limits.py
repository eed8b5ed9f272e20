"""Every message and every modal, in every kind of situation, is something Slack takes."""

import json

import pytest

from templates import blocks, form_fields
from templates.incident_view import IncidentViewModel
from tests.templates.drawn import forms, homes, messages
from tests.templates.limits import home_problems, message_problems, modal_problems, texts
from tests.templates.worlds import HOSTILE, views

VIEWS = [pytest.param(view, id=name) for name, view in views().items()]


@pytest.mark.parametrize("view", VIEWS)
def test_slack_takes_every_message(view: IncidentViewModel) -> None:
    found = {}
    for name, message in messages(view):
        if problems := message_problems(message.text, list(message.blocks)) if message.blocks else []:
            found[name] = problems
    assert not found


@pytest.mark.parametrize("view", VIEWS)
def test_slack_takes_every_modal(view: IncidentViewModel) -> None:
    assert not {name: problems for name, modal in forms(view) if (problems := modal_problems(modal))}


@pytest.mark.parametrize("view", VIEWS)
def test_slack_takes_every_home(view: IncidentViewModel) -> None:
    assert not {name: problems for name, home in homes(view) if (problems := home_problems(home))}


@pytest.mark.parametrize("view", VIEWS)
def test_everything_can_be_written_as_json(view: IncidentViewModel) -> None:
    assert json.dumps(
        [list(message.blocks) for _, message in messages(view)] + [modal for _, modal in forms(view)]
    )


def test_the_checks_themselves_find_what_is_wrong() -> None:
    line = {"type": "rich_text_section", "elements": [{"type": "text", "text": "x" * 12_001}]}
    block = {"type": "rich_text", "block_id": "a", "elements": [line]}
    assert len(message_problems("", [block, block])) == 4
    assert modal_problems({"title": {"type": "plain_text", "text": "t" * 25}, "blocks": [block]})


def test_a_form_keeps_every_character_that_fits() -> None:
    for name, modal in forms(views()["hostile"]):
        if name == "update with draft":
            assert modal["blocks"][0]["element"]["initial_value"] == HOSTILE * 2
    assert form_fields.TEXT_LENGTH == 3000


def test_blocks_that_are_too_much_together_are_cut_where_they_are_longest() -> None:
    long = [blocks.build_lines(f"block-{number}", *[("x" * 500,)] * 12) for number in range(3)]
    drawn = blocks.build_message([("short",)], blocks.build_lines("short", ("a short line",)), *long)
    assert not message_problems(drawn.text, list(drawn.blocks))
    shown = list(texts(list(drawn.blocks)))
    assert shown[0] == "a short line"
    assert any(text.endswith("x…") for text in shown)


@pytest.mark.parametrize("view", VIEWS)
def test_nothing_is_cut_in_the_middle_of_a_letter(view: IncidentViewModel) -> None:
    for _, message in messages(view):
        for text in texts(list(message.blocks)):
            assert "👩‍…" not in text
            assert "\u200d …" not in text
            assert not text.endswith("\u200d")
