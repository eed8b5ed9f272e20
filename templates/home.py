"""The app's home tab."""

from collections.abc import Sequence
from typing import Any

from bot.incident import Incident
from bot.ports import Block
from bot.runbook import Runbook
from templates import actions
from templates.answers import store_away
from templates.kit import Bold, ChannelRef, Line, Person, When, button, buttons, header, lines

LISTED = 25
"""How many incidents each part of the home shows."""

Home = dict[str, Any]


def home(user: str, incidents: Sequence[Incident], waiting: Sequence[tuple[Incident, int]]) -> Home:
    """What is open (newest first), what this person commands, and the checklists that wait for them.

    `incidents` may hold one more than is shown: then the home says that there are more. `waiting` are resolved
    incidents with the number of their open items.
    """
    mine = [each for each in incidents if each.commander == user]
    blocks: list[Block] = [
        buttons("home-buttons", button("Declare incident", actions.DECLARE, "home", primary=True))
    ]
    if waiting:
        items = [
            (Bold(each.reference), f" {each.title} · {left} open items", *_where(each))
            for each, left in waiting
        ]
        blocks += [header("waiting-head", "Checklists that wait for you"), lines("waiting", *items)]
    if mine:
        blocks += [header("mine-head", "You command"), lines("mine", *_listed(mine))]
    blocks.append(header("open-head", "Open incidents"))
    blocks.append(lines("open", *(_listed(incidents) or [("None. All quiet.",)])))
    return {"type": "home", "blocks": blocks}


def away(runbook: Runbook, why: str) -> Home:
    """The home while the database cannot be read; `why` is said after "my database"."""
    return {"type": "home", "blocks": list(store_away(runbook, in_doubt=False, why=why).blocks)}


def _listed(incidents: Sequence[Incident]) -> list[Line]:
    body: list[Line] = []
    for each in incidents[:LISTED]:
        since = When(each.declared_at, "{date_short_pretty} {time}")
        body.append(
            (Bold(f"{each.reference} {each.severity}"), f" {each.title} · {each.status}", *_where(each))
        )
        body.append(("    since ", since, ", commander ", Person(each.commander)))
    if len(incidents) > LISTED:
        body.append((f"The newest {LISTED}; there are more: /incident list",))
    return body


def _where(incident: Incident) -> Line:
    return (" ", ChannelRef(incident.channel)) if incident.channel else ()
