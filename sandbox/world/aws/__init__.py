"""AWS as the runbook's `aws` commands see it: moto's server, filled, in the world's own process."""

import asyncio
import logging
from collections.abc import Mapping

from sandbox.world.breaks import Scene, healthy
from sandbox.world.places import REGION


class Aws:
    """moto's server on a free port of loopback. What it shows is set in its backends, by `show`."""

    def __init__(self) -> None:
        self._address, self._balancer = "", ""
        self._showing = asyncio.Lock()

    @property
    def environment(self) -> Mapping[str, str]:
        """As every AWS client reads it, and what the bot is told of it. The keys open nothing."""
        return {
            "AWS_ENDPOINT_URL": self._address,
            "AWS_ACCESS_KEY_ID": "AKIASANDBOXWORLD0001",
            "AWS_SECRET_ACCESS_KEY": "sandbox/world/secret/not/for/any/account",
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "TOCSIN_LOAD_BALANCER": self._balancer,
        }

    async def start(self) -> None:
        self._address, self._balancer = await asyncio.to_thread(_start)
        await self.show(healthy())

    async def show(self, scene: Scene) -> None:
        async with self._showing:
            await asyncio.to_thread(_show, scene)

    async def stop(self) -> None:
        """Nothing to do: the server is a thread that ends with the process, and keeps nothing outside of it."""


def _start() -> tuple[str, str]:
    """Where AWS is, and how CloudWatch names the load balancer."""
    from moto.server import ThreadedMotoServer

    from sandbox.world.aws import ecs, logs, metrics, rds, truer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    truer.make()
    for part in (ecs, logs, metrics, rds):
        part.make()
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    return f"http://{host}:{port}", ecs.BALANCER.load_balancer


def _show(scene: Scene) -> None:
    from sandbox.world.aws import ecs, logs, metrics, rds

    for part in (ecs, logs, metrics, rds):
        part.show(scene)
