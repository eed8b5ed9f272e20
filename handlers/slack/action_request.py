"""A click on a button, as the rows that answer it get it."""

import re
from typing import Any

from slack_bolt.async_app import AsyncRespond

from bot.errors import RuleViolation
from bot.services import UserRequest
from handlers.slack.responses import Respond
from handlers.transport.request_keys import build_request
from templates import action_ids

NUMBER = re.compile(r"[0-9]{1,18}")
"""An incident's number, as far as the database has room for one."""


class ActionRequest:
    """One click: what the button carried, by whom, and how to answer."""

    def __init__(self, body: dict[str, Any], respond: AsyncRespond) -> None:
        action = body["actions"][0]
        chosen = action.get("selected_option") or {}
        self.value: str = action.get("value") or chosen.get("value") or ""
        self.trigger: str = body["trigger_id"]
        self.channel: str = (body.get("channel") or {}).get("id", "")
        self.thread: str | None = (body.get("message") or {}).get("thread_ts")
        self.form: dict[str, Any] = body.get("view") or {}
        self.at_home = self.form.get("type") == "home"
        self.view: str | None = None if self.at_home else self.form.get("id")
        self.request: UserRequest = build_request(body)
        self.respond: Respond = respond

    def split_value(self, count: int, numbers: int = 1) -> list[str]:
        """The value's parts, the first of them `numbers`. Raises Refused when it is none of ours."""
        parts = self.value.split(action_ids.SEPARATOR, count - 1)
        if len(parts) != count or not all(map(NUMBER.fullmatch, parts[:numbers])):
            raise RuleViolation(
                "This button is from another version of Tocsin. Use `/incident help`. Nothing was changed."
            )
        return parts
