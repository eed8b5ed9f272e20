"""AppConfig and Firebase for the bench: what they are asked, and what of it changes something, which can be held.

Every AppConfig application that is named exists, with one flag; Firebase has one project.
"""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from sandbox.monitored_systems.app_config import AppConfig, AppConfigAnswer, FlagEnvironment
from sandbox.monitored_systems.firebase import READS, TOKEN_PATH, RemoteConfig

PROJECT, FLAG, BANNER = "bench-app", "fallback", "incident_banner"

Act = Callable[[web.Request, str, Callable[[], web.Response]], Awaitable[web.Response]]
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

            def answer() -> web.Response:
                return _respond(self.flags.answer(request.method, request.path, headers, body))

            if not is_act or request.method == "GET":
                return answer()
            return await act(request, f"switch {request.path.split('/')[2]}", answer)

        async def answer_firebase(request: web.Request) -> web.Response:
            body, headers, query = await request.read(), _lower(request), dict(request.query)
            if request.method == "GET":
                await read()

            def answer() -> web.Response:
                status, said, more = self.banners.answer(request.method, request.path, query, headers, body)
                return web.json_response(said, status=status, headers=more)

            if request.method != "PUT" or query:
                return answer()
            return await act(request, f"banner {_find_line(json.loads(body))}", answer)

        return [
            web.route("*", "/applications{rest:.*}", answer_flags),
            web.get("/deploymentstrategies/{rest:.*}", answer_flags),
            web.route("*", "/v1/projects/{rest:.*}", answer_firebase),
            web.post(TOKEN_PATH, answer_firebase),
        ]


def _find_line(template: dict[str, Any]) -> str:
    """The second word of what a banner says (`Line 7 is down`), by which it is counted."""
    shown = template.get("parameters", {}).get(BANNER, {}).get("defaultValue", {}).get("value", "{}")
    return next(iter(json.loads(shown).get("text", "").split()[1:2]), "away")


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
