"""Who is meant by a handle: `@shop-lead` is the contact whose line says that this is how to reach them."""

from collections.abc import Sequence
from dataclasses import replace

from bot.runbook.contacts import HANDLE
from bot.runbook.model import Contact, EscalationLevel, Severity


def name_levels(
    levels: Sequence[EscalationLevel], contacts: Sequence[Contact]
) -> tuple[EscalationLevel, ...]:
    """The levels with the names of contacts in the place of their handles."""
    owners = _index_handles(contacts)
    return tuple(replace(level, text=_name(level.text, owners)) for level in levels)


def name_actions(severities: Sequence[Severity], contacts: Sequence[Contact]) -> tuple[Severity, ...]:
    """The severities whose actions and roles have the names of contacts in the place of their handles."""
    owners = _index_handles(contacts)
    return tuple(
        replace(level, action=_name(level.action, owners), role=_name(level.role, owners))
        for level in severities
    )


def _index_handles(contacts: Sequence[Contact]) -> dict[str, str]:
    """By each handle the name of the one contact who has it."""
    owners: dict[str, list[str]] = {}
    for contact in contacts:
        for handle in set(HANDLE.findall(contact.text)):
            owners.setdefault(handle, []).append(contact.name)
    return {handle: names[0] for handle, names in owners.items() if len(names) == 1}


def _name(words: str, owners: dict[str, str]) -> str:
    if not owners or "@" not in words:
        return words
    return HANDLE.sub(lambda found: owners.get(found[0], found[0]), words)
