"""A Slack for your laptop: the Web API, signed requests to the bot, and people who act, over real HTTP."""

from sandbox.faults import (
    Fault,
    always,
    dropped,
    garbled,
    hanging,
    huge,
    limited,
    refused,
    server_error,
    slow,
    table,
)
from sandbox.model import Channel, Ephemeral, Message, User, View
from sandbox.outbound import Answer, Delivery
from sandbox.slack import Slack
from sandbox.state import CannotType

__all__ = [
    "Answer",
    "CannotType",
    "Channel",
    "Delivery",
    "Ephemeral",
    "Fault",
    "Message",
    "Slack",
    "User",
    "View",
    "always",
    "dropped",
    "garbled",
    "hanging",
    "huge",
    "limited",
    "refused",
    "server_error",
    "slow",
    "table",
]
