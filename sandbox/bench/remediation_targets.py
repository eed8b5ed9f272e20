"""What remediations change in the bench: an ECS, a GitHub and the way to a PostgreSQL, which can be held and counted.

Every ECS service and every workflow exists. `acts` counts what was really done, by its name. A request whose sender
has gone while it was held is not carried out, as if it had been lost on its way.
https://docs.github.com/rest/actions/workflows
"""

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from sandbox.bench.ecs_services import ACCOUNT, REGION, EcsServices, Json, read_ecs, update_service
from sandbox.bench.flags_and_banners import FlagsAndBanners
from sandbox.bench.gate import Gate
from sandbox.bench.pull_requests import PullRequests
from sandbox.bench.rds_clusters import LAG, RdsClusters

KINDS = (
    "ecs.rollback,ecs.scale,ecs.restart,postgres.end_idle,postgres.end_blocker,rds.failover,github.workflow,"
    "github.revert,appconfig.switch,firebase.banner"
)
REPOSITORY = "bench/app"
WORKFLOW = "on:\n  workflow_dispatch:\n    inputs:\n      tocsin:\n        required: true\n"
CREDENTIALS = """<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
<AccessKeyId>ASIASANDBOXBENCH0001</AccessKeyId><SecretAccessKey>sandbox</SecretAccessKey>
<SessionToken>sandbox</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult>
<ResponseMetadata><RequestId>bench</RequestId></ResponseMetadata></AssumeRoleResponse>"""
IDENTITY = f"""<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
<Arn>arn:aws:sts::{ACCOUNT}:assumed-role/bench/bench</Arn><Account>{ACCOUNT}</Account></GetCallerIdentityResult>
<ResponseMetadata><RequestId>bench</RequestId></ResponseMetadata></GetCallerIdentityResponse>"""
ACTING = b"pg_terminate_backend"
UPDATES = {"taskDefinition": "rollback", "forceNewDeployment": "restart"}
"""What an UpdateService does, by what it names."""


@dataclass(slots=True)
class Targets:
    """All of them. `reads` and `acts_in` hold what comes in, `acts_out` the answers to what was done; `latency` are
    the seconds that each request takes; `answers_lost` makes an act be done and answered with a fault,
    `is_lost` makes it not be done."""

    acts: Counter[str] = field(default_factory=Counter)
    reads: Gate = field(default_factory=Gate)
    acts_in: Gate = field(default_factory=Gate)
    acts_out: Gate = field(default_factory=Gate)
    latency: float = 0.0
    answers_lost: bool = False
    is_lost: bool = False
    first_act: float = 0.0
    services: EcsServices = field(default_factory=EcsServices)
    clusters: RdsClusters = field(default_factory=RdsClusters)
    pulls: PullRequests = field(default_factory=PullRequests)
    switches: FlagsAndBanners = field(default_factory=FlagsAndBanners)
    runs: list[Json] = field(default_factory=list)
    workflow_commit: str = "abc123def4567890"
    address: str = ""
    read_port: int = 0
    act_port: int = 0

    def open_all(self) -> None:
        """Nothing is held any more."""
        for gate in (self.reads, self.acts_in, self.acts_out):
            gate.is_open.set()

    async def act(
        self, request: web.Request, name: str, do: Callable[[], Json | str | web.Response | None]
    ) -> web.Response:
        """Do it once for this request, unless its sender has gone meanwhile or it is refused."""
        self.first_act = self.first_act or time.monotonic()
        await self.acts_in.pass_through()
        if self.is_lost or request.transport is None or request.transport.is_closing():
            return web.Response(status=500)
        said = do()
        if isinstance(said, web.Response) and said.status >= 400:
            return said
        self.acts[name] += 1
        await self.acts_out.pass_through()
        if self.answers_lost:
            return web.json_response({"__type": "ServerException"}, status=500)
        if isinstance(said, web.Response):
            return said
        if isinstance(said, str):
            return web.Response(text=said, content_type="text/xml")
        return web.json_response(said) if said is not None else web.Response(status=204)


