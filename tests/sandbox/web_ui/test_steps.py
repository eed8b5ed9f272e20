"""The six steps of the first minute follow from what stands in the workspace, one by one."""

import re
from pathlib import Path
from typing import Any

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from handlers.slack.command_parser import HELP, WORDS
from sandbox.slack import Slack
from sandbox.slack.workspace import BOT_USER
from sandbox.web_ui.app_commands import read_app_commands
from tests.sandbox.browsing import Window, slack_with_page, state_of

MANIFEST = Path(__file__).parents[3] / "manifest.yml"
ORDER = ["Declare", "Read the evidence", "Acknowledge", "Update", "Resolve", "Tick"]


def done(guide: str) -> list[str]:
    """The names of the steps that are done."""
    return [
        name
        for state, name in re.findall(r'<li class="(\w+)">.*?</span> ([\w ]+)<span', guide)
        if state == "done"
    ]


def posted(slack: Slack, room: str, key: str, text: str = "words") -> dict[str, Any]:
    """What the bot gives to `chat.postMessage` for the effect with this key."""
    metadata = {"event_type": "tocsin", "event_payload": {"key": f"installation:{key}"}}
    return {"channel": room, "text": text, "metadata": metadata}


async def test_each_step_is_done_when_it_can_be_seen_and_not_before() -> None:
    async with slack_with_page() as slack, aiohttp.ClientSession() as http:
        client = AsyncWebClient(slack.bot_token, base_url=slack.api_url)
        ana = Window(slack, "ana", http, slack.channel("general").id)
        slack.add_channel("inc-0-not-ours", members=["ana"])
        page = await ana.page()
        assert done(page) == []
        async with ana.live(state_of(page)) as stream:
            made = await client.conversations_create(name="inc-1-api")
            room = made["channel"]["id"]
            await client.conversations_invite(channel=room, users=slack.person("ana").id)
            await client.chat_postMessage(**posted(slack, room, "alert:1"))
            evidence = await client.chat_postMessage(**posted(slack, room, "evidence:1:1"))
            guide = await stream.until("1 of 6", "guide")
            assert "#inc-1-api" in guide
            in_thread = posted(slack, room, "finding:1:1") | {"thread_ts": evidence["ts"]}
            finding = await client.chat_postMessage(**in_thread)
            await ana.act("seen", channel=room, ts=[evidence["ts"]])
            assert done(await ana.page()) == ORDER[:1], "the headline comes before anybody's eyes by itself"
            await ana.act("seen", channel=room, ts=[finding["ts"]])
            await stream.until("2 of 6", "guide")
            await client.chat_postMessage(**posted(slack, room, "notice:1:severity:x"))
            await client.chat_postMessage(**posted(slack, room, "notice:1:acknowledged:x"))
            await stream.until("3 of 6", "guide")
            for key, count in (("update:1:1", 4), ("resolution:1:1", 5)):
                await client.chat_postMessage(**posted(slack, room, key))
                await stream.until(f"{count} of 6", "guide")
            list_ = await client.chat_postMessage(
                **posted(slack, room, "checklist:1:1", "Checklist: 0 of 12 done")
            )
            assert done(stream.shown["guide"]) == ORDER[:5]
            await client.chat_update(channel=room, ts=list_["ts"], text="Checklist: 1 of 12 done")
            assert done(await stream.until("6 of 6", "guide")) == ORDER


async def test_nobody_is_led_to_a_channel_that_they_cannot_see() -> None:
    async with slack_with_page() as slack, aiohttp.ClientSession() as http:
        client = AsyncWebClient(slack.bot_token, base_url=slack.api_url)
        made = await client.conversations_create(name="inc-1-secret", is_private=True)
        await client.chat_postMessage(**posted(slack, made["channel"]["id"], "alert:1"))
        assert slack.channel("inc-1-secret").creator == BOT_USER
        page = await Window(slack, "bruno", http).page()
        assert "1 of 6" in page
        assert "inc-1-secret" not in page


def test_what_is_offered_comes_from_the_manifest_and_the_bots_own_help() -> None:
    offer = read_app_commands(MANIFEST, WORDS, HELP)
    assert offer.command == "/incident"
    assert {usage.word for usage in offer.usages} == set(WORDS)
    assert ("handover", "handover @who [words]", "offer command with a note") in offer.usages
    assert [shortcut.name for shortcut in offer.shortcuts] == [
        "Declare incident",
        "Add to the timeline",
        "Add action item",
    ]
