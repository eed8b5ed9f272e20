"""The forms: what is offered, what is chosen, and that every word that was typed comes along."""

import json
from typing import Any

import pytest

from bot.runbook import parse_runbook
from templates import alert, modals
from tests.templates.reading import read_aloud
from tests.templates.worlds import HOSTILE, crowded_runbook, users_runbook, view


def fields(form: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The inputs of a form by their block ids."""
    return {block["block_id"]: block["element"] for block in form["blocks"] if block["type"] == "input"}


def test_the_runbooks_severities_are_offered_with_their_examples() -> None:
    options = fields(modals.build_declare_form(users_runbook(), severity="", title="", origin="C0"))[
        "severity"
    ]["options"]
    assert [option["text"]["text"] for option in options] == ["P0 Critical", "P1 High", "P2 Medium", "P3 Low"]
    assert options[0]["description"]["text"] == "API down, database unreachable, total system failure"


def test_every_playbook_of_a_large_runbook_can_be_chosen() -> None:
    form = modals.build_declare_form(crowded_runbook(), severity="p0", title="number 117", origin="C0")
    menu = fields(form)["playbook"]
    offered = {option["value"] for group in menu["option_groups"] for option in group["options"]}
    assert {playbook.id for playbook in crowded_runbook().playbooks} <= offered
    assert menu["initial_option"]["text"]["text"].startswith("NUMBER 117 ")


def test_a_placeholder_that_names_the_playbook_is_filled_and_not_asked_twice() -> None:
    template = "### Initial Incident Notification\n```\nWe follow [Playbook] now\n```"
    runbook = parse_runbook(
        f"# R\n\n## Severity Levels\n### P0 - BAD\n\n## P0 INCIDENT: DOWN\n### A\n- x\n\n## Templates\n{template}\n"
    )
    form = modals.build_declare_form(runbook, severity="p0", title="", origin="C0")
    names = [block["block_id"] for block in form["blocks"]]
    assert len(set(names)) == len(names)
    of = view(runbook, playbook=runbook.playbooks[0].id)
    assert "We follow DOWN now" in read_aloud(alert.render_alert(of))


@pytest.mark.parametrize("words", ['"' * 900, "\x01" * 2000, HOSTILE * 20, "a\nb\\" * 400])
def test_a_form_from_a_message_carries_its_words_within_what_slack_lets_it_carry(words: str) -> None:
    form = modals.build_declare_form(
        users_runbook(), severity="", title=words, origin="C0", quote=words, link="https://x.example/1"
    )
    assert len(form["private_metadata"]) <= 3000
    assert json.loads(form["private_metadata"])["link"] == "https://x.example/1"
    short = modals.build_severity_form(users_runbook(), words, "C0")
    assert len(short["private_metadata"]) <= 3000


@pytest.mark.parametrize("letter", ["🇮🇳", "👩‍👩‍👧", "e\u0301", "👍🏽"])
def test_words_that_are_too_long_for_a_field_are_cut_between_letters(letter: str) -> None:
    form = modals.build_declare_form(
        users_runbook(), severity="", title="x" + letter * 200, origin="C0", quote="x" + letter * 900
    )
    carried = json.loads(form["private_metadata"])["quote"]
    for kept in (fields(form)["title"]["initial_value"], carried):
        assert kept == "x" + letter * (len(kept) // len(letter))


def test_a_title_from_several_lines_is_one_line() -> None:
    form = modals.build_declare_form(
        users_runbook(), severity="", title="API is down\n  since 3", origin="C0"
    )
    assert fields(form)["title"]["initial_value"] == "API is down since 3"


def test_a_draft_keeps_its_lines() -> None:
    assert (
        fields(modals.build_update_form(view(), text="One.\nTwo.", notice=""))["update_text"]["initial_value"]
        == "One.\nTwo."
    )


def test_only_what_cannot_wait_is_required() -> None:
    for form, needed in (
        (modals.build_update_form(view(), text="", notice=""), ["update_text", "status"]),
        (modals.build_resolve_form(view(), text="", postmortem=view().incident.declared_at), ["resolution"]),
        (modals.build_severity_form(users_runbook(), "API is down", "C0"), ["severity"]),
    ):
        inputs = [block for block in form["blocks"] if block["type"] == "input"]
        assert [block["block_id"] for block in inputs if not block.get("optional")] == needed
