"""The vendors' sites, each an HTTP server of its own on loopback, all telling of the same scene."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from aiohttp import web

from sandbox.monitored_systems import (
    app_site,
    aws_status,
    crashlytics_and_play,
    github,
    razorpay,
    sentry,
    statuspage,
)
from sandbox.monitored_systems.names import MOBILE_APP, MOBILE_PACKAGE
from sandbox.monitored_systems.scenarios import Scene, build_healthy_scene


@dataclass(slots=True)
class SceneHolder:
    """Where the sites look what to show."""

    scene: Scene = field(default_factory=build_healthy_scene)


Routes = Callable[[Callable[[], Scene]], list[web.RouteDef]]
SITES: Mapping[str, Routes] = {
    "https://api.rodistaa.com": app_site.build_routes,
    "https://status.razorpay.com": statuspage.build_routes,
    "https://api.razorpay.com": razorpay.build_routes,
    "https://sentry.io": sentry.build_routes,
    "https://api.github.com": github.build_routes,
    "https://status.aws.amazon.com": aws_status.build_routes,
    "https://firebasecrashlytics.googleapis.com": crashlytics_and_play.build_crashlytics_routes,
    "https://playdeveloperreporting.googleapis.com": crashlytics_and_play.build_play_routes,
}
"""What answers for each address of the outside world."""


class Sites:
    """All of them. `addresses` are their bases here by those outside, without a slash at the end."""

    def __init__(self) -> None:
        self.stage = SceneHolder()
        self.addresses: dict[str, str] = {}
        self._runners: list[web.AppRunner] = []

    @property
    def environment(self) -> dict[str, str]:
        """The addresses that have a name of their vendor's own, and the app's ids."""
        return {
            "SENTRY_URL": self.addresses["https://sentry.io"],
            "GITHUB_API_URL": self.addresses["https://api.github.com"],
            "TOCSIN_CRASHLYTICS_APPS": MOBILE_APP,
            "TOCSIN_PLAY_PACKAGE": MOBILE_PACKAGE,
        }

    async def start(self) -> None:
        for outside, routes in SITES.items():
            site = web.Application()
            site.add_routes(routes(lambda: self.stage.scene))
            runner = web.AppRunner(site, access_log=None, shutdown_timeout=0.1)
            self._runners.append(runner)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            host, port = runner.addresses[0][:2]
            self.addresses[outside] = f"http://{host}:{port}"

    async def is_mended(self, scene: Scene) -> bool:
        """Nobody mends anything here."""
        return False

    async def show(self, scene: Scene) -> None:
        self.stage.scene = scene

    async def stop(self) -> None:
        for runner in self._runners:
            await runner.cleanup()
