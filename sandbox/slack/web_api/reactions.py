"""The `reactions.*` methods: the bot's own emoji on messages."""

import re

from sandbox.slack.posting import react, unreact
from sandbox.slack.serializers import build_message_json
from sandbox.slack.web_api.method import ApiMethodTable, Call, SlackError, build_answer
from sandbox.slack.workspace import BOT_USER
from sandbox.slack.workspace_model import Json, WorkspaceChannel, WorkspaceMessage

methods = ApiMethodTable()


@methods.add("reactions.add", "reactions:write")
def add_reaction(call: Call) -> Json:
    channel, message, name = _item(call)
    if BOT_USER in dict(message.reactions).get(name, ()):
        raise SlackError("already_reacted")
    react(call.workspace, channel, message, BOT_USER, name)
    return build_answer()


@methods.add("reactions.remove", "reactions:write")
def remove_reaction(call: Call) -> Json:
    channel, message, name = _item(call)
    if BOT_USER not in dict(message.reactions).get(name, ()):
        raise SlackError("no_reaction")
    unreact(call.workspace, channel, message, BOT_USER, name)
    return build_answer()


@methods.add("reactions.get", "reactions:read")
def get_reactions(call: Call) -> Json:
    channel = call.channel()
    message = call.message(channel, "timestamp")
    return build_answer(type="message", channel=channel.id, message=build_message_json(message))


def _item(call: Call) -> tuple[WorkspaceChannel, WorkspaceMessage, str]:
    """The message and the emoji's name, which may have a skin tone."""
    channel, name = call.find_joined_channel(), call.need("name", "invalid_name").strip(":")
    if not re.fullmatch(r"[a-z0-9_+'-]{1,100}(::skin-tone-[2-6])?", name):
        raise SlackError("invalid_name")
    if not call.text("timestamp"):
        raise SlackError("no_item_specified")
    if not re.fullmatch(r"\d+\.\d+", call.text("timestamp")):
        raise SlackError("bad_timestamp")
    return channel, call.message(channel, "timestamp"), name
