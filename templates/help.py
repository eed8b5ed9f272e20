"""The answer to `/incident help`."""

from collections.abc import Iterable, Sequence

from bot.ports import SlackPayload
from templates.blocks import build_lines, build_message
from templates.spans import Bold, Code, Line

HelpGroup = tuple[str, Sequence[tuple[str, str]]]
"""A title, and (usage, what it does) of each word below it."""


def command_help(groups: Iterable[HelpGroup]) -> SlackPayload:
    """One line a word, in groups."""
    body: list[Line] = []
    for title, lines in groups:
        body.append((Bold(title),))
        body += [(Code(f"/incident {usage}"), f"  {what}") for usage, what in lines]
    body.append(
        (
            "In an incident's channel, that incident is meant. Elsewhere name it: ",
            Code("/incident update INC-42 …"),
        )
    )
    return build_message(body, build_lines("answer", *body))
