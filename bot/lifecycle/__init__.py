"""The incident's life: every change is one function and one transaction."""

from bot.lifecycle.declare import Declaration, declare
from bot.lifecycle.desk import Desk, Edition, Editions, Request, edition, must_be_open
from bot.lifecycle.ending import close, look_at_windows, open_items, resolve, set_item
from bot.lifecycle.respond import acknowledge, join, take_command
from bot.lifecycle.updates import draft_of, post_draft, post_update, remind, snooze

__all__ = [
    "Declaration",
    "Desk",
    "Edition",
    "Editions",
    "Request",
    "acknowledge",
    "close",
    "declare",
    "draft_of",
    "edition",
    "join",
    "look_at_windows",
    "must_be_open",
    "open_items",
    "post_draft",
    "post_update",
    "remind",
    "resolve",
    "set_item",
    "snooze",
    "take_command",
]
