"""`GET /status/...`: our own status page, for small teams and the demo."""

import hashlib
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from bot.errors import DatabaseUnavailable

MAX_AGE_S = 10
"""Seconds for which a reader or a cache may keep a file."""

Files = Callable[[], Awaitable[Mapping[str, bytes]]]


def add_status_page(app: web.Application, files: Files, content_type: Callable[[str], str]) -> None:
    """Serve the page's files; nothing else is found by these paths."""

    async def serve(request: web.Request) -> web.Response:
        path = request.match_info["path"] or "index.html"
        try:
            content = (await files()).get(path)
        except DatabaseUnavailable:
            return web.Response(status=503, text="The status page is not available right now.\n")
        if content is None:
            return web.Response(status=404, text="There is no such page.\n")
        tag = f'"{hashlib.blake2s(content, digest_size=8).hexdigest()}"'
        headers = {
            "Cache-Control": f"public, max-age={MAX_AGE_S}",
            "Content-Type": content_type(path),
            "ETag": tag,
            "X-Content-Type-Options": "nosniff",
            "Access-Control-Allow-Origin": "*",
        }
        if request.headers.get("If-None-Match") == tag:
            return web.Response(status=304, headers=headers)
        return web.Response(body=content, headers=headers)

    async def lead(request: web.Request) -> web.Response:
        raise web.HTTPFound("/status/")

    app.router.add_get("/status", lead)
    app.router.add_get("/status/{path:.*}", serve)
