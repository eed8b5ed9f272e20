"""What several scenarios give and look at: filled fields, contacts, and what was said in a room."""

from pathlib import Path
from typing import Any

from tests.scenarios.conftest import World

KNOWN = """
"CTO" = "slack:U0BRUNO001"
"DevOps Lead" = "slack:U0DEVIKA01"
"On-Call Engineer" = "slack:U0CHIDI001"
"""
"""Everybody by id: nothing has to be looked up, so that the order in a room is always the same."""


def fields(**given: str) -> dict[str, dict[str, Any]]:
    """What is filled in, by block: in our forms the field in a block has the block's name."""
    return {name: {name: value} for name, value in given.items()}


def contacts(tmp_path: Path, text: str) -> dict[str, Path]:
    """The setting that makes these lines the contacts file."""
    path = tmp_path / "others.toml"
    path.write_text(f"[contacts]\n{text}\n")
    return {"contacts": path}


def script(world: World, channel: str) -> list[str]:
    """What the bot said in a room, by the keys of its messages, an incident's number left out: in the order in which
    it was said. Only when people are mentioned depends on when they could be invited, so that stands at the end."""
    keys = [str((message.metadata or {}).get("event_payload", {}).get("key"))
            for message in world.slack.messages(channel, of_bot=True) if message.subtype is None]  # fmt: skip
    said = [":".join(part for part in key.split(":")[1:] if not part.isdigit()) for key in keys]
    return sorted(said, key=lambda each: each.startswith("mention"))
