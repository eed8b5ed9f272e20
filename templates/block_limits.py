"""Blocks kept within what Slack takes in one message."""

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from bot.ports import Block
from templates.escaping import cut

MAX_MESSAGE_LENGTH = 12_000
"""Characters in all blocks of a message; Slack refuses somewhere above 13,000."""


def truncate_blocks(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """The blocks with their longest texts cut, where they are more than Slack takes in one message."""
    if (
        len(json.dumps(blocks)) <= MAX_MESSAGE_LENGTH
    ):  # which no text in them can exceed, and takes a tenth of the time
        return blocks
    over = sum(len(leaf["text"]) for leaf in _leaves(blocks)) - MAX_MESSAGE_LENGTH
    if over <= 0:
        return blocks
    blocks = deepcopy(blocks)
    written = [block["elements"] for block in blocks if block["type"] == "rich_text"]
    for leaf in sorted(_leaves(written), key=lambda leaf: -len(leaf["text"])):
        if over <= 0:
            break
        before = len(leaf["text"])
        leaf["text"] = cut(leaf["text"], max(200, before - over))
        over -= before - len(leaf["text"])
    return blocks


def _leaves(value: object) -> Iterator[dict[str, Any]]:
    """Everything in blocks that has a text."""
    if isinstance(value, dict):
        if isinstance(value.get("text"), str):
            yield value
        value = list(value.values())
    if isinstance(value, list | tuple):
        for item in value:
            yield from _leaves(item)
