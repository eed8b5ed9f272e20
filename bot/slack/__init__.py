"""Slack behind the `Chat` port: `chat` says what is asked, `wire` carries it, `scopes` says what it takes."""

from bot.slack.chat import SlackChat
from bot.slack.scopes import EVENT_SCOPES, SCOPES, needed_scopes
from bot.slack.wire import AUTH_CODES

__all__ = ["AUTH_CODES", "EVENT_SCOPES", "SCOPES", "SlackChat", "needed_scopes"]
