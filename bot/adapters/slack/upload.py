"""Uploads files to Slack without showing them: a picture is shown by a message that is posted separately, another file
by completing its upload in a thread, which Slack does once for each id.

Source: docs.slack.dev/messaging/working-with-files, "Uploading files".
"""

from urllib.parse import urlsplit

import aiohttp

from bot.adapters.slack import response_parsers
from bot.adapters.slack.web_client import Answer, SlackWebClient
from bot.errors import SlackOutcomeUnknown, SlackRejected, SlackUnreachable

OK = 200
GONE = frozenset({"file_deleted", "file_not_found"})


async def upload_file(wire: SlackWebClient, content: bytes, name: str, home: str) -> str:
    """The id of the uploaded file, which nobody sees before a message shows it. `home` is the address of the Web API.

    Raises SlackRejected, SlackRateLimited, SlackUnreachable or SlackOutcomeUnknown; a half-uploaded file stays unseen.
    """
    id = await begin_upload(wire, content, name, home)
    await wire.call("files.completeUploadExternal", lambda answer: None, files=[{"id": id, "title": name}])
    return id


async def begin_upload(wire: SlackWebClient, content: bytes, name: str, home: str) -> str:
    """The id of a file whose bytes Slack has, to be completed. Raises as above."""
    address, id = await wire.call("files.getUploadURLExternal", _place, filename=name, length=len(content))
    _must_be_slack(address, home)
    wire.open()
    session = wire.client.session
    assert session is not None
    try:
        async with session.post(address, data=content, proxy=wire.client.proxy) as answer:
            if answer.status != OK:
                raise SlackOutcomeUnknown(f"Slack answered {answer.status} to an upload")
    except aiohttp.ClientConnectorError:
        raise SlackUnreachable("Slack could not be reached for an upload") from None
    except (TimeoutError, aiohttp.ClientError):
        raise SlackOutcomeUnknown("Slack did not take an upload") from None
    return id


async def share_upload(
    wire: SlackWebClient, file: str, title: str, channel: str, thread: str, comment: str
) -> None:
    """Complete it in this thread."""
    await wire.call(
        "files.completeUploadExternal",
        response_parsers.ignore_answer,
        files=[{"id": file, "title": title}],
        channel_id=channel,
        thread_ts=thread,
        initial_comment=comment,
    )


async def delete_file(wire: SlackWebClient, file: str) -> None:
    """One that is gone stays so."""
    try:
        await wire.call("files.delete", response_parsers.ignore_answer, file=file)
    except SlackRejected as refusal:
        if refusal.code not in GONE:
            raise


def _place(answer: Answer) -> tuple[str, str]:
    return str(answer["upload_url"]), str(answer["file_id"])


def _must_be_slack(address: str, home: str) -> None:
    """What is uploaded goes to Slack's own hosts, or to that of the Web API."""
    parts, own = urlsplit(address), urlsplit(home)
    host = parts.hostname or ""
    of_slack = parts.scheme == "https" and (
        host == "slack.com" or host.endswith((".slack.com", ".slack-gov.com"))
    )
    if not of_slack and parts[:2] != own[:2]:
        raise SlackOutcomeUnknown("Slack named a place for an upload that is not its own")
