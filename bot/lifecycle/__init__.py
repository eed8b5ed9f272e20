"""The incident's life: every change is one function and one transaction."""

from bot.lifecycle.changes import rename, set_severity, set_status
from bot.lifecycle.declare import Declaration, declare
from bot.lifecycle.desk import Desk, Edition, Editions, Request, edition, must_be_open, not_there
from bot.lifecycle.ending import cancel, close, look_at_windows, open_items, reopen, resolve, set_item
from bot.lifecycle.filling import misfit
from bot.lifecycle.heard import heard
from bot.lifecycle.ladder import climb, escalate, still_on_it
from bot.lifecycle.looking import look_begun, look_ended, run_diagnostics, run_step, title_of, use_playbook
from bot.lifecycle.notes import add_note, keep, pin, source_changed
from bot.lifecycle.page import page
from bot.lifecycle.respond import acknowledge, came_or_went, join
from bot.lifecycle.roles import accept_command, assign, lead
from bot.lifecycle.rooms import begin, channel_gone, channel_renamed, channel_usable
from bot.lifecycle.updates import draft_of, post_draft, post_update, remind, snooze
from bot.lifecycle.waiting import look_at_ways

__all__ = [
    "Declaration",
    "Desk",
    "Edition",
    "Editions",
    "Request",
    "accept_command",
    "acknowledge",
    "add_note",
    "assign",
    "begin",
    "came_or_went",
    "cancel",
    "channel_gone",
    "channel_renamed",
    "channel_usable",
    "climb",
    "close",
    "declare",
    "draft_of",
    "edition",
    "escalate",
    "heard",
    "join",
    "keep",
    "lead",
    "look_at_ways",
    "look_at_windows",
    "look_begun",
    "look_ended",
    "misfit",
    "must_be_open",
    "not_there",
    "open_items",
    "page",
    "pin",
    "post_draft",
    "post_update",
    "remind",
    "rename",
    "reopen",
    "resolve",
    "run_diagnostics",
    "run_step",
    "set_item",
    "set_severity",
    "set_status",
    "snooze",
    "source_changed",
    "still_on_it",
    "title_of",
    "use_playbook",
]
