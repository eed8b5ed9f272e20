"""AWS as the runbook's `aws` commands see it: moto's server, filled, in the world's own process."""

import asyncio
import logging
from collections.abc import Mapping

from sandbox.monitored_systems.names import REGION
from sandbox.monitored_systems.scenarios import Scene, build_healthy_scene


class MotoServer:
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
            "AWS_SECRET_ACCESS_KEY": "sandbox/monitored_systems/secret/not/for/any/account",
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "TOCSIN_LOAD_BALANCER": self._balancer,
        }

    async def start(self) -> None:
        self._address, self._balancer = await asyncio.to_thread(_start)
        await self.show(build_healthy_scene())

    async def show(self, scene: Scene) -> None:
        async with self._showing:
            await asyncio.to_thread(_show, scene)

    async def is_mended(self, scene: Scene) -> bool:
        """Whether somebody has rolled a bad deployment back, given a slow service more tasks, or failed over."""
        return await asyncio.to_thread(_is_mended, scene)

    async def stop(self) -> None:
        """Nothing to do: the server is a thread that ends with the process, and keeps nothing outside of it."""


def _start() -> tuple[str, str]:
    """Where AWS is, and how CloudWatch names the load balancer."""
    from moto.server import ThreadedMotoServer

    from sandbox.monitored_systems.aws import (
        cloudwatch,
        code_deploy,
        ecr,
        ecs,
        failovers,
        logs,
        moto_patches,
        rds,
        service_deployments,
    )

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    moto_patches.make()
    service_deployments.make()
    failovers.make()
    code_deploy.make()
    for part in (ecs, logs, cloudwatch, rds, ecr):
        part.make()
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    return f"http://{host}:{port}", ecs.BALANCER.load_balancer


def _is_mended(scene: Scene) -> bool:
    from sandbox.monitored_systems.aws import ecs, rds

    return ecs.is_mended(scene) or rds.is_mended(scene)


def _show(scene: Scene) -> None:
    from sandbox.monitored_systems.aws import cloudwatch, ecr, ecs, logs, rds

    for part in (ecs, logs, cloudwatch, rds, ecr):
        part.show(scene)