@web.middleware
async def _forget_who_left(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Whoever is killed while they send gets no answer, and that is no fault of ours."""
    try:
        return await handler(request)
    except ConnectionResetError:
        return web.Response(status=500)


class _Interfaces:
    """AWS and GitHub as they answer for these targets."""

    def __init__(self, targets: Targets) -> None:
        self._targets = targets

    async def answer_aws(self, request: web.Request) -> web.Response:
        """ECS and CloudWatch in JSON; what names no operation there is a query."""
        await asyncio.sleep(self._targets.latency)
        operation = request.headers.get("X-Amz-Target", "").rpartition(".")[2]
        if not operation:
            return await self._answer_in_xml(request, dict(parse_qsl((await request.read()).decode())))
        asked = json.loads(await request.read() or b"{}")
        if operation == "UpdateService":
            what = next((word for sign, word in UPDATES.items() if sign in asked), "scale")
            name = f"{what} {asked['service'].rpartition('/')[2]}"
            return await self._targets.act(
                request, name, lambda: update_service(self._targets.services, asked)
            )
        await self._targets.reads.pass_through()
        found = (
            LAG if operation == "GetMetricStatistics" else read_ecs(self._targets.services, operation, asked)
        )
        if found is None:
            return web.json_response({"__type": "ClientException", "message": "not here"}, status=400)
        return web.json_response(found)

    async def _answer_in_xml(self, request: web.Request, asked: dict[str, str]) -> web.Response:
        if asked["Action"] == "AssumeRole":
            return web.Response(text=CREDENTIALS, content_type="text/xml")
        if asked["Action"] == "GetCallerIdentity":
            return web.Response(text=IDENTITY, content_type="text/xml")
        if asked["Action"] == "FailoverDBCluster":
            name = asked["DBClusterIdentifier"]
            return await self._targets.act(
                request, f"failover {name}", lambda: self._targets.clusters.fail_over(name)
            )
        await self._targets.reads.pass_through()
        found = self._targets.clusters.read(asked)
        return web.Response(text=found or "", status=200 if found else 400, content_type="text/xml")

    async def answer_github(self, request: web.Request) -> web.Response:
        """What is read of the repository."""
        await asyncio.sleep(self._targets.latency)
        await self._targets.reads.pass_through()
        rest = request.match_info["rest"]
        if rest.startswith("pulls"):
            return web.json_response(self._targets.pulls.read(rest, request.query.get("head", "")))
        if rest.startswith("contents/"):
            if "raw" in request.headers["Accept"]:
                return web.Response(text=WORKFLOW)
            return web.json_response({"sha": self._targets.workflow_commit})
        if rest.endswith("/runs"):
            return web.json_response({"workflow_runs": self._targets.runs})
        if rest.startswith("actions/runs/"):
            return web.json_response(
                next(run for run in self._targets.runs if rest.endswith(f"/{run['id']}"))
            )
        return web.json_response({"id": 1, "state": "active", "default_branch": "main"})

    async def dispatch_workflow(self, request: web.Request) -> web.Response:
        """A run, which has succeeded at once."""
        await asyncio.sleep(self._targets.latency)
        asked, number = json.loads(await request.read()), 1000 + len(self._targets.runs)

        def run() -> Json:
            title, link = asked["inputs"]["tocsin"], f"https://github.com/{REPOSITORY}/actions/runs/{number}"
            made = {"id": number, "display_title": title, "html_url": link, "status": "completed"}
            self._targets.runs.insert(0, made | {"conclusion": "success"})
            return {"workflow_run_id": number}

        return await self._targets.act(request, f"workflow {request.match_info['rest'].split('/')[2]}", run)

    async def revert_pull(self, request: web.Request) -> web.Response:
        """GitHub's mutation."""
        await asyncio.sleep(self._targets.latency)
        asked = json.loads(await request.read())["variables"]
        return await self._targets.act(
            request, f"revert {asked['id']}", lambda: self._targets.pulls.revert(asked)
        )


def build_app(targets: Targets) -> web.Application:
    """AWS at `/`, GitHub at `/repos/…`."""
    interfaces = _Interfaces(targets)
    app = web.Application(middlewares=[_forget_who_left])
    app.router.add_post("/graphql", interfaces.revert_pull)
    app.router.add_post(f"/repos/{REPOSITORY}/{{rest:.*}}", interfaces.dispatch_workflow)
    app.router.add_get(f"/repos/{REPOSITORY}/{{rest:.*}}", interfaces.answer_github)
    app.add_routes(targets.switches.build_routes(targets.act, targets.reads.pass_through))
    app.router.add_post("/{path:.*}", interfaces.answer_aws)
    return app


@asynccontextmanager
async def open_targets(socket: str) -> AsyncIterator[Targets]:
    """All of it, on loopback; `socket` is the path of the PostgreSQL's."""
    targets = Targets()
    runner = web.AppRunner(build_app(targets), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    targets.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    doors = [
        await asyncio.start_server(_build_door(targets, socket, is_acting), "127.0.0.1", 0)
        for is_acting in (False, True)
    ]
    targets.read_port, targets.act_port = (door.sockets[0].getsockname()[1] for door in doors)
    try:
        yield targets
    finally:
        targets.open_all()
        for door in doors:
            door.close()
        await runner.cleanup()


def _build_door(
    targets: Targets, socket: str, is_acting: bool
) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Any]:
    """A way to PostgreSQL: the one for reading can be held, the one for acting at its one statement."""

    async def serve(client_in: asyncio.StreamReader, client_out: asyncio.StreamWriter) -> None:
        if not is_acting:
            await targets.reads.pass_through()
        server_in, server_out = await asyncio.open_unix_connection(socket)
        is_sent = asyncio.Event()

        async def ask() -> None:
            while piece := await client_in.read(65536):
                if is_acting and ACTING in piece:
                    targets.first_act = targets.first_act or time.monotonic()
                    await targets.acts_in.pass_through()
                    if targets.is_lost or client_out.is_closing() or client_in.at_eof():
                        break
                    is_sent.set()
                server_out.write(piece)
            server_out.close()

        async def tell() -> None:
            while piece := await server_in.read(65536):
                if is_sent.is_set():
                    await targets.acts_out.pass_through()
                    if targets.answers_lost:
                        break
                client_out.write(piece)
            client_out.close()

        try:
            with suppress(OSError):
                await asyncio.gather(ask(), tell())
        finally:  # also when one of the two failed, or the stage ends
            server_out.close()
            client_out.close()

    return serve


def build_settings(targets: Targets, database: str) -> Mapping[str, str]:
    """What leads a bot to them; `database` is the name of a database there."""

    def door(port: int) -> str:
        return (
            f"host=127.0.0.1 port={port} user=postgres dbname={database} sslmode=disable gssencmode=disable"
        )

    return {
        "TOCSIN_REMEDIATIONS": KINDS,
        "TOCSIN_AWS_REMEDIATION_ROLE": f"arn:aws:iam::{ACCOUNT}:role/tocsin-remediation",
        "TOCSIN_MONITORED_DATABASE_URL": door(targets.read_port),
        "TOCSIN_REMEDIATION_DATABASE_URL": door(targets.act_port),
        "TOCSIN_REMEDIATION_GITHUB_TOKEN": "ghp_act",
        "GITHUB_TOKEN": "ghp_read",
        "GITHUB_REPOSITORY": REPOSITORY,
        "GITHUB_API_URL": targets.address,
        "AWS_ENDPOINT_URL": targets.address,
        "AWS_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "AKIASANDBOXBENCH0001",
        "AWS_SECRET_ACCESS_KEY": "sandbox",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
