"""What the team's apps are switched and told by: AppConfig's flags and Firebase's Remote Config.

The app crashes on its map of a trip while the flag `trip_map` is on: switched off, the crashes end.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from aiohttp import web

from sandbox.monitored_systems.app_config import AppConfig, FlagEnvironment
from sandbox.monitored_systems.firebase import TOKEN_PATH, RemoteConfig
from sandbox.monitored_systems.scenarios import Breakage, Scene

APPLICATION, CRASHING = "rodistaa", "trip_map"
USUAL = {CRASHING: True, "second_payment_provider": False}


@dataclass(slots=True)
class AppSwitches:
    """`flags` and `config` are how they stand; they outlast every scene."""

    flags: FlagEnvironment = field(default_factory=lambda: FlagEnvironment(APPLICATION, USUAL))
    config: RemoteConfig = field(default_factory=RemoteConfig)


STATE = AppSwitches()


def show(scene: Scene) -> None:
    """A new release crashes with the map: somebody has switched it on again."""
    if scene.has(Breakage.CRASHES) and not STATE.flags.is_on(CRASHING):
        STATE.flags.deploy(USUAL)


def is_mended(scene: Scene) -> bool:
    """Whether the part that crashes is switched off."""
    return scene.has(Breakage.CRASHES) and not STATE.flags.is_on(CRASHING)


def build_flag_routes(scene: Callable[[], Scene]) -> list[web.RouteDef]:
    """AppConfig's interface."""
    interface = AppConfig(STATE.flags)

    async def answer(request: web.Request) -> web.Response:
        lower = {name.lower(): value for name, value in request.headers.items()}
        said = interface.answer(request.method, request.path, lower, await request.read())
        headers = {"Content-Type": "application/json", **said.headers}
        return web.Response(status=said.status, body=said.payload, headers=headers)

    return [web.route("*", "/applications{rest:.*}", answer), web.get("/deploymentstrategies/{rest}", answer)]


def build_firebase_routes(scene: Callable[[], Scene]) -> list[web.RouteDef]:
    """Remote Config's interface."""
    return [web.route("*", "/v1/projects/{rest:.*}", _answer_firebase)]


def build_token_routes(scene: Callable[[], Scene]) -> list[web.RouteDef]:
    """Where service accounts get their tokens."""
    return [web.post(TOKEN_PATH, _answer_firebase)]


async def _answer_firebase(request: web.Request) -> web.Response:
    lower = {name.lower(): value for name, value in request.headers.items()}
    query = dict(request.query)
    status, said, headers = STATE.config.answer(
        request.method, request.path, query, lower, await request.read()
    )
    return web.json_response(said, status=status, headers=headers)
