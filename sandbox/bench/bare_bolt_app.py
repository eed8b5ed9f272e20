"""The reference: a bare async Bolt app that acknowledges `/incident` and does nothing else.

`python -m sandbox.bench.bare_bolt_app` prints its address; the signing secret comes in SLACK_SIGNING_SECRET.
"""

import asyncio
import os

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult


async def _authorize() -> AuthorizeResult:
    return AuthorizeResult(enterprise_id=None, team_id=None, bot_token="xoxb-bare")  # noqa: S106 - no token


def build_application(secret: str) -> web.Application:
    """The app behind aiohttp's server, as Bolt's documentation has it."""
    bolt = AsyncApp(signing_secret=secret, authorize=_authorize, process_before_response=True)

    @bolt.command("/incident")
    async def incident(ack: AsyncAck) -> None:
        await ack("Done.")

    async def handle(request: web.Request) -> web.StreamResponse:
        return await to_aiohttp_response(await bolt.async_dispatch(await to_bolt_request(request)))

    app = web.Application()
    app.router.add_post("/slack/events", handle)
    return app


async def main() -> None:
    """Serve until the end."""
    runner = web.AppRunner(build_application(os.environ["SLACK_SIGNING_SECRET"]))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    print(f"http://{host}:{port}/slack/events", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
