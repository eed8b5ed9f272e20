"""Slack behind the `Chat` port: `gateway` has the methods, `web_client` sends them, `scopes` lists their permissions.

`socket_mode_client` opens the websockets of Socket Mode.
"""

from bot.adapters.slack.clock import SlackClock, read_steady_s
from bot.adapters.slack.gateway import SlackGateway
from bot.adapters.slack.message_text import extract_subject, extract_text, find_unnamed_mentions
from bot.adapters.slack.scopes import EVENT_SCOPES, SCOPES, list_required_scopes
from bot.adapters.slack.socket_mode_client import SocketModeConnector
from bot.adapters.slack.unescape import add_labels, find_unlabelled_ids, unescape_text

__all__ = [
    "EVENT_SCOPES",
    "SCOPES",
    "SlackClock",
    "SlackGateway",
    "SocketModeConnector",
    "add_labels",
    "extract_subject",
    "extract_text",
    "find_unlabelled_ids",
    "find_unnamed_mentions",
    "list_required_scopes",
    "read_steady_s",
    "unescape_text",
]
