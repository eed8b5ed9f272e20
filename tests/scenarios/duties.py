"""The bot with a PagerDuty account and a contacts file, and what a test looks at."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from pydantic import SecretStr

from bot.app import RunningBot
from sandbox.pagerduty.api_server import PagerDutyStandIn
from tests.scenarios.conftest import World

CTO = '"CTO" = ["slack:U0BRUNO001", "pagerduty:user/PCTO001", "pagerduty:service/OPS_KEY", "tel:+91 98765 43210"]'


@asynccontextmanager
async def paging(
    world: World, duty: PagerDutyStandIn, tmp_path: Path, contacts: str = CTO, more: str = ""
) -> AsyncIterator[RunningBot]:
    """The bot with this PagerDuty account and these contacts."""
    path = tmp_path / "paging.toml"
    path.write_text(f"[contacts]\n{contacts}\n{more}")
    async with world.bot(
        contacts=path,
        pagerduty_api_key=SecretStr(duty.api_key),
        pagerduty_from="tocsin@team.example",
        pagerduty_service="PSRV001",
        pagerduty_api_url=duty.url,
        pagerduty_events_url=duty.url,
        pagerduty_webhook_secret=SecretStr(duty.webhook_secrets[0]),
    ) as running:
        host, port = running.address
        duty.webhook_url = f"http://{host}:{port}/webhooks/pagerduty"
        yield running


def ways(world: World) -> dict[str, dict[str, object]]:
    """The ways of all contacts, by their handles."""
    return {row["handle"]: row for row in world.looking.rows("select * from way order by id")}


def due(world: World, what: str = "incident") -> None:
    """Let everything that is looked at later be looked at now."""
    if what == "incident":
        world.looking.rows("update incident set look_at = now() where look_at is not null")
    else:
        world.looking.rows(
            "update way set requested_at = requested_at - interval '1 hour', accepted_at = accepted_at - interval "
            "'1 hour', due_at = now() where due_at is not null"
        )


def shown(world: World, channel: str) -> str:
    """Everything that the bot said in a room, as people read it now."""
    return "\n".join(world.text(post) for post in world.posts(channel))


async def asks(world: World, who: str, words: str, channel: str) -> str:
    """What the command is answered with, to them alone or by the room."""
    before = {post.ts for post in world.posts(channel)}
    if answer := (await world.incident(who, words, channel)).body:
        return answer

    def said() -> list[str]:
        return [world.text(post) for post in world.posts(channel) if post.ts not in before]

    await world.until(said)
    return "\n".join(said())
