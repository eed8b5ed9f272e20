"""A runbook's text to its model: the reader's one way in."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from bot.runbook.blocks import front_matter_title, parse
from bot.runbook.checklist import windows
from bot.runbook.checks import gaps_of
from bot.runbook.decoding import unified
from bot.runbook.directory import contacts, named_links, other_runbooks
from bot.runbook.durations import duration
from bot.runbook.escalation import escalation
from bot.runbook.messages import templates
from bot.runbook.model import Placeholder, Problem, Runbook, Template
from bot.runbook.outline import Node, lines_of, outline
from bot.runbook.playbooks import playbooks
from bot.runbook.roles import Role
from bot.runbook.severities import severities
from bot.runbook.survey import Survey, survey

CHANNEL = re.compile(r"(?<![\w#&/])#(?P<name>[a-z0-9][a-z0-9_-]{1,79})(?![\w/])")
WAR_ROOM = re.compile(r"war[- ]?room|incident channel|slack channel", re.I)
EVERY = re.compile(r"updates?\b.{0,60}?\bevery\s+(?P<span>\d[^.;]{0,20})", re.I)


def read(text: str, known: Iterable[Problem] = ()) -> Runbook:
    """What a runbook says. Never raises: what cannot be used becomes a problem with its line.

    `known` are problems found before, while the text was decoded; they are listed with the others.
    """
    text = unified(text).replace("\0", "\N{REPLACEMENT CHARACTER}")
    blocks, problems = parse(text)
    root = outline(blocks)
    map_ = survey(root)
    levels = severities(map_.of(Role.SEVERITIES), problems) or severities(map_.of(Role.OTHER), [])
    messages = templates(map_.of(Role.TEMPLATES) or map_.of(Role.OTHER), problems)
    runbook = Runbook(
        title=_title(root, text),
        severities=levels,
        playbooks=playbooks(map_.playbooks, levels, problems),
        templates=messages,
        windows=windows(map_.of(Role.CHECKLIST), problems),
        contacts=contacts(map_.of(Role.CONTACTS)),
        escalation=escalation(_in_order(map_, Role.CONTACTS, Role.OTHER)),
        links=named_links(_in_order(map_, Role.LINKS, Role.CONTACTS, Role.RELATED)),
        related=other_runbooks(_in_order(map_, *Role)),
        update_every=_cadence(messages, root),
        war_room=_war_room(messages, root),
    )
    found = [*known, *problems, *gaps_of(runbook)]
    return replace(runbook, problems=tuple(sorted(found, key=lambda problem: (problem.line, problem.level))))


def _title(root: Node, text: str) -> str:
    nodes = list(root.walk())[1:]
    heading = next((node.title for node in nodes if node.level == 1 and node.title), "")
    return (
        heading or front_matter_title(text) or next((node.title for node in nodes if node.title), "Runbook")
    )


def _in_order(map_: Survey, *roles: Role) -> Sequence[Node]:
    nodes = [node for role in roles for node in map_.of(role)]
    if Role.PLAYBOOKS in roles:
        nodes += [node for found in map_.playbooks for node in found.node.walk()]
    return sorted(nodes, key=lambda node: node.line)


def _values(messages: Mapping[str, Template], name: str) -> Iterable[Placeholder]:
    return (
        gap
        for message in messages.values()
        for line in message.lines
        for gap in line.placeholders
        if gap.name == name
    )


def _cadence(messages: Mapping[str, Template], root: Node) -> timedelta | None:
    """How often an update is promised: `Next Update: In 15 minutes` comes before `every 15 minutes`."""
    for name in ("next_update", "cadence"):
        for gap in _values(messages, name):
            span = duration(gap.raw)
            if span:
                return span
    for node in root.walk():
        for _, text in lines_of(node.blocks):
            found = EVERY.search(text)
            span = duration(found["span"]) if found else None
            if span:
                return span
    return None


def _war_room(messages: Mapping[str, Template], root: Node) -> str | None:
    """The channel that the templates or else the text names as the war room, without `#`."""
    for gap in _values(messages, "war_room"):
        found = CHANNEL.search(gap.raw)
        if found:
            return found["name"]
    for node in root.walk():
        for _, text in lines_of(node.blocks):
            found = CHANNEL.search(text) if WAR_ROOM.search(text) else None
            if found:
                return found["name"]
    return None
