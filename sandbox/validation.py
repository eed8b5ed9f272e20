"""What Slack refuses in a message, a modal or a home: one sentence with path and limit for each reason."""

import json
from typing import Any

from sandbox.blockkit import SURFACES, elements_of
from sandbox.checks import boolean, items, one_of, problem, shape, string
from sandbox.elements import ID, plain

TEXT_IN_BLOCKS = 13_200
MARKDOWN_IN_MESSAGE = 12_000


def block_problems(blocks: Any, surface: str, path: str = "/blocks") -> list[str]:
    """Why Slack refuses these blocks on a `message`, `modal` or `home`; empty when it takes them."""
    found: list[str] = []
    most, check = SURFACES[surface]
    items(check, most, 0)(blocks, path, found)
    if not isinstance(blocks, list | tuple) or not all(isinstance(each, dict) for each in blocks):
        return found
    seen: set[object] = set()
    for place, block in enumerate(blocks):
        name = block.get("block_id")
        if name and name in seen:
            problem(found, f"{path}/{place}/block_id", f"`block_id` {name} already exists for another block")
        seen.add(name)
        actions = [each.get("action_id") for each in elements_of(block) if each.get("action_id")]
        for twice in sorted({each for each in actions if actions.count(each) > 1}):
            problem(found, f"{path}/{place}", f"`action_id` {twice} already exists for another element")
    tables = [each for each in blocks if each.get("type") == "table"]
    if len(tables) > 1:
        problem(found, path, "only one table allowed in a message")
    markdown = sum(len(str(each.get("text", ""))) for each in blocks if each.get("type") == "markdown")
    if markdown > MARKDOWN_IN_MESSAGE:
        problem(
            found, path, f"markdown blocks must be less than {MARKDOWN_IN_MESSAGE + 1} characters together"
        )
    return found


def text_length(value: object) -> int:
    """Characters of all texts inside blocks, as the limit for a whole message counts them."""
    if isinstance(value, list | tuple):
        return sum(text_length(each) for each in value)
    if isinstance(value, dict):
        return sum(
            len(each) if key == "text" and isinstance(each, str) else text_length(each)
            for key, each in value.items()
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


def view_problems(view: Any, kind: str) -> list[str]:
    """Why Slack refuses this `modal` or `home`; empty when it takes it."""
    found: list[str] = []
    (MODAL if kind == "modal" else HOME)(view, "/view", found)
    if not isinstance(view, dict) or not isinstance(view.get("blocks"), list):
        return found
    found = [each for each in found if "/view/blocks]" not in each]
    found += block_problems(view["blocks"], kind, "/view/blocks")
    inputs = any(isinstance(each, dict) and each.get("type") == "input" for each in view["blocks"])
    if kind == "modal" and inputs and "submit" not in view:
        problem(found, "/view/submit", "missing required field: submit, as the view has input blocks")
    if len(json.dumps(view)) > 250_000:
        problem(found, "/view", "must be less than 250001 bytes")
    return found
