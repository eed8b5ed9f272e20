"""Remediations: how soon what would change is shown and an approval acts, what a kill does, who gets in."""

import asyncio
import itertools
import json
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp

from sandbox.bench import flags_and_banners
from sandbox.bench.ecs_services import CLUSTER
from sandbox.bench.environment import (
    BenchEnvironment,
    BenchStage,
    Session,
    find_database,
    find_socket,
    hold_lock,
    open_session,
)
from sandbox.bench.figures import BenchFigure, BenchRound, compute_median
from sandbox.bench.remediation_kills import STATES, KillCount, list_rounds, strike
from sandbox.bench.remediation_stage import APPROVER, AT_ONCE, RemediationStage
from sandbox.bench.remediation_targets import build_settings, open_targets
from sandbox.bench.remediation_voids import try_changed_plans
from sandbox.monitored_systems.firebase import write_service_key
from sandbox.slack.payloads import build_action, build_interactive_payload, build_message_origin
from sandbox.slack.request_signing import compute_signature
from sandbox.slack.workspace_model import WorkspaceMessage

LATENCY = 0.1
OF_EACH = {"workflow": 2}
"""Remediations of a kind that one kill strikes, of every other kind one; with one that ends a session they are as many
as the bot works on at the same time."""

ROOMS = 8
"""Bots that are killed at the same time, each on a state of its own: most of a recovery is waiting."""

PACE = 0.2
"""Seconds between two looks how it stands: who looks without a pause takes the machine away from the bots."""

CONTACTS = """
[contacts]
"CTO" = "slack:U0BRUNO001"
"DevOps Lead" = "slack:U0DEVIKA01"

[approvers]
"*" = ["CTO"]
"rds.failover" = ["CTO", "slack:U0ANA00001"]
"""
RUNBOOK = f"""# Runbook

### P0 - CRITICAL
- **Response Time**: < 5 minutes
- **Action**: page CTO

## P0 INCIDENT: EVERYTHING IS DOWN

### Actions

```bash
# 1. The service
aws ecs describe-services --cluster {CLUSTER} --services svc-0
```
"""
UNENTITLED = ("ana", "devika", "chidi", "gus", "sasha", "statusbot")
"""Who asks, who is a contact and no approver, somebody else, a guest, a person of another workspace, a bot."""


async def measure_remediation(house: BenchEnvironment, size: BenchRound) -> Sequence[BenchFigure]:
    """How soon, and who gets in, on targets of our own."""
    async with open_scene(house) as scene:
        return [
            *await _time(scene, size),
            *await _change_plans(scene, size),
            *await _forge(scene, size),
        ]


@asynccontextmanager
async def open_scene(house: BenchEnvironment) -> AsyncIterator[RemediationStage]:
    """A bot with one incident, all kinds switched on, and Bruno to approve."""
    runbook = Path(house.folder) / "remediation.md"
    runbook.write_text(RUNBOOK, encoding="utf-8")
    database = house.new_database()
    with ExitStack() as sessions:
        async with open_targets(find_socket(database)) as targets:
            key_file = write_service_key(Path(house.folder) / "google-key.json")
            settings = {
                **build_settings(targets, find_database(database)),
                **flags_and_banners.build_settings(targets.address, str(key_file)),
                "TOCSIN_RUNBOOK": str(runbook),
            }
            async with house.open_stage(contacts=CONTACTS, more=settings) as stage:
                answer = await stage.slack.people.command(
                    "ana", "general", "/incident", "declare p0 all is down"
                )
                assert answer.ok, answer.body
                await stage.wait_until(lambda: _rooms(stage))
                await stage.wait_until_delivered()

                yield RemediationStage(
                    stage, targets, _rooms(stage)[0], partial(_open_session, sessions, database)
                )


def _open_session(sessions: ExitStack, database: str, kind: str) -> Session:
    """One that is idle, or one that holds a lock which somebody waits for; the ones of before are gone."""
    sessions.close()
    if kind == "end idle":
        return sessions.enter_context(open_session(database, "bench-app"))
    return hold_lock(sessions, database)


def _rooms(stage: BenchStage) -> list[str]:
    channels = stage.slack.workspace.channels.values()
    return [channel.id for channel in channels if channel.name.startswith("inc-")]


async def _time(scene: RemediationStage, size: BenchRound) -> list[BenchFigure]:
    """Each call to Slack and to the targets takes 100 ms."""
    shown, acted = [], []
    await scene.propose(("rollback",))  # the first one loads what the others use
    await scene.withdraw(1)
    scene.stage.slack.api.latency, scene.targets.latency = lambda number, method: LATENCY, LATENCY
    for _ in range(size.times):
        began, number = time.monotonic(), len(scene.rows()) + 1
        await scene.ask("rollback")
        await scene.wait_until(partial(scene.card, number), "the card")
        shown.append(time.monotonic() - began)
        scene.targets.first_act, began = 0.0, time.monotonic()
        await scene.approve([number])
        await scene.wait_until(lambda: scene.targets.first_act, "the call")
        acted.append(scene.targets.first_act - began)
        await scene.wait_until_over([number])
    scene.stage.slack.api.latency, scene.targets.latency = lambda number, method: 0.0, 0.0
    name = "a remediation asked for to its card, every call at 100 ms"
    return [
        BenchFigure(name, compute_median(shown), 1.5, "s"),
        BenchFigure("approved to the act's call, every call at 100 ms", compute_median(acted), 1.0, "s"),
    ]


