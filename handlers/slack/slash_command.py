"""One slash command, as the rows that answer it get it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from slack_bolt.async_app import AsyncRespond

from bot.domain.results import CommandResult
from bot.ports import SlackPayload
from bot.services import UserRequest
from handlers.slack.command_parser import SlashCommand, parse_command
from handlers.slack.request_context import RequestContext
from handlers.transport.request_keys import build_request

PEOPLE_TIMEOUT_S = 1.3
"""Seconds after the request came within which Slack is asked who somebody is: the rest is for recording the change."""

Route = Callable[[RequestContext, "SlashCommandRequest"], Awaitable[SlackPayload | CommandResult | None]]


class SlashCommandRequest:
    """One slash command: what was typed, where, by whom, and how to answer later."""

    def __init__(self, body: dict[str, Any], respond: AsyncRespond, names: Mapping[str, str]) -> None:
        # A channel that Slack left without its name names an incident by its id alone: it may be a private one.
        self.command: SlashCommand = parse_command(body.get("text", "")).add_labels(names)
        self.channel: str = body["channel_id"]
        self.trigger: str = body["trigger_id"]
        self.respond = respond
        self.until = asyncio.get_running_loop().time() + PEOPLE_TIMEOUT_S
        self.request: UserRequest = build_request(body)
