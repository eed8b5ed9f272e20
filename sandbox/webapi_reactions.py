"""The `reactions.*` methods: the bot's own emoji on messages."""

import re

from sandbox.model import Channel, Json, Message
from sandbox.posting import react, unreact
from sandbox.shapes import message_shape
from sandbox.webapi import Call, Methods, SlackError, answer
from sandbox.workspace import BOT_USER

methods = Methods()


@methods.add("reactions.add", "reactions:write")
def add_reaction(call: Call) -> Json:
    channel, message, name = _item(call)
    if BOT_USER in dict(message.reactions).get(name, ()):
        raise SlackError("already_reacted")
    react(call.workspace, channel, message, BOT_USER, name)
    return answer()


@methods.add("reactions.remove", "reactions:write")
def remove_reaction(call: Call) -> Json:
    channel, message, name = _item(call)
    if BOT_USER not in dict(message.reactions).get(name, ()):
        raise SlackError("no_reaction")
    unreact(call.workspace, channel, message, BOT_USER, name)
    return answer()


@methods.add("reactions.get", "reactions:read")
def get_reactions(call: Call) -> Json:
    channel = call.channel()
    message = call.message(channel, "timestamp")
    return answer(type="message", channel=channel.id, message=message_shape(message))


def _item(call: Call) -> tuple[Channel, Message, str]:
    """The message and the emoji's name, which may have a skin tone."""
    channel, name = call.joined_channel(), call.need("name", "invalid_name").strip(":")
    if not re.fullmatch(r"[a-z0-9_+'-]{1,100}(::skin-tone-[2-6])?", name):
        raise SlackError("invalid_name")
    if not call.text("timestamp"):
        raise SlackError("no_item_specified")
    if not re.fullmatch(r"\d+\.\d+", call.text("timestamp")):
        raise SlackError("bad_timestamp")
    return channel, call.message(channel, "timestamp"), name
