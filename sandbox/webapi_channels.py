"""The `conversations.*` methods that change a conversation or its members."""

import re

from sandbox.model import Channel, Json
from sandbox.posting import created, join, leave, rename, set_archived, set_topic
from sandbox.shapes import channel_shape
from sandbox.webapi import Call, Methods, SlackError, answer, wrong
from sandbox.workspace import BOT_USER

methods = Methods()
MANAGE = ("channels:manage", "groups:write", "im:write", "mpim:write")
INVITED_AT_ONCE = 100
TOPIC = 250


@methods.add("conversations.create", "channels:manage", "groups:write")
def create(call: Call) -> Json:
    private = call.flag("is_private")
    call.require("groups:write" if private else "channels:manage")
    name = _new_name(call)
    channel = call.workspace.new_channel(name, BOT_USER, members=[BOT_USER], private=private)
    created(call.workspace, channel)
    return answer(channel=channel_shape(call.workspace, channel))


@methods.add("conversations.join", "channels:join")
def join_channel(call: Call) -> Json:
    channel = call.channel()
    if channel.is_private:
        raise SlackError("method_not_supported_for_channel_type")
    if channel.is_archived:
        raise SlackError("is_archived")
    if BOT_USER in channel.members:
        warning = "already_in_channel"
        return answer(
            channel=channel_shape(call.workspace, channel),
            warning=warning,
            response_metadata={"warnings": [warning]},
        )
    join(call.workspace, channel, BOT_USER)
    return answer(channel=channel_shape(call.workspace, channel))


@methods.add("conversations.invite", "channels:manage", "groups:write", "mpim:write", "im:write")
def invite(call: Call) -> Json:
    """All or nobody, unless `force` is set: then who can come does, `errors` names the others."""
    channel = call.joined_channel()
    call.require_for(channel, "manage")
    people = call.people("users")
    if not people:
        raise SlackError("no_user")
    if len(people) > INVITED_AT_ONCE:
        raise wrong(
            "invalid_arguments", [f"[ERROR] no more than {INVITED_AT_ONCE} users [json-pointer:/users]"]
        )
    errors = [
        {"user": each, "ok": False, "error": code}
        for each in people
        if (code := _cannot_invite(call, channel, each))
    ]
    refused = {each["user"] for each in errors}
    willing = [each for each in dict.fromkeys(people) if each not in refused]
    if errors and not (call.flag("force") and willing):
        raise SlackError(str(errors[0]["error"]), errors=errors)
    for each in willing:
        join(call.workspace, channel, each, inviter=BOT_USER)
    parts = {"errors": errors} if errors else {}
    return answer(channel=channel_shape(call.workspace, channel), **parts)


@methods.add("conversations.kick", "channels:manage", "groups:write")
def kick(call: Call) -> Json:
    channel = call.joined_channel()
    call.require_for(channel, "manage")
    user = call.user(call.need("user", "user_not_found"))
    if user.id == BOT_USER:
        raise SlackError("cant_kick_self")
    if channel.is_general:
        raise SlackError("cant_kick_from_general")
    if user.id not in channel.members:
        raise SlackError("not_in_channel")
    leave(call.workspace, channel, user.id)
    return answer(errors={})


@methods.add("conversations.leave", *MANAGE)
def leave_channel(call: Call) -> Json:
    channel = call.channel()
    call.require_for(channel, "manage")
    if channel.is_general:
        raise SlackError("cant_leave_general")
    if channel.is_archived:
        raise SlackError("is_archived")
    if BOT_USER not in channel.members:
        return {"ok": False, "not_in_channel": True}
    if channel.members == [BOT_USER]:
        raise SlackError("last_member")
    leave(call.workspace, channel, BOT_USER)
    return answer()


@methods.add("conversations.setTopic", *MANAGE)
def set_channel_topic(call: Call) -> Json:
    return _describe(call, "topic")


@methods.add("conversations.setPurpose", *MANAGE)
def set_channel_purpose(call: Call) -> Json:
    return _describe(call, "purpose")


@methods.add("conversations.rename", *MANAGE)
def rename_channel(call: Call) -> Json:
    channel = call.joined_channel()
    call.require_for(channel, "manage")
    if channel.creator != BOT_USER:
        raise SlackError("not_authorized")
    rename(call.workspace, channel, BOT_USER, _new_name(call))
    return answer(channel=channel_shape(call.workspace, channel))


@methods.add("conversations.archive", *MANAGE)
def archive(call: Call) -> Json:
    channel = call.channel()
    call.require_for(channel, "manage")
    if channel.is_archived:
        raise SlackError("already_archived")
    if channel.is_general:
        raise SlackError("cant_archive_general")
    if BOT_USER not in channel.members:
        raise SlackError("not_in_channel")
    set_archived(call.workspace, channel, BOT_USER, True)
    return answer()


@methods.add("conversations.unarchive", *MANAGE)
def unarchive(call: Call) -> Json:
    channel = call.channel()
    call.require_for(channel, "manage")
    if not channel.is_archived:
        raise SlackError("not_archived")
    set_archived(call.workspace, channel, BOT_USER, False)
    return answer()


@methods.add("conversations.open", "im:write", "mpim:write")
def open_conversation(call: Call) -> Json:
    if call.text("channel"):
        channel = call.channel()
    else:
        people = [each for each in dict.fromkeys(call.people("users")) if each != BOT_USER]
        if not people:
            raise SlackError("users_list_not_supplied")
        if len(people) > 8:
            raise SlackError("too_many_users")
        for each in people:
            user = call.workspace.users.get(each)
            if user is None:
                raise SlackError("user_not_found")
            if user.is_bot:
                raise SlackError("cannot_dm_bot")
        call.require("im:write" if len(people) == 1 else "mpim:write")
        before = call.workspace.direct(BOT_USER, *people)
        if before is not None:
            return answer(no_op=True, already_open=True, channel=_opened(call, before))
        channel = call.workspace.open_direct(BOT_USER, *people)
    return answer(channel=_opened(call, channel))


def _opened(call: Call, channel: Channel) -> Json:
    return channel_shape(call.workspace, channel) if call.flag("return_im") else {"id": channel.id}


def _new_name(call: Call) -> str:
    name = call.text("name").removeprefix("#")
    if not name:
        raise SlackError("invalid_name_required")
    if len(name) > 80:
        raise SlackError("invalid_name_maxlength")
    if re.fullmatch(r"[-_]+", name):
        raise SlackError("invalid_name_punctuation")
    if not re.fullmatch(r"[a-z0-9_-]+", name):
        raise SlackError("invalid_name_specials")
    if call.workspace.name_taken(name):
        raise SlackError("name_taken")
    return name


def _cannot_invite(call: Call, channel: Channel, id: str) -> str | None:
    user = call.workspace.users.get(id)
    if user is None or user.deleted:
        return "user_not_found"
    if id == BOT_USER:
        return "cant_invite_self"
    if id in channel.members:
        return "already_in_channel"
    return "cant_invite" if user.is_stranger else None


def _describe(call: Call, what: str) -> Json:
    channel = call.joined_channel()
    call.require_for(channel, "manage")
    value = call.text(what)
    if len(value) > TOPIC:
        raise SlackError("too_long")
    set_topic(call.workspace, channel, BOT_USER, what, value)
    return answer(channel=channel_shape(call.workspace, channel), **{what: value})
