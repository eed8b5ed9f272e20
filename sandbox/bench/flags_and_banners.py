"""AppConfig and Firebase for the bench: what they are asked, and what of it changes something, which can be held.

Every AppConfig application that is named exists, with one flag; Firebase has one project.
"""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from sandbox.monitored_systems.app_config import AppConfig, AppConfigAnswer, FlagEnvironment
from sandbox.monitored_systems.remote_config import READS, TOKEN_PATH, RemoteConfig

PROJECT, FLAG, BANNER = "bench-app", "fallback", "incident_banner"

Act = Callable[[web.Request, str, Callable[[], dict[str, Any]]], Awaitable[web.Response]]
"""Does something once under a name, and answers; may hold it."""


def _make_flags(application: str) -> FlagEnvironment:
    return FlagEnvironment(application, {FLAG: False}, growth_s=0, bake_s=0)


@dataclass(slots=True)
class FlagsAndBanners:
    """`flags` and `banners` are how they stand."""

    flags: AppConfig = field(default_factory=lambda: AppConfig(make=_make_flags))
    banners: RemoteConfig = field(default_factory=RemoteConfig)

    def build_routes(self, act: Act, read: Callable[[], Awaitable[None]]) -> list[web.RouteDef]:
        """Both interfaces; `read` is waited for before an answer to a question."""

        async def answer_flags(request: web.Request) -> web.Response:
            body, headers = await request.read(), _lower(request)
            if request.method == "GET":
                await read()
            is_act = request.method == "DELETE" or request.path.endswith("/deployments")
            if not is_act or request.method == "GET":
                return _respond(self.flags.answer(request.method, request.path, headers, body))
            name = f"switch {request.path.split('/')[2]}"
            return await act(
                request, name, lambda: self.flags.answer(request.method, request.path, headers, body).body
            )

        async def answer_firebase(request: web.Request) -> web.Response:
            body, headers, query = await request.read(), _lower(request), dict(request.query)
            if request.method == "GET":
                await read()
            if request.method != "PUT" or query:
                status, said, more = self.banners.answer(request.method, request.path, query, headers, body)
                return web.json_response(said, status=status, headers=more)
            text = json.loads(json.loads(body)["parameters"][BANNER]["defaultValue"]["value"])["text"]
            return await act(
                request,
                f"banner {text.split()[1]}",
                lambda: self.banners.answer(request.method, request.path, query, headers, body)[1],
            )

        return [
            web.route("*", "/applications{rest:.*}", answer_flags),
            web.get("/deploymentstrategies/{rest:.*}", answer_flags),
            web.route("*", "/v1/projects/{rest:.*}", answer_firebase),
            web.post(TOKEN_PATH, answer_firebase),
        ]


def _lower(request: web.Request) -> dict[str, str]:
    return {name.lower(): value for name, value in request.headers.items()}


def _respond(answer: AppConfigAnswer) -> web.Response:
    kind = {"Content-Type": "application/json"}
    return web.Response(status=answer.status, body=answer.payload, headers={**kind, **answer.headers})


def build_settings(address: str, key_file: str) -> dict[str, str]:
    """What leads a bot to them."""
    vendors = ("https://firebaseremoteconfig.googleapis.com", "https://oauth2.googleapis.com")
    return {
        "TOCSIN_ADDRESSES": json.dumps(dict.fromkeys(vendors, address)),
        "TOCSIN_FIREBASE_PROJECT": PROJECT,
        "TOCSIN_FIREBASE_BANNER": BANNER,
        "GOOGLE_OAUTH_ACCESS_TOKEN": READS,
        "TOCSIN_REMEDIATION_GOOGLE_CREDENTIALS": key_file,
    }
