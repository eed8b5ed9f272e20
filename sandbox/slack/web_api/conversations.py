"""The `conversations.*` methods that change a conversation or its members."""

import re

from sandbox.slack.posting import emit_channel_created, join, leave, rename, set_archived, set_topic
from sandbox.slack.serializers import build_channel_json
from sandbox.slack.web_api.method import ApiMethodTable, Call, SlackError, build_answer, build_refusal
from sandbox.slack.workspace import BOT_USER
from sandbox.slack.workspace_model import Json, WorkspaceChannel

methods = ApiMethodTable()
MANAGE = ("channels:manage", "groups:write", "im:write", "mpim:write")
INVITED_AT_ONCE = 100
TOPIC = 250


@methods.add("conversations.create", "channels:manage", "groups:write")
def create_channel(call: Call) -> Json:
    private = call.flag("is_private")
    call.require("groups:write" if private else "channels:manage")
    name = _new_name(call)
    channel = call.workspace.new_channel(name, BOT_USER, members=[BOT_USER], private=private)
    emit_channel_created(call.workspace, channel)
    return build_answer(channel=build_channel_json(call.workspace, channel))


@methods.add("conversations.join", "channels:join")
def join_channel(call: Call) -> Json:
    channel = call.channel()
    if channel.is_private:
        raise SlackError("method_not_supported_for_channel_type")
    if channel.is_archived:
        raise SlackError("is_archived")
    if BOT_USER in channel.members:
        warning = "already_in_channel"
        return build_answer(
            channel=build_channel_json(call.workspace, channel),
            warning=warning,
            response_metadata={"warnings": [warning]},
        )
    join(call.workspace, channel, BOT_USER)
    return build_answer(channel=build_channel_json(call.workspace, channel))


@methods.add("conversations.invite", "channels:manage", "groups:write", "mpim:write", "im:write")
def invite_users(call: Call) -> Json:
    """All or nobody, unless `force` is set: then who can come does, `errors` names the others."""
    channel = call.find_joined_channel()
    call.require_for(channel, "manage")
    people = call.people("users")
    if not people:
        raise SlackError("no_user")
    if len(people) > INVITED_AT_ONCE:
        raise build_refusal(
            "invalid_arguments", [f"[ERROR] no more than {INVITED_AT_ONCE} users [json-pointer:/users]"]
        )
    errors = [
        {"user": person, "ok": False, "error": code}
        for person in people
        if (code := _cannot_invite(call, channel, person))
    ]
    refused = {error["user"] for error in errors}
    willing = [fromkey for fromkey in dict.fromkeys(people) if fromkey not in refused]
    if errors and not (call.flag("force") and willing):
        raise SlackError(str(errors[0]["error"]), errors=errors)
    for user in willing:
        join(call.workspace, channel, user, inviter=BOT_USER)
    parts = {"errors": errors} if errors else {}
    return build_answer(channel=build_channel_json(call.workspace, channel), **parts)


@methods.add("conversations.kick", "channels:manage", "groups:write")
def remove_user(call: Call) -> Json:
    channel = call.find_joined_channel()
    call.require_for(channel, "manage")
    user = call.user(call.need("user", "user_not_found"))
    if user.id == BOT_USER:
        raise SlackError("cant_kick_self")
    if channel.is_general:
        raise SlackError("cant_kick_from_general")
    if user.id not in channel.members:
        raise SlackError("not_in_channel")
    leave(call.workspace, channel, user.id)
    return build_answer(errors={})


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
    return build_answer()


@methods.add("conversations.setTopic", *MANAGE)
def set_channel_topic(call: Call) -> Json:
    return _describe(call, "topic")


@methods.add("conversations.setPurpose", *MANAGE)
def set_channel_purpose(call: Call) -> Json:
    return _describe(call, "purpose")


@methods.add("conversations.rename", *MANAGE)
def rename_channel(call: Call) -> Json:
    channel = call.find_joined_channel()
    call.require_for(channel, "manage")
    if channel.creator != BOT_USER:
        raise SlackError("not_authorized")
    rename(call.workspace, channel, BOT_USER, _new_name(call))
    return build_answer(channel=build_channel_json(call.workspace, channel))


@methods.add("conversations.archive", *MANAGE)
def archive_channel(call: Call) -> Json:
    channel = call.channel()
    call.require_for(channel, "manage")
    if channel.is_archived:
        raise SlackError("already_archived")
    if channel.is_general:
        raise SlackError("cant_archive_general")
    if BOT_USER not in channel.members:
        raise SlackError("not_in_channel")
    set_archived(call.workspace, channel, BOT_USER, True)
    return build_answer()


@methods.add("conversations.unarchive", *MANAGE)
def unarchive_channel(call: Call) -> Json:
    channel = call.channel()
    call.require_for(channel, "manage")
    if not channel.is_archived:
        raise SlackError("not_archived")
    set_archived(call.workspace, channel, BOT_USER, False)
    return build_answer()


@methods.add("conversations.open", "im:write", "mpim:write")
def open_conversation(call: Call) -> Json:
    if call.text("channel"):
        channel = call.channel()
    else:
        people = [fromkey for fromkey in dict.fromkeys(call.people("users")) if fromkey != BOT_USER]
        if not people:
            raise SlackError("users_list_not_supplied")
        if len(people) > 8:
            raise SlackError("too_many_users")
        for person in people:
            user = call.workspace.users.get(person)
            if user is None:
                raise SlackError("user_not_found")
            if user.is_bot:
                raise SlackError("cannot_dm_bot")
        call.require("im:write" if len(people) == 1 else "mpim:write")
        before = call.workspace.direct(BOT_USER, *people)
        if before is not None:
            return build_answer(no_op=True, already_open=True, channel=_answer_opened(call, before))
        channel = call.workspace.open_direct(BOT_USER, *people)
    return build_answer(channel=_answer_opened(call, channel))


def _answer_opened(call: Call, channel: WorkspaceChannel) -> Json:
    return build_channel_json(call.workspace, channel) if call.flag("return_im") else {"id": channel.id}


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


def _cannot_invite(call: Call, channel: WorkspaceChannel, id: str) -> str | None:
    user = call.workspace.users.get(id)
    if user is None or user.deleted:
        return "user_not_found"
    if id == BOT_USER:
        return "cant_invite_self"
    if id in channel.members:
        return "already_in_channel"
    if user.is_ultra_restricted:
        return "ura_max_channels"
    return "cant_invite" if user.is_stranger else None


def _describe(call: Call, what: str) -> Json:
    channel = call.find_joined_channel()
    call.require_for(channel, "manage")
    value = call.text(what)
    if len(value) > TOPIC:
        raise SlackError("too_long")
    set_topic(call.workspace, channel, BOT_USER, what, value)
    return build_answer(channel=build_channel_json(call.workspace, channel), **{what: value})
