"""Invites many people into a channel: Slack takes a group at a time, and may refuse the group for one."""

from collections.abc import Mapping, Sequence

from bot.adapters.slack import response_parsers
from bot.adapters.slack.web_client import PartialRejection, SlackWebClient
from bot.errors import TOKEN_CODES

GROUP = 100
BROUGHT = frozenset({"already_in_channel", "cant_invite_self"})
"""Refusals of somebody who is there anyway."""

ABOUT_EVERYONE = TOKEN_CODES | {
    "missing_scope",
    "channel_not_found",
    "not_in_channel",
    "is_archived",
    "method_not_supported_for_channel_type",
    "restricted_action",
    "external_channel_migrating",
}
"""Refusals that would meet each person alike: the channel's or the bot's fault."""


async def invite_people(wire: SlackWebClient, channel: str, people: Sequence[str]) -> Mapping[str, str]:
    """The people who could not be brought in, each with Slack's code; an error about everyone is raised."""
    unique = list(dict.fromkeys(people))
    refused: dict[str, str] = {}
    for start in range(0, len(unique), GROUP):
        refused |= await _invite(wire, channel, unique[start : start + GROUP])
    return {person: code for person, code in refused.items() if code not in BROUGHT}


async def _invite(wire: SlackWebClient, channel: str, group: Sequence[str]) -> Mapping[str, str]:
    """Everyone named in one group's refusals, the harmless ones included."""
    if not group:
        return {}
    try:
        return await wire.call(
            "conversations.invite",
            response_parsers.parse_left_out,
            channel=channel,
            users=",".join(group),
            force=True,
        )
    except PartialRejection as refusal:
        if refusal.code in ABOUT_EVERYONE:
            raise
        if len(group) == 1:
            return {group[0]: refusal.code}
        named = {person: code for person, code in refusal.people.items() if person in group}
    if named:
        rest = [person for person in group if person not in named]
        return {**named, **await _invite(wire, channel, rest)}
    half = len(group) // 2
    return {**await _invite(wire, channel, group[:half]), **await _invite(wire, channel, group[half:])}
