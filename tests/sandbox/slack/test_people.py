"""People who type commands and click: what the bot receives, and what its answers do."""

import asyncio
from typing import Any

import pytest
from aiohttp import web
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from sandbox.slack import DeliveryOptions, ImpossibleActionError, Slack, WorkspaceMessage
from tests.sandbox.blocks import actions, button, section
from tests.sandbox.stub_bot import Received, StubBot


async def posted(slack: Slack, client: AsyncWebClient, *elements: dict[str, Any]) -> WorkspaceMessage:
    made = slack.workspace.find_channel("war-room") or slack.add_channel("war-room", with_bot=True)
    await client.chat_postMessage(channel=made.id, text="card", blocks=[section("card"), actions(*elements)])
    return slack.messages(made)[-1]


async def test_a_command_arrives_signed_with_its_fields(slack: Slack, bot: StubBot) -> None:
    answer = await slack.people.command("ana", "general", "/incident", "lead @bruno now")
    form = bot.received[0].form
    assert bot.received[0].signed
    assert answer.ok
    assert form["text"] == f"lead <@{slack.person('bruno').id}|bruno> now"
    assert (form["command"], form["user_id"], form["channel_name"]) == (
        "/incident",
        slack.person("ana").id,
        "general",
    )
    assert (form["trigger_id"], form["response_url"]) == (answer.trigger_id, answer.response_url)


@pytest.mark.parametrize(
    "delivery",
    [
        DeliveryOptions(wrong_signature=True),
        DeliveryOptions(shifted=-400),
        DeliveryOptions(headers={"X-Slack-Signature": None}),
        DeliveryOptions(headers={"X-Slack-Signature": "v0=zz"}),
        DeliveryOptions(body=b"text=forged"),
    ],
    ids=["secret", "old", "missing", "malformed", "body"],
)
async def test_a_dishonest_delivery_does_not_verify(
    slack: Slack, bot: StubBot, delivery: DeliveryOptions
) -> None:
    await slack.people.command("ana", "general", "/incident", delivery=delivery)
    assert [each.signed for each in bot.received] == [False]


async def test_copies_are_the_same_bytes_or_carry_fresh_ids(slack: Slack, bot: StubBot) -> None:
    same = await slack.people.command("ana", "general", "/incident", delivery=DeliveryOptions(copies=3))
    assert len({each.body for each in bot.received}) == 1
    assert len(same.others) == 2
    bot.received.clear()
    await slack.people.command(
        "ana", "general", "/incident", delivery=DeliveryOptions(copies=2, fresh_ids=True)
    )
    assert len({each.form["trigger_id"] for each in bot.received}) == 2


async def test_the_acknowledgement_of_a_command_is_shown_to_the_person(slack: Slack, bot: StubBot) -> None:
    bot.answers(web.Response(text="just you"))
    await slack.people.command("ana", "general", "/incident")
    bot.answers({"response_type": "in_channel", "text": "all of you"})
    await slack.people.command("ana", "general", "/incident")
    assert [ephemeral.text for ephemeral in slack.ephemerals("ana", "general")] == ["just you"]
    assert [message.text for message in slack.messages("general")] == ["all of you"]


async def test_a_bot_that_fails_is_late_or_is_away_is_seen_as_slack_shows_it(
    slack: Slack, bot: StubBot
) -> None:
    bot.answers(web.Response(status=500))
    assert (await slack.people.command("ana", "general", "/incident")).problem == "http_error 500"
    await bot.stop()
    away = await slack.people.command("ana", "general", "/incident")
    assert (away.status, away.problem.partition(":")[0]) == (0, "dispatch_failed")
    assert "failed with the error" in slack.ephemerals("ana")[-1].text


async def test_an_answer_beyond_patience_is_a_timeout() -> None:
    impatient = await Slack.start(acknowledge_within=0.05)
    slow_bot = StubBot(impatient)
    await slow_bot.start()
    never = asyncio.Event()

    async def respond(received: Received) -> web.Response:
        await never.wait()
        return web.Response()

    slow_bot.respond = respond
    answer = await impatient.people.command("ana", "general", "/incident")
    assert (answer.status, answer.problem) == (0, "operation_timeout")
    never.set()
    await slow_bot.stop()
    await impatient.stop()


