"""What the app offers to people: its command with the words that follow, and its message shortcuts."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from ruamel.yaml import YAML

BETWEEN_USAGES = " · "


class CommandUsage(NamedTuple):
    """One thing that can be typed after the command: its first word, the whole form, and what it does."""

    word: str
    form: str
    does: str


class Shortcut(NamedTuple):
    """An entry in a message's menu."""

    callback_id: str
    name: str


@dataclass(frozen=True, slots=True)
class AppCommands:
    """As Slack knows it from the app's manifest, with the words from the app's own help."""

    command: str = "/incident"
    usages: tuple[CommandUsage, ...] = ()
    shortcuts: tuple[Shortcut, ...] = ()


def read_app_commands(
    manifest: Path, words: Iterable[str], help_rows: Iterable[tuple[str, str]]
) -> AppCommands:
    """`words` are all that follow the command; `help_rows` are lines of its help: forms with ` · ` between
    them, and what they do. A word without a line of help stands alone.
    """
    features = YAML(typ="safe", pure=True).load(manifest)["features"]
    usages = [
        CommandUsage(form.split()[0], form, does)
        for forms, does in help_rows
        for form in forms.split(BETWEEN_USAGES)
    ]
    explained = {usage.word for usage in usages}
    usages += [CommandUsage(word, word, "") for word in words if word not in explained]
    return AppCommands(
        command=features["slash_commands"][0]["command"],
        usages=tuple(usages),
        shortcuts=tuple(
            Shortcut(feature["callback_id"], feature["name"])
            for feature in features["shortcuts"]
            if feature["type"] == "message"
        ),
    )
