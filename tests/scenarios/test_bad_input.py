"""What nobody should have typed: it is answered in a sentence that helps, nothing changes, no words are lost."""

import json
from pathlib import Path
from typing import Any

import pytest

from sandbox.slack import WorkspaceView
from templates import form_fields as inputs
from tests.scenarios.asking import fields
from tests.scenarios.conftest import RUNBOOK, World


def typed(view: WorkspaceView) -> dict[str, Any]:
    """What stands in a form's text fields."""
    return {
        name: element["value"]
        for name, elements in view.values.items()
        for element in elements.values()
        if element["type"] == "plain_text_input"
    }


def incidents(world: World) -> list[dict[str, Any]]:
    return world.looking.rows("select * from incident order by number")


async def opened(world: World, words: str, channel: str = "general", who: str = "ana") -> WorkspaceView:
    """The form that these words open."""
    await world.incident(who, words, channel)
    return await world.form(who)


@pytest.mark.parametrize("words", ["declare p9 API is down", "declare SEV-7", "new s5 x"])
async def test_an_unknown_severity_is_answered_with_those_the_runbook_has(world: World, words: str) -> None:
    async with world.bot():
        await world.incident("ana", words)
        assert "The runbook has no severity" in world.heard("ana")
        assert "It has P0, P1, P2, P3." in world.heard("ana")
        assert "Nothing was recorded." in world.heard("ana")
        assert incidents(world) == []
        assert world.slack.open_view("ana") is None


async def test_an_unknown_severity_for_a_running_incident_changes_nothing(world: World) -> None:
    async with world.bot():
        channel = await world.declared("declare p3 Search is slow")
        for words in ("severity p9", "severity", "severity dreadful"):
            await world.incident("ana", words, channel)
            assert "P0, P1, P2, P3." in world.heard("ana"), words
        assert incidents(world)[0]["severity"] == "P3"
        assert "severity_changed" not in world.looking.kinds(1)


async def test_an_unknown_word_is_answered_with_what_was_probably_meant(world: World) -> None:
    async with world.bot():
        for words, meant in (("declar p0 API is down", "declare"), ("reslove", "resolve"), ("updaet", "update"),
                             ("acknowlege", "ack"), ("checklits", "checklist")):  # fmt: skip
            await world.incident("ana", words)
            assert f"Did you mean /incident {meant}?" in world.heard("ana")
        await world.incident("ana", "<&*> *x*")
        assert "I don't know “<&*>”. Type /incident help" in world.heard("ana")
        assert incidents(world) == []


async def test_outside_an_incident_the_words_ask_which_one_is_meant(world: World) -> None:
    async with world.bot():
        for words in ("update all good", "update", "resolve", "ack", "join", "lead", "close",
                      "assign scribe @ana", "checklist", "timeline", "catchup"):  # fmt: skip
            await world.incident("ana", words, "general")
            assert "Which incident?" in world.heard("ana"), words
            word, _, rest = words.partition(" ")
            assert f"/incident {word} INC-42" in world.heard("ana")
            assert (f"INC-42 {rest}" in world.heard("ana")) or not rest, words
            assert "/incident update" not in world.heard("ana").replace(f"/incident {word}", "")
            assert world.slack.open_view("ana") is None, words


async def test_an_incident_that_does_not_exist_is_said_not_to_exist_by_every_word(world: World) -> None:
    async with world.bot():
        for words in ("update INC-99 all good", "update INC-99", "resolve INC-99", "ack INC-99", "join INC-99",
                      "lead INC-99", "lead INC-99 @chidi", "assign INC-99 scribe @chidi", "severity INC-99 p1",
                      "status INC-99 identified", "note INC-99 x", "rename INC-99 x", "cancel INC-99",
                      "reopen INC-99", "checklist INC-99", "close INC-99", "close INC-99 anyway x",
                      "timeline INC-99", "catchup INC-99", "INC-99", "INC-99 update x"):  # fmt: skip
            before = len(world.slack.ephemerals("ana"))
            await world.incident("ana", words)
            assert len(world.slack.ephemerals("ana")) == before + 1, words
            assert "INC-99 doesn't exist." in world.heard("ana"), words
        await world.incident("ana", "update INC-0 x")
        assert "INC-0 doesn't exist." in world.heard("ana")
        await world.incident("ana", f"update INC-{'9' * 18} x")
        assert "INC-999999999999999999 doesn't exist." in world.heard("ana")
        assert world.slack.open_view("ana") is None
        of_the_start = ("incidents-channel:", "people:", "contacts:")
        assert [effect for effect in world.looking.effects() if not effect.startswith(of_the_start)] == []


