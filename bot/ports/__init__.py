"""The ports: what the services need of the database, Slack and the paging providers."""

from bot.ports.gateways import Chat, OnCallLookup, Pager
from bot.ports.messages import (
    MAY_SEND,
    Block,
    BotIdentity,
    LeasedEffect,
    MessageRef,
    PendingEffect,
    SlackChannel,
    SlackMessage,
    SlackPayload,
    UnsupportedEffect,
)
from bot.ports.store import Store
from bot.ports.transaction import Transaction

__all__ = [
    "MAY_SEND",
    "Block",
    "BotIdentity",
    "Chat",
    "LeasedEffect",
    "MessageRef",
    "OnCallLookup",
    "Pager",
    "PendingEffect",
    "SlackChannel",
    "SlackMessage",
    "SlackPayload",
    "Store",
    "Transaction",
    "UnsupportedEffect",
]
