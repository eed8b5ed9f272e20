"""What stays on top of a channel: `pins.*` and `bookmarks.*`."""

from sandbox.model import Channel, Json, Pin
from sandbox.posting import post
from sandbox.shapes import message_shape
from sandbox.webapi import Call, Methods, SlackError, answer
from sandbox.workspace import APP, BOT_USER, TEAM

methods = Methods()
BOOKMARKS = 100


@methods.add("pins.add", "pins:write")
def add_pin(call: Call) -> Json:
    channel = call.joined_channel()
    message = call.message(channel, "timestamp")
    if any(each.ts == message.ts for each in channel.pins):
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
    return answer()


@methods.add("pins.list", "pins:read")
def list_pins(call: Call) -> Json:
    channel = call.channel()
    return answer(
        items=[
            {
                "type": "message",
                "created": each.created,
                "created_by": each.created_by,
                "channel": channel.id,
                "message": message_shape(channel.messages[each.ts]) | {"pinned_to": [channel.id]},
            }
            for each in channel.pins
        ]
    )


@methods.add("pins.remove", "pins:write")
def remove_pin(call: Call) -> Json:
    channel = call.joined_channel()
    message = call.message(channel, "timestamp")
    kept = [each for each in channel.pins if each.ts != message.ts]
    if len(kept) == len(channel.pins):
        raise SlackError("no_pin")
    channel.pins = kept
    call.workspace.changes.touch()
    return answer()


@methods.add("bookmarks.add", "bookmarks:write")
def add_bookmark(call: Call) -> Json:
    channel = call.joined_channel("channel_id")
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
    return answer(bookmark=bookmark)


@methods.add("bookmarks.list", "bookmarks:read")
def list_bookmarks(call: Call) -> Json:
    return answer(bookmarks=list(call.channel("channel_id").bookmarks.values()))


@methods.add("bookmarks.edit", "bookmarks:write")
def edit_bookmark(call: Call) -> Json:
    channel = call.joined_channel("channel_id")
    bookmark = _bookmark(call, channel)
    if call.text("link"):
        bookmark["link"] = _link(call)
    for name in ("title", "emoji"):
        if call.text(name):
            bookmark[name] = call.text(name)
    bookmark["date_updated"] = call.workspace.seconds()
    call.workspace.changes.touch()
    return answer(bookmark=bookmark)


@methods.add("bookmarks.remove", "bookmarks:write")
def remove_bookmark(call: Call) -> Json:
    channel = call.joined_channel("channel_id")
    del channel.bookmarks[_bookmark(call, channel)["id"]]
    call.workspace.changes.touch()
    return answer()


def _link(call: Call) -> str:
    link = call.text("link")
    if not link.startswith(("http://", "https://")):
        raise SlackError("invalid_link")
    return link


def _bookmark(call: Call, channel: Channel) -> Json:
    found = channel.bookmarks.get(call.need("bookmark_id", "not_found"))
    if found is None:
        raise SlackError("not_found")
    return found