async def test_missing_and_blank_fields_of_the_declare_form_are_named_beside_them_and_words_stay(
    world: World,
) -> None:
    async with world.bot():
        form = await opened(world, "declare")
        given = fields(title="   ", impact="Nobody can pay")
        assert (await world.slack.people.submit("ana", form, given, force=True)).ok
        assert form.errors == {"severity": "Choose one.", "title": "Write a few words here."}
        assert world.slack.open_view("ana") is form
        assert typed(form)["impact"] == "Nobody can pay"
        assert incidents(world) == []
        mended = fields(title="API is down", severity="P3")
        assert (await world.slack.people.submit("ana", form, mended)).ok
        await world.quiet()
        assert [(row["title"], row["impact"]) for row in incidents(world)] == [
            ("API is down", "Nobody can pay")
        ]


async def test_too_long_fields_say_how_long_they_are_and_may_be_and_words_stay(world: World) -> None:
    async with world.bot():
        form = await opened(world, "declare p3")
        given = fields(title="x" * 151, impact="y" * 3001)
        assert (await world.slack.people.submit("ana", form, given, force=True)).ok
        assert set(form.errors) == {"title", "impact"}
        assert "151 characters; 150 is the most" in form.errors["title"]
        assert "3001 characters; 3000 is the most" in form.errors["impact"]
        assert typed(form)["title"] == "x" * 151
        assert incidents(world) == []


@pytest.mark.parametrize("how", ["resolve", "cancel", "close"])
async def test_every_form_about_an_incident_that_ended_meanwhile_says_so_and_keeps_its_words(
    world: World, how: str
) -> None:
    async with world.bot():
        channel = await world.declared("declare p3 Search is slow")
        forms = {"update_text": await opened(world, "update", channel, "ana"),
                 "resolution": await opened(world, "resolve", channel, "bruno")}  # fmt: skip
        if how == "cancel":
            await world.cancel("chidi", "it was nothing", channel)
        else:
            last = await opened(world, "resolve", channel, "chidi")
            assert (await world.slack.people.submit("chidi", last, fields(resolution="Rolled back"))).ok
        if how == "close":
            await world.incident("chidi", "close INC-1 anyway done")
        for who, (field, form) in zip(("ana", "bruno"), forms.items(), strict=True):
            words = "w" * 3000
            assert (await world.slack.people.submit(who, form, fields(**{field: words}))).ok
            assert " already" in form.errors[field]
            assert "Nothing was changed." in form.errors[field]
            assert typed(form)[field] == words
        await world.quiet()
        assert world.posts(channel, "www") == []


FORMS = {
    "declare p3": {"title": 150, "impact": 3000, "affected_users": 3000},
    "update": {"update_text": 3000},
    "resolve": {"resolution": 3000, "root_cause": 3000},
}
"""Every form in which somebody writes: its text fields, and how many characters they take."""


@pytest.mark.parametrize("words", FORMS)
async def test_4000_characters_or_only_spaces_are_refused_beside_each_field_of_every_form_and_stay(
    world: World, words: str
) -> None:
    async with world.bot():
        channel = await world.declared("declare p3 Search is slow")
        form = await opened(world, words, channel)
        inputs = {block["block_id"] for block in form.blocks
                  if block["type"] == "input" and block["element"]["type"] == "plain_text_input"}  # fmt: skip
        assert inputs >= FORMS[words].keys()
        long = dict.fromkeys(inputs, "n" * 4000)
        assert (await world.slack.people.submit("ana", form, fields(**long), force=True)).ok
        assert form.errors.keys() == inputs
        for name in inputs:
            most = FORMS[words].get(name, 3000)
            assert f"This has 4000 characters; {most} is the most. Nothing was recorded." == form.errors[name]
        assert typed(form) == long
        required = {block["block_id"] for block in form.blocks if block["type"] == "input"
                    and not block.get("optional")} & inputs  # fmt: skip
        blank = dict.fromkeys(inputs, " \u00a0\n\u2003 ")
        assert (await world.slack.people.submit("ana", form, fields(**blank), force=True)).ok
        assert form.errors == dict.fromkeys(required, "Write a few words here.")
        assert typed(form) == blank
        assert len(incidents(world)) == 1
        assert {"update_posted", "resolved"}.isdisjoint(world.looking.kinds(1))


async def test_the_update_and_resolve_forms_refuse_nothing_and_too_much_and_keep_the_words(
    world: World,
) -> None:
    async with world.bot():
        channel = await world.declared("declare p3 Search is slow")
        for words, field, other in (("update", "update_text", ""), ("resolve", "resolution", "root_cause")):
            form = await opened(world, words, channel)
            for bad, why in (("  \n ", "Write a few words"), ("z" * 3001, "3000 is the most")):
                assert (await world.slack.people.submit("ana", form, fields(**{field: bad}), force=True)).ok
                assert why in form.errors[field]
                assert typed(form)[field] == bad
            if other:
                long = fields(**{field: "fixed", other: "w" * 3001})
                assert (await world.slack.people.submit("ana", form, long, force=True)).ok
                assert set(form.errors) == {other}
            await world.slack.people.close(form)
        assert set(world.looking.kinds(1)) == {"declared", "channel_opened", "joined", "looked"}
        assert incidents(world)[0]["status"] == "investigating"


