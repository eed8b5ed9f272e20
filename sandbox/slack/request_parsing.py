"""What stands in a request of the bot: arguments in any of Slack's forms, the token, the bytes of a file."""

from dataclasses import dataclass

from aiohttp import web

from sandbox.slack.jsontext import read_json
from sandbox.slack.workspace_model import Json


@dataclass(frozen=True, slots=True)
class IncomingCall:
    """The arguments and the token of a call; `refusal` is Slack's code for a body that cannot be read."""

    args: Json
    token: str
    refusal: str = ""


async def read_call(request: web.Request) -> IncomingCall:
    """Arguments of the query, of a form or of a JSON object."""
    args: Json = dict(request.query)
    refusal = ""
    if request.can_read_body:
        if request.content_type == "application/json":
            body, refusal = _object(await request.text())
            args |= body
        else:
            args |= {key: value for key, value in (await request.post()).items() if isinstance(value, str)}
    token = str(args.pop("token", ""))
    return IncomingCall(args, read_bearer_token(request) or token, refusal)


def read_bearer_token(request: web.Request) -> str:
    """The token of the Authorization header; empty without one."""
    kind, _, word = request.headers.get("Authorization", "").partition(" ")
    return word.strip() if kind.lower() == "bearer" else ""


async def read_upload(request: web.Request) -> bytes:
    """The bytes of an upload, which come as they are or as the one file of a form."""
    if request.content_type != "multipart/form-data":
        return await request.read()
    files = [field for field in (await request.post()).values() if isinstance(field, web.FileField)]
    return files[0].file.read() if files else b""


def _object(text: str) -> tuple[Json, str]:
    try:
        body = read_json(text) if text else {}
    except ValueError:
        return {}, "invalid_json"
    return (body, "") if isinstance(body, dict) else ({}, "json_not_object")
