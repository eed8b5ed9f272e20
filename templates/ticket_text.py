"""An action item as a tracker shows it: plain text in which nothing of people's words is markup or a mention there."""

import re
from collections.abc import Mapping

from bot.domain.action_item import ActionItem
from bot.text.mentions import MENTION
from templates.escaping import cut
from templates.incident_view import IncidentViewModel

MAX_TITLE = 200
SPECIAL = re.compile(r"<(?:[!#][^>|]*\|?)?([^>]*)>")
BROKEN = "​"
"""Behind an @ it keeps trackers from calling people; nobody sees it."""


def format_ticket_title(text: str) -> str:
    """One line."""
    return cut(" ".join(_make_plain(text, {}).split()), MAX_TITLE)


def format_ticket_text(view: IncidentViewModel, item: ActionItem, names: Mapping[str, str]) -> str:
    """What, of which incident, whose, and what it is good for."""
    incident = view.incident
    owner = names[item.owner] if item.owner else "nobody yet"
    lines = [
        item.text,
        "",
        f"Action item {item.reference} of {incident.reference}: {incident.title}",
        f"Kind: {item.purpose}",
        f"Owner: {owner}",
        f"Added by: {names.get(item.added_by, 'somebody')}",
    ]
    return "\n".join(_make_plain(line, names) for line in lines)


def _make_plain(text: str, names: Mapping[str, str]) -> str:
    """Slack's tokens as people read them; no comment, no mention and no tag of HTML is left."""
    named = MENTION.sub(lambda found: names.get(found[1], "somebody"), text)
    read = SPECIAL.sub(lambda found: found[1], named)
    return read.replace("<", "‹").replace(">", "›").replace("@", f"@{BROKEN}")
