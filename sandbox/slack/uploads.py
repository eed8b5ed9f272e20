"""Uploads: their bytes, Slack's JSON for them, and whether blocks may show them."""

import mimetypes
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from sandbox.slack.block_kit.validators import add_problem
from sandbox.slack.web_api.method import SlackError
from sandbox.slack.workspace import TEAM, Workspace
from sandbox.slack.workspace_model import File, Json

UNKNOWN = "application/octet-stream"


def find_pending_upload(workspace: Workspace, ticket: str) -> File | None:
    """The file that this upload address was given for; none once it is complete."""
    waiting = (file for file in workspace.files.values() if file.ready is None)
    return next((file for file in waiting if file.ticket == ticket), None)


def store_upload(file: File | None, sent: bytes) -> None:
    """Keep the bytes of an upload. Raises SlackError for an unknown address and for another size."""
    if file is None:
        raise SlackError("file_not_found")
    if len(sent) != file.size:
        raise SlackError("invalid_size", expected=file.size, received=len(sent))
    file.content = sent


def guess_mimetype(file: File) -> str:
    if file.snippet_type:
        return "text/plain"
    return mimetypes.guess_type(file.name)[0] or UNKNOWN


def build_file_json(workspace: Workspace, file: File) -> Json:
    """A file; its type is empty as long as Slack has not looked at it."""
    looked_at = file.ready is not None and workspace.clocks.read_monotonic() >= file.ready
    kind = file.snippet_type or file.name.rpartition(".")[2].lower()
    name = quote(file.name, safe="")
    address = f"{workspace.served_at}/files/{file.id}/{name}"
    shape: Json = {
        "id": file.id,
        "created": file.created,
        "timestamp": file.created,
        "name": file.name,
        "title": file.title,
        "mimetype": guess_mimetype(file) if looked_at else "",
        "filetype": kind if looked_at else "",
        "pretty_type": kind.upper() if looked_at else "",
        "user": file.user,
        "user_team": TEAM,
        "editable": bool(file.snippet_type),
        "size": file.size,
        "mode": "snippet" if file.snippet_type else "hosted",
        "is_external": False,
        "external_type": "",
        "public_url_shared": False,
        "display_as_bot": False,
        "username": "",
        "url_private": address,
        "url_private_download": address,
        "permalink": f"{workspace.url}files/{file.user}/{file.id}/{name}",
        "comments_count": 0,
        "has_rich_preview": False,
        "file_access": "visible",
        **_places(workspace, file),
    }
    return shape | ({"alt_txt": file.alt_text} if file.alt_text else {})


def find_named_upload(workspace: Workspace, wanted: Json) -> File | None:
    """The upload that a block names by its id or address."""
    return next((file for file in workspace.files.values() if _is(workspace, file, wanted)), None)


def _places(workspace: Workspace, file: File) -> Json:
    """Where a file is seen, by the kind of conversation."""
    lists: dict[str, list[str]] = {"channels": [], "groups": [], "ims": []}
    shares: Json = {}
    for place, ts in file.shares:
        channel = workspace.channels[place]
        lists["ims" if channel.is_im else "groups" if channel.is_private else "channels"].append(place)
        kind = "private" if channel.is_private else "public"
        thread = channel.messages[ts].thread_ts if ts in channel.messages else None
        shares.setdefault(kind, {}).setdefault(place, []).append(
            {
                "ts": ts,
                "channel_name": channel.name,
                "team_id": TEAM,
                "share_user_id": file.user,
                "source": "UNKNOWN",
                "is_silent_share": False,
                "reply_users": [],
                "reply_users_count": 0,
                "reply_count": 0,
                **({"thread_ts": thread} if thread else {}),
            }
        )
    return {**lists, "shares": shares, "is_public": bool(lists["channels"])}


def find_file_problems(workspace: Workspace, blocks: Any, path: str = "/blocks") -> list[str]:
    """Why these blocks may not show the files that they name; empty when they may."""
    found: list[str] = []
    for where, wanted in _iterate_slack_files(blocks, path):
        now = workspace.clocks.read_monotonic()
        ready = [file for file in workspace.files.values() if file.ready is not None and now >= file.ready]
        known = [file for file in ready if _is(workspace, file, wanted)]
        if not any(guess_mimetype(file).startswith("image/") for file in known):
            add_problem(found, where, "invalid slack file")
    return found


def _is(workspace: Workspace, file: File, wanted: Json) -> bool:
    shape = build_file_json(workspace, file)
    addresses = (shape["url_private"], shape["permalink"])
    return wanted.get("id") == file.id if "id" in wanted else wanted.get("url") in addresses


def _iterate_slack_files(value: Any, path: str) -> Iterator[tuple[str, Json]]:
    """Each `slack_file` inside blocks, with its path."""
    if isinstance(value, list | tuple):
        for place, item in enumerate(value):
            yield from _iterate_slack_files(item, f"{path}/{place}")
    elif isinstance(value, dict):
        for key, item in value.items():
            if key == "slack_file":
                yield f"{path}/{key}", item
            else:
                yield from _iterate_slack_files(item, f"{path}/{key}")
