"""The app's manifest: valid for Slack, and in step with what the code calls and listens to."""

import json
import re
import struct
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML

import handlers
from bot.adapters.slack import EVENT_SCOPES, SCOPES, list_required_scopes
from sandbox.demo.app_icon import ICON

ROOT = Path(__file__).resolve().parent.parent
ASKED_BY_PORT = re.compile(r'"((?:[a-z]+\.)+[a-zA-Z]+)"')
ASKED_BY_HANDLERS = re.compile(r"\bclient\.([a-z]+(?:_[a-zA-Z]+)+)\(")
HEARD = {"command": re.compile(r"\.command\("), "event": re.compile(r"\.event\(")}


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    with (ROOT / "manifest.yml").open() as file:
        loaded: dict[str, Any] = YAML(typ="safe", pure=True).load(file)
    return loaded


def sources(*rooms: str) -> str:
    """The code of these rooms."""
    return "\n".join(path.read_text() for room in rooms for path in sorted((ROOT / room).rglob("*.py")))


def listeners(kind: str) -> int:
    """How many listeners of a kind the handlers register."""
    return len(HEARD[kind].findall(sources("handlers")))


def test_the_manifest_is_valid_for_slack(manifest: dict[str, Any]) -> None:
    schema = json.loads((ROOT / "tests" / "manifest.schema.json").read_text())
    jsonschema.Draft7Validator.check_schema(schema)
    jsonschema.Draft7Validator(schema, format_checker=jsonschema.FormatChecker()).validate(manifest)


def without_addresses(value: Any) -> Any:
    """The manifest without what leads to YOUR-HOST, and with Socket Mode on."""
    if isinstance(value, dict):
        kept = {key: without_addresses(inner) for key, inner in value.items() if "YOUR-HOST" not in str(inner) or
                isinstance(inner, dict | list)}  # fmt: skip
        return {**kept, "socket_mode_enabled": True} if "socket_mode_enabled" in kept else kept
    return [without_addresses(inner) for inner in value] if isinstance(value, list) else value


def test_the_manifest_for_socket_mode_is_valid_and_the_same_but_for_the_addresses(
    manifest: dict[str, Any],
) -> None:
    with (ROOT / "manifest.socket.yml").open() as file:
        loaded = YAML(typ="safe", pure=True).load(file)
    assert loaded == without_addresses(manifest)
    schema = json.loads((ROOT / "tests" / "manifest.schema.json").read_text())
    jsonschema.Draft7Validator(schema, format_checker=jsonschema.FormatChecker()).validate(loaded)


def test_the_manifest_asks_for_exactly_the_scopes_that_are_used(manifest: dict[str, Any]) -> None:
    scopes = manifest["oauth_config"]["scopes"]
    assert set(scopes) == {"bot"}, "Tocsin acts as itself, never as a person"
    assert scopes["bot"] == sorted(list_required_scopes())


def test_the_scopes_are_named_for_exactly_the_methods_that_are_called() -> None:
    calls = "\n".join(each for each in sources("bot/adapters/slack").split("\n\n") if "call(" in each)
    port = set(ASKED_BY_PORT.findall(calls))
    front = {each.replace("_", ".", 1) for each in ASKED_BY_HANDLERS.findall(sources("handlers"))}
    assert port | front == set(SCOPES)
    assert port & front == set()


def test_the_manifest_has_the_commands_that_are_listened_to(manifest: dict[str, Any]) -> None:
    commands = manifest["features"]["slash_commands"]
    assert tuple(command["command"] for command in commands) == handlers.COMMANDS
    assert all(command["should_escape"] for command in commands), "so that @who arrives as an id"
    assert listeners("command") == len(handlers.COMMANDS)


def test_the_manifest_has_the_events_that_are_listened_to(manifest: dict[str, Any]) -> None:
    events = manifest["settings"]["event_subscriptions"]["bot_events"]
    assert tuple(events) == handlers.EVENTS
    assert set(events) == set(EVENT_SCOPES)
    assert listeners("event") == len({event.partition(".")[0] for event in handlers.EVENTS})


def test_the_manifest_has_the_shortcuts_that_are_listened_to(manifest: dict[str, Any]) -> None:
    shortcuts = manifest["features"]["shortcuts"]
    assert tuple(shortcut["callback_id"] for shortcut in shortcuts) == handlers.SHORTCUTS
    assert {shortcut["type"] for shortcut in shortcuts} == {"message"}


def test_slack_sends_everything_to_one_address(manifest: dict[str, Any]) -> None:
    settings = manifest["settings"]
    addresses = {each["url"] for each in manifest["features"]["slash_commands"]}
    addresses |= {settings["event_subscriptions"]["request_url"], settings["interactivity"]["request_url"]}
    assert addresses == {"https://YOUR-HOST/slack/events"}
    assert settings["interactivity"]["is_enabled"]


def test_the_manifest_lets_direct_messages_through(manifest: dict[str, Any]) -> None:
    assert manifest["features"]["app_home"]["messages_tab_enabled"]


def test_the_app_lives_in_one_workspace_with_a_lasting_token(manifest: dict[str, Any]) -> None:
    settings = manifest["settings"]
    switches = ("org_deploy_enabled", "socket_mode_enabled", "token_rotation_enabled")
    assert [settings[switch] for switch in switches] == [False, False, False]


def test_the_icon_is_the_one_that_is_drawn_and_of_a_size_that_slack_takes() -> None:
    pictures = ROOT / "docs" / "pictures"
    assert (pictures / "icon.svg").read_text() == ICON
    head = (pictures / "icon.png").read_bytes()[:24]
    width, height = struct.unpack(">II", head[16:24])
    assert head.startswith(b"\x89PNG") and width == height and 512 <= width <= 2000
