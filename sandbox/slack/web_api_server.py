"""The HTTP side of the stand-in: the Web API and the response_urls, with faults, hooks and the log."""

import asyncio
from collections.abc import Awaitable, Callable
from email.utils import formatdate

from aiohttp import web

from sandbox.slack.call_log import CallLog, CallRecord
from sandbox.slack.faults import Fault, Plan, plan_no_faults
from sandbox.slack.request_parsing import IncomingCall, read_bearer_token, read_call, read_upload
from sandbox.slack.response_urls import use
from sandbox.slack.tier_limits import RateLimits
from sandbox.slack.uploads import find_pending_upload, guess_mimetype, store_upload
from sandbox.slack.web_api import (
    chat,
    conversations,
    conversations_read,
    files,
    pins,
    reactions,
    users,
    views,
)
from sandbox.slack.web_api.method import ApiMethodTable, Call, SlackError
from sandbox.slack.workspace import Workspace
from sandbox.slack.workspace_model import Json

Hook = Callable[[int, str], Awaitable[None]]
METHODS = ApiMethodTable(
    chat.methods
    | conversations.methods
    | conversations_read.methods
    | users.methods
    | pins.methods
    | reactions.methods
    | views.methods
    | files.methods
)
ALL_SCOPES = frozenset(
    {scope for method in METHODS.values() for scope in method.scopes}
    | {"commands", "chat:write.public", "users:read.email"}
)
BODY_AT_MOST = 16_000_000