async def test_a_form_sent_after_the_incident_was_resolved_is_refused_beside_its_words(world: World) -> None:
    async with world.bot():
        channel = await world.declared("declare p3 Search is slow")
        update = await opened(world, "update", channel, "ana")
        late = await opened(world, "resolve", channel, "bruno")
        first = await opened(world, "resolve", channel, "chidi")
        assert (await world.slack.people.submit("chidi", first, fields(resolution="Rolled back"))).ok
        assert (await world.slack.people.submit("ana", update, fields(update_text="Still looking"))).ok
        assert "INC-1 is already resolved. Nothing was changed." in update.errors["update_text"]
        assert typed(update)["update_text"] == "Still looking"
        assert (await world.slack.people.submit("bruno", late, fields(resolution="Restarted"))).ok
        assert "INC-1 is already resolved by @chidi at " in late.errors["resolution"]
        assert typed(late)["resolution"] == "Restarted"
        await world.quiet()
        assert len(world.posts(channel, "INCIDENT RESOLVED")) == 1
        assert world.posts(channel, "Still looking") == []


async def test_every_field_of_the_declare_form_reaches_the_alert(world: World) -> None:
    async with world.bot():
        form = await opened(world, "declare p1")
        inputs = [block["block_id"] for block in form.blocks if block["type"] == "input"]
        assert inputs[:6] == ["severity", "title", "playbook", "private", "impact", "affected_users"]
        assert form.values["severity"]["severity"]["selected_option"]["value"] == "P1"
        optional = {b["block_id"] for b in form.blocks if b["type"] == "input" and b.get("optional")}
        assert set(inputs) - optional == {"severity", "title"}
        others = {name: f"words for {name}" for name in inputs[6:]}
        assert others
        given = fields(title="Payments fail", impact="No orders", affected_users="All of EU", **others)
        assert (await world.slack.people.submit("ana", form, given)).ok
        shown = world.slack.open_view("ana")
        assert shown is not None
        assert "INC-1 is declared: P1 Payments fail" in json.dumps(shown.payload)
        await world.quiet()
        row = incidents(world)[0]
        assert row["fields"] == others
        alert = world.text(world.posts(row["channel"], "INCIDENT ALERT - P1")[0])
        assert "Impact: No orders" in alert
        assert "Affected Users: All of EU" in alert


@pytest.mark.parametrize("choice", ["the one chosen", "the one that fits", "none"])
async def test_the_playbook_is_the_chosen_one_the_fitting_one_or_none(world: World, choice: str) -> None:
    async with world.bot():
        form = await opened(world, "declare p1")
        block = next(each for each in form.blocks if each["block_id"] == "playbook")
        offered = [o["value"] for group in block["element"]["option_groups"] for o in group["options"]]
        titles = {o["value"]: o["text"]["text"] for group in block["element"]["option_groups"]
                  for o in group["options"]}  # fmt: skip
        other = next(each for each in offered if "API" not in titles[each])
        value = {"the one chosen": other, "the one that fits": inputs.FITTING, "none": inputs.NO_PLAYBOOK}[
            choice
        ]
        given = fields(title="API is completely down", playbook=value)
        assert (await world.slack.people.submit("ana", form, given)).ok
        await world.quiet()
        row = incidents(world)[0]
        shown = [world.text(post) for post in world.posts(row["channel"], "Playbook: ")]
        if choice == "none":
            assert row["playbook"] is None
            assert shown == []
        else:
            wanted = titles[other] if choice == "the one chosen" else "API COMPLETELY DOWN"
            assert f"Playbook: {wanted}" in shown[0]


async def test_words_without_a_severity_ask_for_the_severity_only(world: World) -> None:
    async with world.bot():
        form = await opened(world, "declare API & gateway are <b>down</b>")
        assert [block["block_id"] for block in form.blocks if block["type"] == "input"] == ["severity"]
        assert (await world.slack.people.submit("ana", form, force=True)).ok
        assert form.errors == {"severity": "Choose one."}
        assert (await world.slack.people.submit("ana", form, fields(severity="P3"))).ok
        await world.quiet()
        assert [row["title"] for row in incidents(world)] == ["API & gateway are <b>down</b>"]


async def test_playbooks_that_are_called_like_the_menus_own_choices_can_be_chosen(
    world: World, tmp_path: Path
) -> None:
    runbook = tmp_path / "RUNBOOK.md"
    text = RUNBOOK.read_text(encoding="utf-8")
    assert "API COMPLETELY DOWN" in text
    runbook.write_text(text.replace("API COMPLETELY DOWN", "NONE"), encoding="utf-8")
    async with world.bot(runbook=runbook):
        form = await opened(world, "declare p3")
        block = next(each for each in form.blocks if each["block_id"] == "playbook")
        options = [option for group in block["element"]["option_groups"] for option in group["options"]]
        (value,) = (each["value"] for each in options if each["text"]["text"] == "NONE")
        assert (await world.slack.people.submit("ana", form, fields(title="Search", playbook=value))).ok
        await world.quiet()
        assert world.posts(incidents(world)[0]["channel"], "Playbook: NONE")
