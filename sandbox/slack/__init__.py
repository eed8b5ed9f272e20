"""A Slack for your laptop: the Web API, signed requests to the bot, and people who act, over real HTTP."""

from sandbox.slack.event_delivery import BotAnswer, DeliveryOptions
from sandbox.slack.faults import (
    Fault,
    make_delay,
    make_drop,
    make_garbage,
    make_hang,
    make_huge_answer,
    make_rate_limit,
    make_refusal,
    make_server_error,
    plan_always,
    plan_by_table,
)
from sandbox.slack.slack import Slack
from sandbox.slack.view_state import ImpossibleActionError
from sandbox.slack.workspace_model import (
    Ephemeral,
    User,
    WorkspaceChannel,
    WorkspaceMessage,
    WorkspaceView,
)

__all__ = [
    "BotAnswer",
    "DeliveryOptions",
    "Ephemeral",
    "Fault",
    "ImpossibleActionError",
    "Slack",
    "User",
    "WorkspaceChannel",
    "WorkspaceMessage",
    "WorkspaceView",
    "make_delay",
    "make_drop",
    "make_garbage",
    "make_hang",
    "make_huge_answer",
    "make_rate_limit",
    "make_refusal",
    "make_server_error",
    "plan_always",
    "plan_by_table",
]
