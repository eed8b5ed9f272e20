"""What stays on top of a channel: `pins.*` and `bookmarks.*`."""

from sandbox.slack.posting import post
from sandbox.slack.serializers import build_message_json
from sandbox.slack.web_api.method import ApiMethodTable, Call, SlackError, build_answer
from sandbox.slack.workspace import APP, BOT_USER, TEAM
from sandbox.slack.workspace_model import Json, Pin, WorkspaceChannel

methods = ApiMethodTable()
BOOKMARKS = 100


@methods.add("pins.add", "pins:write")
def add_pin(call: Call) -> Json:
    channel = call.find_joined_channel()
    message = call.message(channel, "timestamp")
    if any(pin.ts == message.ts for pin in channel.pins):
        raise SlackError("already_pinned")
    channel.pins.insert(0, Pin(message.ts, call.workspace.seconds(), BOT_USER))
    post(
        call.workspace,
        channel,
        BOT_USER,
        f"<@{BOT_USER}> pinned a message to this channel.",
        subtype="pinned_item",
        extra={"item_type": "C", "item": {"type": "message", "ts": message.ts, "channel": channel.id}},
    )
    return build_answer()


@methods.add("pins.list", "pins:read")
def list_pins(call: Call) -> Json:
    channel = call.channel()
    return build_answer(
        items=[
            {
                "type": "message",
                "created": pin.created,
                "created_by": pin.created_by,
                "channel": channel.id,
                "message": build_message_json(channel.messages[pin.ts]) | {"pinned_to": [channel.id]},
            }
            for pin in channel.pins
        ]
    )


@methods.add("pins.remove", "pins:write")
def remove_pin(call: Call) -> Json:
    channel = call.find_joined_channel()
    message = call.message(channel, "timestamp")
    kept = [pin for pin in channel.pins if pin.ts != message.ts]
    if len(kept) == len(channel.pins):
        raise SlackError("no_pin")
    channel.pins = kept
    call.workspace.changes.touch()
    return build_answer()


@methods.add("bookmarks.add", "bookmarks:write")
def add_bookmark(call: Call) -> Json:
    channel = call.find_joined_channel("channel_id")
    if call.need("type", "invalid_bookmark_type") != "link":
        raise SlackError("invalid_bookmark_type")
    if len(channel.bookmarks) >= BOOKMARKS:
        raise SlackError("too_many_bookmarks")
    now = call.workspace.seconds()
    bookmark: Json = {
        "id": f"Bk0SAND{call.workspace.next_number():05d}",
        "channel_id": channel.id,
        "title": call.need("title"),
        "link": _link(call),
        "emoji": call.text("emoji"),
        "icon_url": None,
        "type": "link",
        "entity_id": None,
        "date_created": now,
        "date_updated": 0,
        "rank": f"{len(channel.bookmarks):04d}",
        "last_updated_by_user_id": BOT_USER,
        "last_updated_by_team_id": TEAM,
        "shortcut_id": None,
        "app_id": APP,
    }
    channel.bookmarks[bookmark["id"]] = bookmark
    call.workspace.changes.touch()
    return build_answer(bookmark=bookmark)


@methods.add("bookmarks.list", "bookmarks:read")
def list_bookmarks(call: Call) -> Json:
    return build_answer(bookmarks=list(call.channel("channel_id").bookmarks.values()))


@methods.add("bookmarks.edit", "bookmarks:write")
def edit_bookmark(call: Call) -> Json:
    channel = call.find_joined_channel("channel_id")
    bookmark = _bookmark(call, channel)
    if call.text("link"):
        bookmark["link"] = _link(call)
    for name in ("title", "emoji"):
        if call.text(name):
            bookmark[name] = call.text(name)
    bookmark["date_updated"] = call.workspace.seconds()
    call.workspace.changes.touch()
    return build_answer(bookmark=bookmark)


@methods.add("bookmarks.remove", "bookmarks:write")
def remove_bookmark(call: Call) -> Json:
    channel = call.find_joined_channel("channel_id")
    del channel.bookmarks[_bookmark(call, channel)["id"]]
    call.workspace.changes.touch()
    return build_answer()


def _link(call: Call) -> str:
    link = call.text("link")
    if not link.startswith(("http://", "https://")):
        raise SlackError("invalid_link")
    return link


def _bookmark(call: Call, channel: WorkspaceChannel) -> Json:
    found = channel.bookmarks.get(call.need("bookmark_id", "not_found"))
    if found is None:
        raise SlackError("not_found")
    return found
