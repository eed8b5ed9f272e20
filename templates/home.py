"""The app's home tab."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from bot.contacts import ContactBook
from bot.domain.incident import Incident
from bot.domain.incident_list import IncidentList
from bot.ports import Block
from bot.ports.action_repository import ListedAction
from bot.runbook import Runbook
from templates import action_ids
from templates.blocks import build_button, build_button_row, build_header, build_lines
from templates.emergency import render_database_down
from templates.incident_list import open_rows, over_line, render_channel, rest_line
from templates.item_owners import format_day
from templates.spans import Bold, ChannelMention, Line

LISTED, LATELY, MINE = 25, 5, 15
"""How many incidents are shown: open ones, those that are over, and those that wait for this person."""

Home = dict[str, Any]
Owned = Sequence[tuple[Incident, str, date | None]]
"""Items of checklists: the incident, the item's words, the day it is due."""

Waiting = Sequence[tuple[Incident, int]]


@dataclass(frozen=True, slots=True)
class Seen:
    """What somebody sees at home: all incidents at a glance, the open ones that they command (`mine`) and follow,
    resolved ones whose checklists wait for them with the number of open items, the items and action items that they
    own, and who is on call in lines. Who `may_change` nothing has no buttons.

    `waiting`, `owned` and `actions` may hold one more than MINE: then the home says that there are more.
    """

    listed: IncidentList = field(default_factory=IncidentList)
    mine: Sequence[Incident] = ()
    followed: Sequence[Incident] = ()
    waiting: Waiting = ()
    owned: Owned = ()
    actions: Sequence[ListedAction] = ()
    on_call: Sequence[Line] = ()
    may_change: bool = True


def render_home(seen: Seen) -> Home:
    """What waits for this person, each open incident once (their own in front, then the worst and newest), drills, what
    was resolved lately, and who is on call."""
    declare = build_button("Declare incident", action_ids.DECLARE, "home", primary=True)
    blocks: list[Block] = [build_button_row("home-buttons", declare)] if seen.may_change else []
    if seen.owned:
        blocks += [
            build_header("owned-head", "Yours to do"),
            build_lines("owned", *_render_owned(seen.owned)),
        ]
    if seen.actions:
        blocks += [
            build_header("actions-head", "Your action items"),
            build_lines("actions", *_render_actions(seen.actions)),
        ]
    if seen.waiting:
        blocks += [
            build_header("waiting-head", "Checklists that wait for you"),
            build_lines("waiting", *_items(seen.waiting)),
        ]
    blocks += [build_header("open-head", "Open incidents"), *_open(seen)]
    if seen.listed.drills:
        blocks += [build_header("drills-head", "Drills"), *_rows(seen.listed.drills, seen)]
    if seen.listed.over:
        over = [over_line(incident, seen.listed.times) for incident in seen.listed.over]
        blocks += [build_header("over-head", "Recently resolved"), build_lines("over", *over)]
    if seen.on_call:
        blocks += [build_header("on-call-head", "Who is on call"), build_lines("on-call", *seen.on_call)]
    return {"type": "home", "blocks": blocks}


def _open(seen: Seen) -> list[Block]:
    every = {incident.number: incident for incident in (*seen.mine, *seen.followed, *seen.listed.open)}
    shown = [incident for incident in every.values() if not incident.drill][:LISTED]
    rest = rest_line(seen.listed.counts, shown)
    if not shown:
        return [build_lines("open", ("None. All quiet.",))]
    return [*_rows(shown, seen), *([build_lines("open-rest", rest)] if rest else [])]


def _rows(incidents: Iterable[Incident], seen: Seen) -> list[Block]:
    """Each incident with what this person may do to it."""
    mine, followed = _numbers(seen.mine), _numbers(seen.followed)
    blocks: list[Block] = []
    for incident in incidents:
        yours = ["you're the commander"] if incident.number in mine else []
        yours += ["you follow it"] if incident.number in followed else []
        name, number = f"incident-{incident.number}", action_ids.join_value(incident.number)
        blocks.append(build_lines(name, *open_rows(incident, None, "".join(f" · {said}" for said in yours))))
        if seen.may_change:
            update = build_button("Post update", f"{action_ids.POST_UPDATE}:{number}", number)
            blocks.append(
                build_button_row(
                    f"{name}-buttons",
                    update,
                    build_button("Resolve", f"{action_ids.RESOLVE}:{number}", number),
                )
            )
    return blocks


def _numbers(incidents: Iterable[Incident]) -> Collection[int]:
    return {incident.number for incident in incidents}


def _render_owned(owned: Owned) -> list[Line]:
    shown: list[Line] = [
        (
            Bold(text),
            f" · {f'due {format_day(due_on)} · ' if due_on else ''}{incident.reference}",
            *render_channel(incident),
        )
        for incident, text, due_on in owned[:MINE]
    ]
    return [*shown, *_more(len(owned))]


def _render_actions(actions: Sequence[ListedAction]) -> list[Line]:
    shown = [
        (
            Bold(f"{one.item.reference} {one.item.text}"),
            f" · {f'due {format_day(one.item.due_on)} · ' if one.item.due_on else ''}INC-{one.item.incident}",
            *((" ", ChannelMention(one.channel)) if one.channel else ()),
        )
        for one in actions[:MINE]
    ]
    return [*shown, *_more(len(actions), "Those that are due first")]


def _items(waiting: Waiting) -> list[Line]:
    shown: list[Line] = [
        (Bold(incident.reference), f" {incident.title} · {left} open items", *render_channel(incident))
        for incident, left in waiting[:MINE]
    ]
    return [*shown, *_more(len(waiting))]


def _more(count: int, which: str = f"The newest {MINE}") -> list[Line]:
    return [(f"{which}; there are more.",)] if count > MINE else []


def render_unavailable(runbook: Runbook, book: ContactBook, why: str) -> Home:
    """The home while the database cannot be read; `why` is said after "my database"."""
    return {
        "type": "home",
        "blocks": list(render_database_down(runbook, book, in_doubt=False, why=why).blocks),
    }
