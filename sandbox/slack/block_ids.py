"""The ids that Slack gives to blocks and elements sent without one."""

import copy
from collections.abc import Iterable

from sandbox.slack.block_kit.block_schemas import list_elements
from sandbox.slack.workspace_model import Json


def assign_ids(blocks: Iterable[Json], taken: str) -> tuple[Json, ...]:
    """A copy of the blocks in which each block and element has an id, made of `taken` and its place."""
    copies = tuple(copy.deepcopy(block) for block in blocks)
    for place, block in enumerate(copies):
        if not block.get("block_id"):
            block["block_id"] = f"{taken}-{place}"
        for number, element in enumerate(list_elements(block)):
            if element.get("type") != "image" and not element.get("action_id"):
                element["action_id"] = f"{taken}-{place}-{number}"
    return copies
