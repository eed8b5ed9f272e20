"""The app's home tab."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from bot.incident import Incident
from bot.ports import Block
from bot.runbook import Runbook
from templates import actions
from templates.answers import store_away
from templates.kit import Bold, Line, button, buttons, header, lines
from templates.listing import drill_lines, open_lines, where

LISTED, MINE = 25, 15
"""How many incidents are shown of all, and of those that wait for this person."""

Home = dict[str, Any]
Waiting = Sequence[tuple[Incident, int]]


def home(
    incidents: Sequence[Incident],
    counts: Mapping[str, int],
    mine: Sequence[Incident],
    waiting: Waiting,
    drills: Sequence[Incident] = (),
) -> Home:
    """What is open (the worst and newest first), what this person commands, the checklists that wait for them, and
    drills.

    `counts` says how many are open of each severity; `mine` and `waiting` (resolved incidents with the number of their
    open items) may hold one more than is shown: then the home says that there are more.
    """
    blocks: list[Block] = [
        buttons("home-buttons", button("Declare incident", actions.DECLARE, "home", primary=True))
    ]
    if waiting:
        blocks += [header("waiting-head", "Checklists that wait for you"), lines("waiting", *_items(waiting))]
    if mine:
        known = Counter(each.severity for each in mine[:MINE])
        yours = [*open_lines(mine[:MINE], known), *_more(len(mine))]
        blocks += [header("mine-head", "You command"), lines("mine", *yours)]
    blocks.append(header("open-head", "Open incidents"))
    blocks.append(lines("open", *(open_lines(incidents, counts) or [("None. All quiet.",)])))
    if drills:
        blocks += [header("drills-head", "Drills"), lines("drills", *drill_lines(drills))]
    return {"type": "home", "blocks": blocks}


def _items(waiting: Waiting) -> list[Line]:
    shown: list[Line] = [
        (Bold(each.reference), f" {each.title} · {left} open items", *where(each))
        for each, left in waiting[:MINE]
    ]
    return [*shown, *_more(len(waiting))]


def _more(count: int) -> list[Line]:
    return [(f"The newest {MINE}; there are more.",)] if count > MINE else []


def away(runbook: Runbook, why: str) -> Home:
    """The home while the database cannot be read; `why` is said after "my database"."""
    return {"type": "home", "blocks": list(store_away(runbook, in_doubt=False, why=why).blocks)}
