"""What Slack refuses in a message, a modal or a home: one sentence with path and limit for each reason."""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from sandbox.slack.block_kit.block_schemas import SURFACES, list_elements
from sandbox.slack.block_kit.elements import ID, plain
from sandbox.slack.block_kit.validators import add_problem, boolean, items, one_of, shape, string

TEXT_IN_BLOCKS = 13_200
MARKDOWN_IN_MESSAGE = 12_000


def find_block_problems(blocks: Any, surface: str, path: str = "/blocks") -> list[str]:
    """Why Slack refuses these blocks on a `message`, `modal` or `home`; empty when it takes them."""
    found: list[str] = []
    most, check = SURFACES[surface]
    items(check, most, 0)(blocks, path, found)
    if not isinstance(blocks, list | tuple) or not all(isinstance(block, dict) for block in blocks):
        return found
    _add_repeated_ids(blocks, path, found)
    _add_message_limits(blocks, path, found)
    return found


def _add_repeated_ids(blocks: Sequence[dict[str, Any]], path: str, found: list[str]) -> None:
    block_ids: set[object] = set()
    for place, block in enumerate(blocks):
        name = block.get("block_id")
        if name and name in block_ids:
            add_problem(
                found, f"{path}/{place}/block_id", f"`block_id` {name} already exists for another block"
            )
        block_ids.add(name)
        counts = Counter(element.get("action_id") for element in list_elements(block))
        for action in sorted(action for action, count in counts.items() if action and count > 1):
            add_problem(found, f"{path}/{place}", f"`action_id` {action} already exists for another element")


def _add_message_limits(blocks: Sequence[dict[str, Any]], path: str, found: list[str]) -> None:
    if sum(block.get("type") == "table" for block in blocks) > 1:
        add_problem(found, path, "only one table allowed in a message")
    markdown = sum(len(str(block.get("text", ""))) for block in blocks if block.get("type") == "markdown")
    if markdown > MARKDOWN_IN_MESSAGE:
        add_problem(
            found, path, f"markdown blocks must be less than {MARKDOWN_IN_MESSAGE + 1} characters together"
        )


def measure_text(value: object) -> int:
    """Characters of all texts inside blocks, as the limit for a whole message counts them."""
    if isinstance(value, list | tuple):
        return sum(measure_text(item) for item in value)
    if isinstance(value, dict):
        return sum(
            len(item) if key == "text" and isinstance(item, str) else measure_text(item)
            for key, item in value.items()
        )
    return 0


MODAL = shape(
    {"type": one_of("modal"), "title": plain(24), "blocks": items(lambda *_: None, 100, 0)},
    {
        "submit": plain(24),
        "close": plain(24),
        "private_metadata": string(3000, 0),
        "callback_id": string(255, 0),
        "external_id": string(255, 0),
        "clear_on_close": boolean,
        "notify_on_close": boolean,
        "submit_disabled": boolean,
    },
)
HOME = shape(
    {"type": one_of("home"), "blocks": items(lambda *_: None, 100, 0)},
    {"private_metadata": string(3000, 0), "callback_id": ID, "external_id": string(255, 0)},
)


def find_view_problems(view: Any, kind: str) -> list[str]:
    """Why Slack refuses this `modal` or `home`; empty when it takes it."""
    found: list[str] = []
    (MODAL if kind == "modal" else HOME)(view, "/view", found)
    if not isinstance(view, dict) or not isinstance(view.get("blocks"), list):
        return found
    found = [problem for problem in found if "/view/blocks]" not in problem]
    found += find_block_problems(view["blocks"], kind, "/view/blocks")
    inputs = any(isinstance(block, dict) and block.get("type") == "input" for block in view["blocks"])
    if kind == "modal" and inputs and "submit" not in view:
        add_problem(found, "/view/submit", "missing required field: submit, as the view has input blocks")
    if len(json.dumps(view)) > 250_000:
        add_problem(found, "/view", "must be less than 250001 bytes")
    return found
