"""The bot is killed while remediations of every kind are in one state, and started again: what became of each?

Nothing in the bot knows of it: a state is held by holding what it waits for outside.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import count as count_from

from sandbox.bench.environment import is_ended
from sandbox.bench.gate import Gate
from sandbox.bench.remediation_stage import ENDS, SESSIONS, RemediationStage

KINDS = ("rollback", "scale", "restart", "failover", "workflow", "revert", "switch", "banner")
STATES = (
    "asked",
    "proposed",
    "approved",
    "executing, not done",
    "executing, done",
    "unknown",
    "watched",
    "judged",
)
JUDGED = ("watched", "judged")
"""States after which it is waited for what the diagnostics say, too."""


@dataclass(slots=True)
class KillCount:
    """What became of the remediations that a kill struck."""

    struck: int = 0
    twice: int = 0
    lost: list[str] = field(default_factory=list)


async def strike(scene: RemediationStage, state: str, kinds: tuple[str, ...], count: KillCount) -> None:
    """Bring remediations of these kinds into the state, kill the bot, and see what becomes of them."""
    first = len(scene.rows()) + 1
    places = range(first, first + len(kinds))
    names = await STRIKES[state](scene, kinds, places)
    await scene.kill()
    count.struck += len(names)
    if state in ("asked", "proposed"):
        await scene.wait_until(lambda: all(map(scene.card, places)), "the cards after the kill")
        await scene.approve(places)
    if state == "executing, not done":
        await scene.wait_until(partial(_is_looked_for, scene, places), "that it is looked for")
        scene.let_pass()
    await scene.wait_until(
        lambda: all(row["state"] in ENDS for row in scene.rows(places)), "the end of all of them"
    )
    if state in JUDGED:
        await scene.wait_until_over(places)
    for row, name in zip(scene.rows(places), names, strict=True):
        done = int(is_ended(scene.session)) if name in SESSIONS else scene.targets.acts[name]
        count.twice += done > 1
        was_lost = (done == 1) != (row["state"] == "done") or not (row["verdict"] or row["why"])
        count.lost += [f"{state}: {row} done {done} times"] if was_lost else []


def _is_looked_for(scene: RemediationStage, places: Sequence[int]) -> bool:
    return all(row["state"] in ("unknown", *ENDS) for row in scene.rows(places))


async def _held(scene: RemediationStage, gate: Gate, count: int) -> None:
    """Until so many have come; who has waited too long may have given up meanwhile, as on a slow machine."""
    await scene.wait_until(lambda: gate.arrived >= count, f"{count} requests that are held")


async def _while_asked(scene: RemediationStage, kinds: tuple[str, ...], places: Sequence[int]) -> list[str]:
    scene.stage.rows("update remediation set settled_at = settled_at - interval '1 hour'")
    scene.targets.reads.close()
    names = [await scene.ask(kind) for kind in kinds]
    await _held(scene, scene.targets.reads, len(kinds))
    return names


async def _while_proposed(
    scene: RemediationStage, kinds: tuple[str, ...], places: Sequence[int]
) -> list[str]:
    return await scene.propose(kinds)


async def _while_approved(
    scene: RemediationStage, kinds: tuple[str, ...], places: Sequence[int]
) -> list[str]:
    names = await scene.propose(kinds)
    scene.targets.reads.close()
    await scene.approve(places)
    await _held(scene, scene.targets.reads, len(kinds))
    return names


async def _while_executing(
    scene: RemediationStage, kinds: tuple[str, ...], places: Sequence[int], gate: Gate
) -> list[str]:
    names = await scene.propose(kinds)
    gate.close()
    await scene.approve(places)
    await _held(scene, gate, len(kinds))
    scene.targets.is_lost = gate is scene.targets.acts_in
    return names


async def _while_unknown(scene: RemediationStage, kinds: tuple[str, ...], places: Sequence[int]) -> list[str]:
    names = await scene.propose(kinds)
    scene.targets.answers_lost = True
    await scene.approve(places)
    await scene.wait_until(partial(_is_looked_for, scene, places), "that all are unknown")
    return names


async def _while_watched(scene: RemediationStage, kinds: tuple[str, ...], places: Sequence[int]) -> list[str]:
    names = await scene.propose(kinds)
    await scene.approve(places)
    await scene.wait_until(
        lambda: scene.count_in(places, answer="accepted") == len(kinds), "that all are accepted"
    )
    return names


async def _while_judged(scene: RemediationStage, kinds: tuple[str, ...], places: Sequence[int]) -> list[str]:
    names = await scene.propose(kinds)
    await scene.approve(places)
    # None may be in the middle of its call still: that is another state.
    await scene.wait_until(
        lambda: (
            scene.count_in(places, state="done") and scene.count_in(places, answer="accepted") == len(kinds)
        ),
        "the first that is done, and that all are accepted",
    )
    return names


def list_rounds(of_each: Mapping[str, int], first: int = 0) -> Iterator[tuple[str, ...]]:
    """What one kill after the other strikes, from the round `first` on: so many of each kind, and one that ends a
    session, another one when the states come again."""
    for place in count_from(first):
        session = SESSIONS[(place + place // len(STATES)) % len(SESSIONS)]
        yield (*(kind for kind in KINDS for _ in range(of_each.get(kind, 1))), session)


Strike = Callable[[RemediationStage, tuple[str, ...], Sequence[int]], Awaitable[list[str]]]
STRIKES: Mapping[str, Strike] = {
    "asked": _while_asked,
    "proposed": _while_proposed,
    "approved": _while_approved,
    "executing, not done": lambda scene, kinds, places: _while_executing(
        scene, kinds, places, scene.targets.acts_in
    ),
    "executing, done": lambda scene, kinds, places: _while_executing(
        scene, kinds, places, scene.targets.acts_out
    ),
    "unknown": _while_unknown,
    "watched": _while_watched,
    "judged": _while_judged,
}
"""How remediations are brought into each state, and held there."""
