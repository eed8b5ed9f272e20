"""People, groups of people, and the token itself."""

from dataclasses import replace

from sandbox.model import Json, User, Usergroup
from sandbox.shapes import channel_shape, user_shape
from sandbox.webapi import FAMILY, Call, Methods, SlackError, answer, paged
from sandbox.workspace import APP, BOT_ID, BOT_USER, TEAM

methods = Methods()


@methods.add("api.test")
def api_test(call: Call) -> Json:
    if error := call.text("error"):
        raise SlackError(error, args=dict(call.args))
    return answer(args=dict(call.args))


@methods.add("auth.test")
def auth_test(call: Call) -> Json:
    return answer(
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
    return user_shape(user, email="users:read.email" in call.scopes)


@methods.add("users.info", "users:read")
def users_info(call: Call) -> Json:
    return answer(user=_shape(call, call.user(call.need("user", "user_not_found"))))


@methods.add("users.list", "users:read")
def users_list(call: Call) -> Json:
    team = [each for each in call.workspace.users.values() if not each.is_stranger]
    people, following = call.page(team, default=1000)
    members = [_shape(call, each) for each in people]
    return paged(following, members=members, cache_ts=call.workspace.seconds())


@methods.add("users.lookupByEmail", "users:read.email")
def users_lookup_by_email(call: Call) -> Json:
    email = call.need("email", "users_not_found").lower()
    for user in call.workspace.users.values():
        if user.email.lower() == email and not user.deleted and not user.is_stranger:
            return answer(user=_shape(call, user))
    raise SlackError("users_not_found")


@methods.add("users.conversations", "channels:read", "groups:read", "im:read", "mpim:read")
def users_conversations(call: Call) -> Json:
    user = call.user(call.text("user") or BOT_USER)
    kinds = call.people("types") or ["public_channel"]
    for kind in kinds:
        if kind not in FAMILY:
            raise SlackError("invalid_types")
        call.require(f"{FAMILY[kind]}:read")
    found = [
        each
        for each in call.workspace.channels.values()
        if user.id in each.members
        and each.kind in kinds
        and (not each.is_private or BOT_USER in each.members)
        and not (each.is_archived and call.flag("exclude_archived"))
    ]
    channels, following = call.page(found)
    return paged(following, channels=[channel_shape(call.workspace, each) for each in channels])


@methods.add("usergroups.list", "usergroups:read")
def usergroups_list(call: Call) -> Json:
    groups = call.workspace.usergroups.values()
    return answer(usergroups=[_group_shape(each, call.flag("include_users")) for each in groups])


@methods.add("usergroups.users.list", "usergroups:read")
def usergroups_users_list(call: Call) -> Json:
    return answer(users=list(_group(call).members))


@methods.add("usergroups.users.update", "usergroups:write")
def usergroups_users_update(call: Call) -> Json:
    """The whole list at once: whoever is not named is no member any more."""
    group, people = _group(call), list(dict.fromkeys(call.people("users")))
    if not people:
        raise SlackError("no_users_provided")
    named = [call.workspace.users.get(each) for each in people]
    if any(each is None or each.deleted or each.is_stranger for each in named):
        raise SlackError("invalid_users")
    if any(each is not None and (each.is_bot or each.is_restricted) for each in named):
        raise SlackError("invalid_user")
    changed = replace(group, members=tuple(people))
    call.workspace.usergroups[group.id] = changed
    call.workspace.changes.touch()
    return answer(usergroup=_group_shape(changed, users=True))


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
