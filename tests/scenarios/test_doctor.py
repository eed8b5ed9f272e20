"""`tocsin doctor`: each line says how it is, and what mends it."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.scenarios.conftest import CONTACTS, RUNBOOK, World


async def examined(world: World, folder: Path, **more: str) -> tuple[int, list[dict[str, Any]]]:
    """The exit code and the lines of `doctor --json` with the world's settings."""
    contacts = folder / "contacts.toml"
    contacts.write_text(CONTACTS)
    assert world.settings.database_url is not None
    given = {
        "PATH": os.environ["PATH"],
        "TOCSIN_SECRETS_DIR": "/nowhere",
        "SLACK_BOT_TOKEN": world.slack.bot_token,
        "SLACK_SIGNING_SECRET": world.slack.signing_secret,
        "SLACK_API_URL": world.slack.api_url,
        "TOCSIN_DATABASE_URL": world.settings.database_url.get_secret_value(),
        "TOCSIN_CONTACTS": str(contacts),
        **more,
    }
    command = [sys.executable, "-m", "bot", "doctor", "--json"]
    done = await asyncio.to_thread(
        subprocess.run,
        command,
        cwd=RUNBOOK.parents[1],
        env=given,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, json.loads(done.stdout)["lines"]


def told(lines: list[dict[str, Any]], level: str) -> list[str]:
    """The texts of one level."""
    return [line["text"] for line in lines if line["level"] == level]


async def test_with_right_settings_no_line_is_red(world: World, tmp_path: Path) -> None:
    code, lines = await examined(world, tmp_path)
    assert (code, told(lines, "red")) == (0, [])
    assert {"Settings", "Slack", "People", "Clock", "Database", "Runbook", "Disk"} == {
        line["section"] for line in lines
    }
    assert all(line["mend"] for line in lines if line["level"] != "green")


async def test_a_refused_token_and_a_database_that_is_away_are_red_with_their_mend(
    world: World, tmp_path: Path
) -> None:
    away = "postgresql://nobody@127.0.0.1:1/none"
    code, lines = await examined(world, tmp_path, SLACK_BOT_TOKEN="xoxb-wrong", TOCSIN_DATABASE_URL=away)
    assert code == 1
    red = {line["section"]: line for line in lines if line["level"] == "red"}
    assert {"Slack", "Database"} <= set(red)
    assert red["Slack"]["mend"].startswith("Copy the Bot User OAuth Token again")


async def test_settings_that_are_wrong_are_said_all_at_once(world: World, tmp_path: Path) -> None:
    wrong = {"TOCSIN_DATABASE_URL": "mysql://x", "TOCSIN_UPDATE_EVERY": "soon"}
    code, lines = await examined(world, tmp_path, **wrong)
    assert code == 1
    assert len(told(lines, "red")) == 2
    assert any("another kind of database (mysql://)" in text for text in told(lines, "red"))
