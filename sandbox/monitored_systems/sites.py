"""The vendors' sites, each an HTTP server of its own on loopback, all telling of the same scene."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

from sandbox.monitored_systems import (
    app_site,
    app_switches,
    aws_status_server,
    crashlytics_and_play,
    github,
    razorpay,
    sentry,
    statuspage_server,
)
from sandbox.monitored_systems.firebase import write_service_key
from sandbox.monitored_systems.names import FIREBASE_PROJECT, MOBILE_APP, MOBILE_PACKAGE
from sandbox.monitored_systems.scenarios import Scene, build_healthy_scene


@dataclass(slots=True)
class SceneHolder:
    """Where the sites look what to show."""

    scene: Scene = field(default_factory=build_healthy_scene)


Routes = Callable[[Callable[[], Scene]], list[web.RouteDef]]
SITES: Mapping[str, Routes] = {
    "https://api.rodistaa.com": app_site.build_routes,
    "https://status.razorpay.com": statuspage_server.build_routes,
    "https://api.razorpay.com": razorpay.build_routes,
    "https://sentry.io": sentry.build_routes,
    "https://api.github.com": github.build_routes,
    "https://status.aws.amazon.com": aws_status_server.build_routes,
    "https://firebasecrashlytics.googleapis.com": crashlytics_and_play.build_crashlytics_routes,
    "https://appconfig.ap-south-1.amazonaws.com": app_switches.build_flag_routes,
    "https://firebaseremoteconfig.googleapis.com": app_switches.build_firebase_routes,
    "https://oauth2.googleapis.com": app_switches.build_token_routes,
    "https://playdeveloperreporting.googleapis.com": crashlytics_and_play.build_play_routes,
}
"""What answers for each address of the outside world."""


class Sites:
    """All of them. `addresses` are their bases here by those outside, without a slash at the end; `key_file` is where
    the key goes with which the apps' banner is shown."""

    def __init__(self, key_file: Path) -> None:
        self._key_file = key_file
        self.stage = SceneHolder()
        self.addresses: dict[str, str] = {}
        self._runners: list[web.AppRunner] = []

    @property
    def environment(self) -> dict[str, str]:
        """The addresses that have a name of their vendor's own, and the app's ids."""
        return {
            "SENTRY_URL": self.addresses["https://sentry.io"],
            "GITHUB_API_URL": self.addresses["https://api.github.com"],
            "AWS_ENDPOINT_URL_APPCONFIG": self.addresses["https://appconfig.ap-south-1.amazonaws.com"],
            "TOCSIN_FIREBASE_PROJECT": FIREBASE_PROJECT,
            "TOCSIN_REMEDIATION_GOOGLE_CREDENTIALS": str(self._key_file),
            "TOCSIN_CRASHLYTICS_APPS": MOBILE_APP,
            "TOCSIN_PLAY_PACKAGE": MOBILE_PACKAGE,
        }

    async def start(self) -> None:
        await asyncio.to_thread(write_service_key, self._key_file)
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
        """Whether the part of the app that crashes is switched off."""
        return app_switches.is_mended(scene)

    async def show(self, scene: Scene) -> None:
        app_switches.show(scene)
        self.stage.scene = scene

    async def stop(self) -> None:
        for runner in self._runners:
            await runner.cleanup()
