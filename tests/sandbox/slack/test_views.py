"""Modals and home tabs: triggers, the stack, hashes."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import Slack
from tests.sandbox.blocks import code, field, modal, plain, reasons, section
from tests.sandbox.stub_bot import StubBot

TEXT = field("words", {"type": "plain_text_input", "action_id": "text"})


async def trigger(slack: Slack, person: str = "ana") -> str:
    return (await slack.people.command(person, "general", "/incident")).trigger_id


@pytest.mark.usefixtures("bot")
async def test_a_trigger_opens_one_view_within_three_seconds(slack: Slack, client: AsyncWebClient) -> None:
    fresh, late = await trigger(slack), await trigger(slack)
    opened = await client.views_open(trigger_id=fresh, view=modal(TEXT, private_metadata="42"))
    assert slack.open_view("ana") is slack.workspace.views[opened["view"]["id"]]
    assert opened["view"]["private_metadata"] == "42"
    slack.workspace.clocks.advance(3.1)
    for id, expected in (
        (fresh, "exchanged_trigger_id"),
        (late, "expired_trigger_id"),
        ("1.2.3", "invalid_trigger_id"),
    ):
        with pytest.raises(SlackApiError) as refused:
            await client.views_open(trigger_id=id, view=modal(TEXT))
        assert code(refused.value) == expected


@pytest.mark.usefixtures("bot")
async def test_an_update_needs_the_hash_it_names_and_keeps_what_was_typed(
    slack: Slack, client: AsyncWebClient
) -> None:
    opened = (await client.views_open(trigger_id=await trigger(slack), view=modal(TEXT)))["view"]
    view = slack.open_view("ana")
    assert view is not None
    view.values["words"]["text"]["value"] = "half a sentence"
    await client.views_update(view_id=opened["id"], hash=opened["hash"], view=modal(section("hi"), TEXT))
    assert view.values["words"]["text"]["value"] == "half a sentence"
    assert view.hash != opened["hash"]
    with pytest.raises(SlackApiError) as refused:
        await client.views_update(view_id=opened["id"], hash=opened["hash"], view=modal(TEXT))
    assert code(refused.value) == "hash_conflict"
    await slack.people.close(view)
    with pytest.raises(SlackApiError) as refused:
        await client.views_update(view_id=opened["id"], view=modal(TEXT))
    assert code(refused.value) == "not_found"


@pytest.mark.usefixtures("bot")
async def test_three_views_stack_and_no_more(slack: Slack, client: AsyncWebClient) -> None:
    root = (await client.views_open(trigger_id=await trigger(slack), view=modal(TEXT)))["view"]
    for _ in range(2):
        pushed = (await client.views_push(trigger_id=await trigger(slack), view=modal(TEXT)))["view"]
    assert pushed["root_view_id"] == root["id"]
    with pytest.raises(SlackApiError) as refused:
        await client.views_push(trigger_id=await trigger(slack), view=modal(TEXT))
    assert code(refused.value) == "push_limit_reached"


async def test_a_home_is_published_and_heard_of_when_it_opens(
    slack: Slack, client: AsyncWebClient, bot: StubBot
) -> None:
    ana = slack.person("ana").id
    home = {"type": "home", "blocks": [section("one")]}
    first = await client.views_publish(user_id=ana, view=home)
    await client.views_publish(user_id=ana, view={"type": "home", "blocks": [section("two")]})
    shown = slack.home("ana")
    assert shown is not None
    assert shown.blocks[0]["text"]["text"] == "two"
    with pytest.raises(SlackApiError) as refused:
        await client.views_publish(user_id=ana, view=home, hash=first["view"]["hash"])
    assert code(refused.value) == "hash_conflict"
    await slack.people.open_home("ana")
    event = bot.received[-1].payload["event"]
    assert (event["type"], event["user"], event["view"]["id"]) == ("app_home_opened", ana, shown.id)


@pytest.mark.usefixtures("bot")
@pytest.mark.parametrize(
    ("view", "where"),
    [
        ({"type": "modal", "title": plain("T"), "blocks": [TEXT]}, "submit"),
        (modal(TEXT, title=plain("x" * 25)), "less than 25 characters [json-pointer:/view/title/text]"),
        (modal(TEXT, submit=plain("x" * 25)), "/view/submit/text"),
        (
            modal(TEXT, private_metadata="x" * 3001),
            "less than 3001 characters [json-pointer:/view/private_metadata]",
        ),
        (modal(TEXT, callback_id="x" * 256), "/view/callback_id"),
        (modal(*[{"type": "divider"}] * 101), "no more than 100 items allowed [json-pointer:/view/blocks]"),
        (modal({"type": "markdown", "text": "x"}), "unsupported type: 'markdown'"),
        (modal(TEXT, TEXT), "`block_id` words already exists"),
        (modal(TEXT, colour="red"), "invalid additional property: colour"),
    ],
)
async def test_a_view_beyond_a_limit_is_refused_with_the_path(
    slack: Slack, client: AsyncWebClient, view: dict[str, Any], where: str
) -> None:
    with pytest.raises(SlackApiError) as refused:
        await client.views_open(trigger_id=await trigger(slack), view=view)
    assert code(refused.value) == "invalid_arguments"
    assert where in reasons(refused.value)
    assert slack.open_view("ana") is None


@pytest.mark.usefixtures("bot")
async def test_an_external_id_belongs_to_one_open_view(slack: Slack, client: AsyncWebClient) -> None:
    await client.views_open(trigger_id=await trigger(slack), view=modal(TEXT, external_id="one"))
    with pytest.raises(SlackApiError) as refused:
        await client.views_open(trigger_id=await trigger(slack, "bruno"), view=modal(TEXT, external_id="one"))
    assert code(refused.value) == "duplicate_external_id"
    await client.views_update(external_id="one", view=modal(TEXT, title=plain("New"), external_id="one"))
    view = slack.open_view("ana")
    assert view is not None
    assert view.title == "New"
