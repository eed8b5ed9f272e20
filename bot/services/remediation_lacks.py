"""What an offer still lacks before it can be proposed: what only a person can say. Pure."""

from collections.abc import Mapping
from dataclasses import replace

from bot.domain.remediation import RemediationKind
from bot.services.remediation_offers import RemediationOffer

LACKS: Mapping[RemediationKind, tuple[frozenset[str], str]] = {
    RemediationKind.ECS_SCALE: (frozenset({"to"}), "Say to how many: `/incident fix scale to 9`."),
    RemediationKind.SWITCH: (
        frozenset({"flag"}),
        "Say which flag, and whether on or off: `/incident fix switch FLAG on`.",
    ),
    RemediationKind.BANNER: (
        frozenset({"text", "off", "restore"}),
        "Say what the banner says: `/incident fix banner WORDS`. Nothing of the incident goes there by itself.",
    ),
}
"""Of each kind one of these parameters has to be there, and what is said where none is."""


def explain_lack(offer: RemediationOffer) -> str:
    """What a person has to say first, in a sentence; empty when nothing lacks."""
    needed, sentence = LACKS.get(offer.kind, (frozenset(), ""))
    return sentence if needed and not needed & offer.parameters.keys() else ""


NAMED = ("application", "environment", "profile", "flag")


def explain_unnamed(offer: RemediationOffer) -> str:
    """What a comment of the runbook should say of a switch and does not, in a sentence; empty when nothing lacks."""
    if offer.kind is not RemediationKind.SWITCH:
        return ""
    lacking = [name for name in NAMED if not offer.parameters.get(name)]
    return (
        f"appconfig.switch needs {', '.join(f'{name}=…' for name in lacking)} in its comment."
        if lacking
        else ""
    )


def write_by_hand(offer: RemediationOffer) -> RemediationOffer:
    """The same, done by a person: the words that were given, to copy."""
    parameters = {"command": offer.parameters.get("text", ""), "title": offer.title}
    return replace(offer, kind=RemediationKind.BY_HAND, parameters=parameters)
