"""Uploads a picture to Slack without showing it: the message that shows it is posted separately, and only once.

Source: docs.slack.dev/messaging/working-with-files, "Uploading files".
"""

from urllib.parse import urlsplit

import aiohttp

from bot.adapters.slack.web_client import Answer, SlackWebClient
from bot.errors import SlackOutcomeUnknown, SlackUnreachable

OK = 200


async def upload_file(wire: SlackWebClient, content: bytes, name: str, home: str) -> str:
    """The id of the uploaded file, which nobody sees before a message shows it. `home` is the address of the Web API.

    Raises SlackRejected, SlackRateLimited, SlackUnreachable or SlackOutcomeUnknown; a half-uploaded file stays unseen.
    """
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
    await wire.call("files.completeUploadExternal", lambda answer: None, files=[{"id": id, "title": name}])
    return id


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
