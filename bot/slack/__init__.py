"""Slack behind the `Chat` port: `chat` says what is asked, `wire` carries it, `scopes` says what it takes.

`links` opens the websockets of Socket Mode.
"""

from bot.slack.chat import SlackChat
from bot.slack.links import SlackLinks
from bot.slack.scopes import EVENT_SCOPES, SCOPES, needed_scopes
from bot.slack.wording import as_typed

__all__ = ["EVENT_SCOPES", "SCOPES", "SlackChat", "SlackLinks", "as_typed", "needed_scopes"]
