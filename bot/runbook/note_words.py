"""How what a runbook learns is worded: one line that is only text in Markdown, with roles in place of people."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.domain.incident import Situation
from bot.text.mentions import MENTION
from bot.text.person_names import find_names, split_names
from bot.text.person_placeholders import MARKED, strip_marks
from bot.text.redaction import redact

TOKEN = re.compile(r"<(?:[!#][^>|]*\|?)?([^>]*)>")
"""Slack's other tokens; a comment or a tag of HTML reads like one."""

MARKUP = re.compile(r"[\\`*\[\]]")
STANDS_FOR = re.compile(r".+ \((.+)\)")
"""`Devika (On-Call Engineer)`: somebody who is on call as a contact."""

SOMEBODY = "a responder"


@dataclass(frozen=True, slots=True)
class KnownPeople:
    """Who may be named in what was recorded: their roles, and what they are called, each by Slack id."""

    roles: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)

    def name_role(self, person: str) -> str:
        """What somebody is to a runbook."""
        return self.roles.get(person, SOMEBODY)


def list_people(situation: Situation, names: Mapping[str, str]) -> KnownPeople:
    """Those of an incident: as whom they were paged, and which role they had."""
    roles = {page.person: STANDS_FOR.sub(r"\1", page.contact) for page in situation.pages}
    roles |= {person: f"the {role}" for role, person in situation.roles.items()}
    return KnownPeople({**roles, situation.incident.commander: "the commander"}, names)


def make_plain(text: str, people: KnownPeople) -> str:
    """One line without tags, and with roles where people are named."""
    said = MENTION.sub(lambda found: people.name_role(found[1]), text)
    said = strip_marks(MARKED.sub(lambda found: people.name_role(found[1]), said))
    said = TOKEN.sub(lambda found: found[1], said).replace("<", "‹").replace(">", "›")
    for found in find_names(said, people.names.values(), split_names(people.names.values())):
        said = re.sub(rf"(?<!\w){re.escape(found)}(?!\w)", _find_role(found, people), said)
    return " ".join(said.split())


def _find_role(found: str, people: KnownPeople) -> str:
    """That of whom this name, or part of one, belongs to."""
    owners = [person for person, name in people.names.items() if found.casefold() in name.casefold()]
    return people.name_role(owners[0]) if len(owners) == 1 else SOMEBODY


def escape_markup(text: str) -> str:
    """Plain text as Markdown shows it."""
    return MARKUP.sub(lambda found: f"\\{found[0]}", text)


def has_private_words(text: str) -> bool:
    """Whether there is a secret in it, or what leads to a person."""
    return redact(text) != text
