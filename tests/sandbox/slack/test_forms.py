"""People who fill in forms: the state that is sent, and what the response does to the screen."""

from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import ImpossibleActionError, Slack, WorkspaceView
from tests.sandbox.blocks import actions, field, modal, option, plain
from tests.sandbox.stub_bot import StubBot

FORM = (
    field("title", {"type": "plain_text_input", "action_id": "text", "max_length": 50}),
    field(
        "severity",
        {
            "type": "static_select",
            "action_id": "choose",
            "option_groups": [{"label": plain("All"), "options": [option("p0"), option("p1")]}],
            "initial_option": option("p1"),
        },
    ),
    field("who", {"type": "users_select", "action_id": "pick"}, optional=True),
    field("day", {"type": "datepicker", "action_id": "pick", "initial_date": "2030-01-02"}),
    field("at", {"type": "timepicker", "action_id": "pick"}, optional=True),
    field("moment", {"type": "datetimepicker", "action_id": "pick"}, optional=True),
    field("kind", {"type": "radio_buttons", "action_id": "pick", "options": [option("a")]}, optional=True),
    field(
        "also",
        {"type": "checkboxes", "action_id": "pick", "options": [option("x"), option("y")]},
        optional=True,
    ),
)


async def opened(slack: Slack, client: AsyncWebClient, view: dict[str, Any]) -> WorkspaceView:
    trigger = (await slack.people.command("ana", "general", "/incident")).trigger_id
    await client.views_open(trigger_id=trigger, view=view)
    found = slack.open_view("ana")
    assert found is not None
    return found


async def test_a_submission_carries_the_state_of_every_input(
    slack: Slack, client: AsyncWebClient, bot: StubBot
) -> None:
    view = await opened(slack, client, modal(*FORM, callback_id="declare", private_metadata="meta"))
    values: dict[str, dict[str, Any]] = {
        "title": {"text": "API is down"},
        "also": {"pick": ["y"]},
        "who": {"pick": slack.person("bruno").id},
        "at": {"pick": "03:15"},
        "moment": {"pick": 1_900_000_000},
    }
    answer = await slack.people.submit("ana", view, values)
    payload = bot.received[-1].payload
    sent = payload["view"]
    assert answer.ok
    assert (payload["type"], sent["callback_id"], sent["private_metadata"], sent["hash"]) == (
        "view_submission",
        "declare",
        "meta",
        view.hash,
    )
    assert sent["state"]["values"] == {
        "title": {"text": {"type": "plain_text_input", "value": "API is down"}},
        "severity": {"choose": {"type": "static_select", "selected_option": option("p1")}},
        "who": {"pick": {"type": "users_select", "selected_user": slack.person("bruno").id}},
        "day": {"pick": {"type": "datepicker", "selected_date": "2030-01-02"}},
        "at": {"pick": {"type": "timepicker", "selected_time": "03:15"}},
        "moment": {"pick": {"type": "datetimepicker", "selected_date_time": 1_900_000_000}},
        "kind": {"pick": {"type": "radio_buttons", "selected_option": None}},
        "also": {"pick": {"type": "checkboxes", "selected_options": [option("y")]}},
    }
    assert slack.open_view("ana") is None


async def test_the_window_itself_refuses_what_slack_would_not_send(
    slack: Slack, client: AsyncWebClient, bot: StubBot
) -> None:
    view = await opened(slack, client, modal(*FORM))
    wrong: list[tuple[dict[str, dict[str, Any]], str]] = [
        ({}, "title is required"),
        ({"title": {"text": "x" * 51}}, "0 to 50 characters"),
        ({"title": {"text": "x"}, "severity": {"choose": "p9"}}, "no option 'p9'"),
        ({"nothing": {"here": "x"}}, "no element here"),
    ]
    for values, reason in wrong:
        with pytest.raises(ImpossibleActionError, match=reason):
            await slack.people.submit("ana", view, values)
    with pytest.raises(ImpossibleActionError, match="no such view"):
        await slack.people.submit("bruno", view)
    before = len(bot.received)
    await slack.people.submit("ana", view, {"title": {"text": "x" * 51}}, force=True)
    assert len(bot.received) == before + 1


async def test_errors_stay_beside_their_inputs_with_the_words_kept(
    slack: Slack, client: AsyncWebClient, bot: StubBot
) -> None:
    view = await opened(slack, client, modal(*FORM))
    bot.answers({"response_action": "errors", "errors": {"title": "Say more"}})
    answer = await slack.people.submit("ana", view, {"title": {"text": "x"}})
    assert answer.ok
    assert view.errors == {"title": "Say more"}
    assert view.values["title"]["text"]["value"] == "x"
    assert slack.open_view("ana") is view
    bot.answers({"response_action": "errors", "errors": {"nowhere": "x"}})
    assert "no input block is called nowhere" in (await slack.people.submit("ana", view)).problem


async def test_a_response_replaces_stacks_or_clears_the_views(
    slack: Slack, client: AsyncWebClient, bot: StubBot
) -> None:
    view = await opened(slack, client, modal(*FORM))
    words = {"title": {"text": "x"}}
    bot.answers({"response_action": "update", "view": modal(*FORM, title=plain("Second"))})
    await slack.people.submit("ana", view, words)
    assert view.title == "Second"
    bot.answers({"response_action": "push", "view": modal(*FORM, title=plain("Third"))})
    await slack.people.submit("ana", view)
    top = slack.open_view("ana")
    assert top is not None
    assert (top.title, top.previous, top.root) == ("Third", view.id, view.id)
    bot.answers({"response_action": "update", "view": {"type": "modal"}})
    assert "missing required field: title" in (await slack.people.submit("ana", top, words)).problem
    bot.answers({"response_action": "clear"})
    await slack.people.submit("ana", top, words)
    assert slack.open_view("ana") is None


async def test_closing_is_heard_only_when_the_view_asked_for_it(
    slack: Slack, client: AsyncWebClient, bot: StubBot
) -> None:
    assert await slack.people.close(await opened(slack, client, modal(*FORM))) is None
    await slack.people.close(await opened(slack, client, modal(*FORM, notify_on_close=True)))
    assert bot.received[-1].payload["type"] == "view_closed"
    assert slack.open_view("ana") is None


async def test_a_click_inside_a_view_keeps_the_choice_and_may_push(
    slack: Slack, client: AsyncWebClient, bot: StubBot
) -> None:
    menu = {"type": "static_select", "action_id": "menu", "options": [option("a"), option("b")]}
    view = await opened(slack, client, modal(actions(menu, block_id="menus"), *FORM))
    answer = await slack.people.click("ana", view, "menu", value="b")
    payload = bot.received[-1].payload
    assert payload["container"] == {"type": "view", "view_id": view.id}
    assert payload["actions"][0]["selected_option"] == option("b")
    assert payload["view"]["state"]["values"]["menus"]["menu"]["selected_option"] == option("b")
    await client.views_push(trigger_id=answer.trigger_id, view=modal(*FORM))
    top = slack.open_view("ana")
    assert top is not None
    assert top.previous == view.id
