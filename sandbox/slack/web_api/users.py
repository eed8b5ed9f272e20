"""People, groups of people, and the token itself."""

from dataclasses import replace

from sandbox.slack.serializers import build_channel_json, build_user_json
from sandbox.slack.web_api.method import (
    FAMILY,
    ApiMethodTable,
    Call,
    SlackError,
    build_answer,
    build_page_answer,
)
from sandbox.slack.workspace import APP, BOT_ID, BOT_USER, TEAM
from sandbox.slack.workspace_model import Json, User, Usergroup

methods = ApiMethodTable()


@methods.add("api.test")
def api_test(call: Call) -> Json:
    if error := call.text("error"):
        raise SlackError(error, args=dict(call.args))
    return build_answer(args=dict(call.args))


@methods.add("auth.test")
def auth_test(call: Call) -> Json:
    return build_answer(
        url=call.workspace.url,
        team="Tocsin Sandbox",
        user="tocsin",
        team_id=TEAM,
        user_id=BOT_USER,
        bot_id=BOT_ID,
        app_id=APP,
        is_enterprise_install=False,
    )


def _shape(call: Call, user: User) -> Json:
    return build_user_json(user, email="users:read.email" in call.scopes)


@methods.add("users.info", "users:read")
def get_user_info(call: Call) -> Json:
    return build_answer(user=_shape(call, call.user(call.need("user", "user_not_found"))))


@methods.add("users.list", "users:read")
def list_users(call: Call) -> Json:
    team = [user for user in call.workspace.users.values() if not user.is_stranger]
    people, following = call.page(team, default=1000)
    members = [_shape(call, person) for person in people]
    return build_page_answer(following, members=members, cache_ts=call.workspace.seconds())


@methods.add("users.lookupByEmail", "users:read.email")
def find_user_by_email(call: Call) -> Json:
    email = call.need("email", "users_not_found").lower()
    for user in call.workspace.users.values():
        if user.email.lower() == email and not user.deleted and not user.is_stranger:
            return build_answer(user=_shape(call, user))
    raise SlackError("users_not_found")


@methods.add("users.conversations", "channels:read", "groups:read", "im:read", "mpim:read")
def list_user_conversations(call: Call) -> Json:
    user = call.user(call.text("user") or BOT_USER)
    kinds = call.people("types") or ["public_channel"]
    for kind in kinds:
        if kind not in FAMILY:
            raise SlackError("invalid_types")
        call.require(f"{FAMILY[kind]}:read")
    found = [
        channel
        for channel in call.workspace.channels.values()
        if user.id in channel.members
        and channel.kind in kinds
        and (not channel.is_private or BOT_USER in channel.members)
        and not (channel.is_archived and call.flag("exclude_archived"))
    ]
    channels, following = call.page(found)
    return build_page_answer(
        following, channels=[build_channel_json(call.workspace, channel) for channel in channels]
    )


@methods.add("usergroups.list", "usergroups:read")
def list_usergroups(call: Call) -> Json:
    groups = call.workspace.usergroups.values()
    return build_answer(usergroups=[_group_shape(group, call.flag("include_users")) for group in groups])


@methods.add("usergroups.users.list", "usergroups:read")
def list_usergroup_users(call: Call) -> Json:
    return build_answer(users=list(_group(call).members))


@methods.add("usergroups.users.update", "usergroups:write")
def update_usergroup_users(call: Call) -> Json:
    """The whole list at once: whoever is not named is no member any more."""
    group, people = _group(call), list(dict.fromkeys(call.people("users")))
    if not people:
        raise SlackError("no_users_provided")
    named = [call.workspace.users.get(person) for person in people]
    if any(user is None or user.deleted or user.is_stranger for user in named):
        raise SlackError("invalid_users")
    if any(user is not None and (user.is_bot or user.is_restricted) for user in named):
        raise SlackError("invalid_user")
    changed = replace(group, members=tuple(people))
    call.workspace.usergroups[group.id] = changed
    call.workspace.changes.touch()
    return build_answer(usergroup=_group_shape(changed, users=True))


def _group(call: Call) -> Usergroup:
    found = call.workspace.usergroups.get(call.need("usergroup", "no_such_subteam"))
    if found is None:
        raise SlackError("no_such_subteam")
    return found


def _group_shape(group: Usergroup, users: bool) -> Json:
    return {
        "id": group.id,
        "team_id": TEAM,
        "is_usergroup": True,
        "name": group.name,
        "handle": group.handle,
        "description": "",
        "is_external": False,
        "user_count": len(group.members),
        "date_delete": 0,
        **({"users": list(group.members)} if users else {}),
    }