async def _change_plans(scene: RemediationStage, size: BenchRound) -> list[BenchFigure]:
    """What each kind depends on changes between the proposal and its approval."""
    tried, left = await try_changed_plans(scene, size.times)
    name = f"the plan changed in between, {tried} times, every kind: not void"
    return [BenchFigure(name, len(left), 0, "acts", "; ".join(left))]


async def measure_kills(house: BenchEnvironment, size: BenchRound) -> Sequence[BenchFigure]:
    """Several bots at the same time, since most of it is waiting; each begins with other states."""
    rooms = min(ROOMS, -(-size.kills // AT_ONCE))
    counts = await asyncio.gather(
        *(_kill_in_room(house, place, size.kills // rooms) for place in range(rooms))
    )
    struck, lost = sum(count.struck for count in counts), [each for count in counts for each in count.lost]
    name = f"killed while {struck} remediations of every kind were in every state"
    return [
        BenchFigure(f"{name}: carried out twice", sum(count.twice for count in counts), 0, "acts"),
        BenchFigure(f"{name}: lost", len(lost), 0, "acts", "; ".join(each[:600] for each in lost)),
    ]


async def _kill_in_room(house: BenchEnvironment, place: int, kills: int) -> KillCount:
    """At one state after the other, until so many remediations of this bot were struck."""
    folder = Path(house.folder) / f"kills-{place}"
    folder.mkdir()
    first = place * len(STATES) // ROOMS
    count, states = KillCount(), itertools.cycle((*STATES[first:], *STATES[:first]))
    async with open_scene(replace(house, folder=folder)) as scene:
        scene.pace = PACE
        for state, kinds in zip(states, list_rounds(OF_EACH, place), strict=True):
            if count.struck >= kills:
                return count
            try:
                await strike(scene, state, kinds, count)
            except AssertionError as stuck:  # what does not come to its end is lost; the others go on
                count.lost.append(f"{state}: {stuck}")
                return count
    return count


async def _forge(scene: RemediationStage, size: BenchRound) -> list[BenchFigure]:
    """Approvals by who may not, of what is over, and that Slack never sent."""
    await scene.propose(("rollback", "scale"))
    waiting, before = len(scene.rows()), sum(scene.targets.acts.values())
    await scene.withdraw(waiting - 1)
    bodies = _build_forgeries(scene, waiting)
    async with aiohttp.ClientSession() as session:
        for tried in range(size.forgeries):
            await _send(scene.stage, session, *bodies[tried % len(bodies)])
    await scene.stage.wait_until_delivered()
    await asyncio.sleep(1)
    executed = sum(scene.targets.acts.values()) - before
    approved = 1 - scene.count_in([waiting], state="proposed")
    await scene.withdraw(waiting)
    name = f"{size.forgeries} forged or unentitled approvals: approved or carried out"
    return [BenchFigure(name, executed + approved, 0, "acts")]


def _get_card(scene: RemediationStage, number: int) -> WorkspaceMessage:
    card = scene.card(number)
    assert card is not None
    return card


def _build_forgeries(scene: RemediationStage, waiting: int) -> list[tuple[dict[str, Any], bool, int]]:
    """Payloads, whether they are signed, and how many seconds ago; all on the card that waits."""
    workspace, card = scene.stage.slack.workspace, _get_card(scene, waiting)

    def click(person: str, value: str | None = None, **changed: str) -> dict[str, Any]:
        block = next(each for each in card.blocks if each.get("block_id") == "remediation-buttons")
        action = build_action(workspace, block, block["elements"][0], {})
        action = {**action, **({"value": value} if value is not None else {}), **changed}
        who, origin = scene.stage.slack.person(person), build_message_origin(workspace, card)
        return build_interactive_payload(workspace, who, "block_actions", **origin, actions=[action])

    ids = [row["id"] for row in scene.stage.rows("select id from remediation order by number")]
    forged = [(click(person), True, 0) for person in UNENTITLED]
    forged += [
        (click(APPROVER, value), True, 0)
        for value in (str(ids[waiting - 2]), "999999", "", "-1", "1|1", "x" * 99)
    ]
    forged += [(click(APPROVER), False, 0), (click(APPROVER), True, 900)]
    forged += [(click(person, action_id="approve_remediation:9"), True, 0) for person in UNENTITLED]
    return forged


async def _send(
    stage: BenchStage, session: aiohttp.ClientSession, payload: dict[str, Any], is_signed: bool, age: int
) -> None:
    body = urlencode({"payload": json.dumps(payload)}).encode()
    timestamp = str(int(time.time()) - age)
    secret = stage.slack.signing_secret if is_signed else "0" * 32
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": compute_signature(secret, timestamp, body),
    }
    async with session.post(stage.program.request_url, data=body, headers=headers) as answer:
        await answer.read()