class WebApi:
    """Answers the bot. Faults, latency, hooks, scopes and limits may be changed at any time."""

    def __init__(self, workspace: Workspace, token: str, scopes: frozenset[str]) -> None:
        self.workspace = workspace
        self.token = token
        self.token_error = ""
        self.scopes = scopes
        self.calls = CallLog()
        self.faults: Plan = plan_no_faults
        self.latency: Callable[[int, str], float] = lambda number, method: 0.0
        self.limits: RateLimits | None = None
        self.before_answer: Hook | None = None
        self.after_answer: Hook | None = None
        self.stopping = asyncio.Event()
        self.open_socket: Callable[[str], Json] | None = None

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/api/{method}", self.answer_call),
            web.get("/api/{method}", self.answer_call),
            web.post("/response/{team}/{id}", self.answer_reply),
            web.post("/upload/v1/{ticket}", self.answer_upload),
            web.get("/files/{id}/{name}", self.answer_download),
        ]

    async def answer_call(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["method"]
        asked = await read_call(request)
        record = self.calls.begin(name, asked.args, self.workspace.clocks.read_monotonic())
        return await self._perform(request, record, lambda: self._work(name, asked))

    async def answer_reply(self, request: web.Request) -> web.StreamResponse:
        """A response_url: not a Web API call, so it has no number, but faults may strike it too."""
        asked = await read_call(request)
        record = self.calls.begin(
            "response_url", asked.args, self.workspace.clocks.read_monotonic(), numbered=False
        )

        def work() -> Json:
            address = self.workspace.reply_addresses.get(request.match_info["id"])
            if address is None:
                raise SlackError("invalid_url")
            if asked.refusal:
                raise SlackError("invalid_payload")
            use(self.workspace, address, asked.args)
            return {"ok": True}

        return await self._perform(request, record, work, refused_status=404)

    async def answer_upload(self, request: web.Request) -> web.StreamResponse:
        """The bytes of a file, to the address that was given for them: not a Web API call either."""
        sent = await read_upload(request)
        file = find_pending_upload(self.workspace, request.match_info["ticket"])
        args: Json = {"file": file.id if file else None, "size": len(sent)}
        record = self.calls.begin("upload", args, self.workspace.clocks.read_monotonic(), numbered=False)

        def work() -> Json:
            store_upload(file, sent)
            return {"ok": True}

        return await self._perform(request, record, work, refused_status=400)

    async def answer_download(self, request: web.Request) -> web.StreamResponse:
        """A file's `url_private`: for those with the bot's token and files:read."""
        file = self.workspace.files.get(request.match_info["id"])
        allowed = read_bearer_token(request) == self.token and "files:read" in self.scopes
        if not allowed or file is None or file.ready is None:
            return web.Response(status=404 if allowed else 403)
        return web.Response(body=file.content, content_type=guess_mimetype(file))

    def _work(self, name: str, asked: IncomingCall) -> Json:
        token = asked.token
        if name == "apps.connections.open" and self.open_socket is not None:
            return self.open_socket(token)
        if not token:
            raise SlackError("not_authed")
        if token.startswith("xapp-"):
            raise SlackError("not_allowed_token_type")
        if self.token_error or token != self.token:
            raise SlackError(self.token_error or "invalid_auth")
        method = METHODS.get(name)
        if method is None:
            raise SlackError("unknown_method", req_method=name)
        if asked.refusal:
            raise SlackError(asked.refusal)
        call = Call(self.workspace, asked.args, self.scopes)
        if method.scopes:
            call.require(*method.scopes)
        return method.work(call)

    async def _perform(
        self,
        request: web.Request,
        record: CallRecord,
        work: Callable[[], Json],
        refused_status: int = 200,
    ) -> web.StreamResponse:
        number, name = record.number, record.method
        self.workspace.changes.touch()
        fault = self.faults(number, name) or self._check_rate_limit(record) or Fault("none", True)
        record.fault = None if fault.kind == "none" and not fault.delay else fault
        travel = (self.latency(number, name) + fault.delay) / 2
        await self._pass(travel)
        if fault.after_work:
            try:
                record.answer = work()
                record.status = 200
            except SlackError as refusal:
                record.answer = {"ok": False, "error": refusal.code, **refusal.more}
                record.status = refused_status
            record.worked = bool(record.answer["ok"])
            self.workspace.changes.touch()
        await self._pass(travel)
        return await self._send(request, record, self._response(record, fault))

    def _check_rate_limit(self, record: CallRecord) -> Fault | None:
        if self.limits is None or not record.number:
            return None
        channel = str(record.args.get("channel", ""))
        wait = self.limits.take(record.method, channel, self.workspace.clocks.read_monotonic())
        return Fault("limited", retry_after=wait) if wait else None

    def _response(self, record: CallRecord, fault: Fault) -> web.Response | None:
        """The answer as bytes; None when the connection is to end instead, at once or never."""
        headers = {
            "x-oauth-scopes": ",".join(sorted(self.scopes)),
            "x-slack-req-id": f"r{record.number}",
            "Date": formatdate(self.workspace.clocks.now(), usegmt=True),
        }
        if fault.kind in ("drop", "hang"):
            return None
        if fault.kind == "limited":
            headers["Retry-After"] = str(fault.retry_after)
            record.status, record.answer = 429, {"ok": False, "error": "ratelimited"}
        elif fault.kind == "error":
            record.status = 500
            return web.Response(status=500, text="Internal Server Error", headers=headers)
        elif fault.kind == "refused":
            record.status, record.answer = 200, {"ok": False, "error": fault.code}
        elif fault.kind == "garbled":
            return web.Response(text="<html>upstream said no", content_type="text/html", headers=headers)
        elif fault.kind == "huge":
            return web.json_response({**(record.answer or {}), "padding": "x" * fault.size}, headers=headers)
        elif record.method == "upload" and record.worked:
            return web.Response(text=f"OK - {record.args['size']}", headers=headers)
        return web.json_response(record.answer, status=record.status, headers=headers)

    async def _send(
        self, request: web.Request, record: CallRecord, response: web.Response | None
    ) -> web.StreamResponse:
        if record.fault is not None and record.fault.kind == "hang":
            await self.stopping.wait()
        if self.before_answer is not None:
            await self.before_answer(record.number, record.method)
        if response is None:
            response = web.Response(status=500)
            if request.transport is not None:
                request.transport.abort()
        else:
            try:
                await response.prepare(request)
                await response.write_eof()
                record.answered = request.transport is not None and not request.transport.is_closing()
            except ConnectionError:
                record.answered = False
        record.finished = self.workspace.clocks.read_monotonic()
        self.workspace.changes.touch()
        if self.after_answer is not None:
            await self.after_answer(record.number, record.method)
        return response

    async def _pass(self, seconds: float) -> None:
        """Let time go by, but not beyond the end of the stand-in."""
        if seconds > 0:
            try:
                async with asyncio.timeout(seconds):
                    await self.stopping.wait()
            except TimeoutError:
                return