async def test_a_click_carries_the_button_as_it_stands_in_the_message(
    slack: Slack, client: AsyncWebClient, bot: StubBot
) -> None:
    message = await posted(slack, client, button("ack", "INC-1", "Acknowledge"), button("no", "1"))
    await slack.people.click("ana", message, "ack")
    payload = bot.received[0].payload
    assert bot.received[0].signed
    assert payload["type"] == "block_actions"
    assert payload["container"]["message_ts"] == message.ts
    assert payload["message"]["text"] == "card"
    assert payload["user"]["team_id"] == "T0TOCSIN01"
    action = payload["actions"][0]
    assert (action["action_id"], action["block_id"], action["value"], action["type"]) == (
        "ack",
        "buttons",
        "INC-1",
        "button",
    )


async def test_a_button_that_is_gone_cannot_be_clicked_except_as_it_was_seen(
    slack: Slack, client: AsyncWebClient, bot: StubBot
) -> None:
    message = await posted(slack, client, button("ack", "1"))
    await client.chat_update(channel=message.channel, ts=message.ts, text="done", blocks=[section("done")])
    with pytest.raises(ImpossibleActionError, match="no element ack"):
        await slack.people.click("ana", message, "ack")
    assert bot.received == []
    await slack.people.click("ana", message, "ack", as_seen=True)
    assert bot.received[0].payload["actions"][0]["value"] == "1"
    with pytest.raises(ImpossibleActionError, match="no element resolve"):
        await slack.people.click("ana", message, "resolve", as_seen=True)


async def test_buttons_of_one_name_are_told_apart_by_block_and_value(
    slack: Slack, client: AsyncWebClient, bot: StubBot
) -> None:
    made = slack.add_channel("war-room", with_bot=True)
    items = [section(str(n), block_id=f"b{n}", accessory=button("tick", str(n))) for n in range(3)]
    await client.chat_postMessage(channel=made.id, text="list", blocks=items)
    message = slack.messages(made)[-1]
    with pytest.raises(ImpossibleActionError, match="several elements tick"):
        await slack.people.click("ana", message, "tick")
    await slack.people.click("ana", message, "tick", block_id="b1")
    await slack.people.click("ana", message, "tick", value="2")
    assert [each.payload["actions"][0]["block_id"] for each in bot.received] == ["b1", "b2"]


async def test_shortcuts_carry_their_callback_and_the_message(
    slack: Slack, client: AsyncWebClient, bot: StubBot
) -> None:
    message = await posted(slack, client, button("ack"))
    await slack.people.shortcut("ana", "declare")
    await slack.people.shortcut("ana", "note", message)
    plain_one, on_message = (each.payload for each in bot.received)
    assert (plain_one["type"], plain_one["callback_id"]) == ("shortcut", "declare")
    assert (on_message["type"], on_message["message"]["ts"]) == ("message_action", message.ts)


async def test_a_response_url_works_five_times_within_half_an_hour(
    slack: Slack, client: AsyncWebClient, bot: StubBot
) -> None:
    message = await posted(slack, client, button("ack"))
    hook = AsyncWebhookClient((await slack.people.click("ana", message, "ack")).response_url)
    await hook.send(text="only ana")
    await hook.send(text="everybody", response_type="in_channel")
    await hook.send(text="replaced", replace_original=True)
    assert slack.messages("war-room")[0].text == "replaced"
    await hook.send_dict({"delete_original": True})
    invalid = await hook.send(text="x", blocks=[section("x" * 3001)])
    used = await hook.send(text="sixth")
    assert (invalid.status_code, used.status_code) == (404, 404)
    assert "used_url" in used.body
    assert [ephemeral.text for ephemeral in slack.ephemerals("ana")] == ["only ana"]
    assert [each.text for each in slack.messages("war-room")] == ["everybody"]
    late = AsyncWebhookClient((await slack.people.command("ana", "war-room", "/incident")).response_url)
    slack.workspace.clocks.advance(30 * 60 + 1)
    assert "expired_url" in (await late.send(text="x")).body
    assert {each.number for each in slack.calls.of("response_url")} == {0}
    assert bot.received


async def test_an_ephemeral_card_can_be_used_by_its_reader_and_replaced(
    slack: Slack, client: AsyncWebClient, bot: StubBot
) -> None:
    made = slack.add_channel("war-room", with_bot=True)
    ana = slack.person("ana").id
    await client.chat_postEphemeral(channel=made.id, user=ana, text="?", blocks=[actions(button("yes"))])
    card = slack.ephemerals("ana")[0]
    with pytest.raises(ImpossibleActionError, match="cannot see"):
        await slack.people.click("bruno", card, "yes")
    answer = await slack.people.click("ana", card, "yes")
    assert bot.received[0].payload["container"]["is_ephemeral"] is True
    await AsyncWebhookClient(answer.response_url).send(text="thanks", replace_original=True)
    assert [ephemeral.text for ephemeral in slack.ephemerals("ana")] == ["thanks"]
