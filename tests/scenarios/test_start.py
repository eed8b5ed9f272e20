"""The start: what is wrong is said in sentences, all at once, before anything is served or changed."""

import asyncio
import logging
import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.adapters.embedded_postgres import PrivatePostgres
from bot.errors import SettingsProblem, SlackRejected, TocsinError
from sandbox.slack import make_refusal, plan_by_table
from sandbox.slack.web_api_server import ALL_SCOPES
from tests.scenarios.conftest import RUNBOOK, World

ROOT = RUNBOOK.parents[1]


async def run(world: World, **environment: str | Path | None) -> tuple[int, list[str]]:
    """`python -m bot run` with the world's settings, some of them replaced or (None) left out: exit code and words."""
    settings: dict[str, str | Path | None] = {
        "SLACK_BOT_TOKEN": world.slack.bot_token,
        "SLACK_SIGNING_SECRET": world.slack.signing_secret,
        "SLACK_API_URL": world.slack.api_url,
        "TOCSIN_HTTP": "127.0.0.1:0",
        **environment,
    }
    database = world.settings.database_url
    if database is not None and "TOCSIN_DATA_DIR" not in environment:
        settings.setdefault("TOCSIN_DATABASE_URL", database.get_secret_value())
    given = {name: str(value) for name, value in settings.items() if value is not None}
    return await asyncio.to_thread(_ended, given)


def _ended(given: Mapping[str, str]) -> tuple[int, list[str]]:
    inherited = {name: os.environ[name] for name in ("PATH", "TMPDIR", "HOME") if name in os.environ}
    program = subprocess.run(
        [sys.executable, "-m", "bot", "run"],
        cwd=ROOT,
        env={**inherited, "TOCSIN_SECRETS_DIR": "/nowhere", **given},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert "Traceback" not in program.stderr, program.stderr
    assert program.stdout == ""
    return program.returncode, [line for line in program.stderr.splitlines() if line.startswith("tocsin: ")]


async def test_a_wrong_token_ends_the_start_with_a_sentence_that_says_where_the_right_one_is(
    world: World,
) -> None:
    code, said = await run(world, SLACK_BOT_TOKEN="xoxb-wrong")
    assert (code, len(said)) == (2, 1)
    assert "SLACK_BOT_TOKEN is refused by Slack (invalid_auth)" in said[0]
    assert "OAuth & Permissions" in said[0]
    assert "xoxb-wrong" not in said[0]


async def test_all_settings_that_are_missing_or_wrong_are_named_at_once(world: World) -> None:
    code, said = await run(
        world,
        SLACK_BOT_TOKEN="xapp-1-not-a-bot",
        SLACK_SIGNING_SECRET=None,
        SLACK_API_URL="slack.com",
        TOCSIN_HTTP="3000",
        TOCSIN_UPDATE_EVERY="often",
        TOCSIN_CHANNEL="War Room",
    )
    assert code == 2
    names = ("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_API_URL", "TOCSIN_HTTP", "TOCSIN_UPDATE_EVERY",
             "TOCSIN_CHANNEL")  # fmt: skip
    assert sorted(each.split()[1] for each in said) == sorted(names)
    assert all(each.endswith(".") for each in said)
    assert any("SLACK_SIGNING_SECRET is not set. Copy it from your Slack app" in each for each in said)
    assert not any("xapp-1-not-a-bot" in each for each in said)


async def test_files_and_the_database_address_are_told_together_with_the_settings(
    world: World, tmp_path: Path
) -> None:
    contacts = tmp_path / "contacts.toml"
    contacts.write_text('[contacts]\n"CTO" = "pigeon:1"\n')
    code, said = await run(
        world,
        TOCSIN_HTTP="3000",
        TOCSIN_CONTACTS=contacts,
        TOCSIN_DATABASE_URL="mysql://x",
        TOCSIN_RUNBOOK="/nowhere/RUNBOOK.md",
    )
    assert code == 2
    for words in (
        "TOCSIN_HTTP must be",
        "pigeon:1",
        "TOCSIN_DATABASE_URL is an address of another kind of database (mysql://)",
        "TOCSIN_RUNBOOK: /nowhere",
    ):
        assert sum(words in sentence for sentence in said) == 1, (words, said)
    assert len(said) == 4


async def test_a_runbook_that_cannot_be_read_ends_the_first_start(world: World) -> None:
    code, said = await run(world, TOCSIN_RUNBOOK="/nowhere/RUNBOOK.md")
    sentence = "tocsin: TOCSIN_RUNBOOK: /nowhere/RUNBOOK.md cannot be read: No such file or directory."
    assert (code, said) == (2, [sentence])


@pytest.mark.parametrize(
    ("content", "why"),
    [(None, "No such file"), ("folder", "Is a directory"), (b"# Runbook\n\xff\n", "")],
    ids=["missing", "a folder", "no text"],
)
async def test_after_a_good_start_the_last_good_runbook_takes_over_and_the_log_says_so(
    world: World, tmp_path: Path, caplog: pytest.LogCaptureFixture, content: bytes | str | None, why: str
) -> None:
    path = tmp_path / "RUNBOOK.md"
    if content == "folder":
        path.mkdir()
    elif isinstance(content, bytes):
        path.write_bytes(content)
    with pytest.raises(SettingsProblem, match="TOCSIN_RUNBOOK: .* cannot be read: " + why):
        async with world.bot(runbook=path):
            pass
    async with world.bot():
        await world.quiet()
    caplog.clear()
    async with world.bot(runbook=path):
        await world.declared("declare p3 Search is slow")
        (line,) = (record for record in caplog.records if record.levelno >= logging.ERROR)
        assert line.getMessage().endswith(". Keeping the last good runbook.")
        assert ".." not in line.getMessage().replace(str(path), "")
        assert line.exc_info is None


async def test_a_contacts_file_that_cannot_be_used_ends_the_start_with_every_reason(
    world: World, tmp_path: Path
) -> None:
    contacts = tmp_path / "people.toml"
    contacts.write_text('[contacts]\n"CTO" = "bruno"\n"DevOps Lead" = 7\n')
    with pytest.raises(SettingsProblem) as problem:
        async with world.bot(contacts=contacts):
            pass
    assert ['"CTO"' in problem.value.problems[0], '"DevOps Lead"' in problem.value.problems[1]] == [
        True,
        True,
    ]


async def test_a_port_that_is_taken_ends_the_start(world: World) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        code, said = await run(world, TOCSIN_HTTP=address)
    assert code == 2
    assert said == [f"tocsin: TOCSIN_HTTP: {address} cannot be used: Address already in use."]


async def test_a_host_that_is_not_ours_ends_the_start(world: World) -> None:
    for address in ("192.0.2.1:3000", "no.such.host.invalid:3000"):
        with pytest.raises(SettingsProblem, match=f"TOCSIN_HTTP: {address} cannot be used: "):
            async with world.bot(http=address):
                pass


async def test_a_data_folder_that_cannot_be_written_ends_the_start(world: World, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    code, said = await run(world, TOCSIN_DATA_DIR=tmp_path / "file" / "tocsin")
    assert code == 2
    assert said[0].startswith(f"tocsin: TOCSIN_DATA_DIR: {tmp_path}/file")
    assert "cannot be written" in said[0]


async def test_a_second_bot_on_the_same_data_folder_ends_and_names_the_first(
    world: World, postgres: PrivatePostgres
) -> None:
    code, said = await run(world, TOCSIN_DATA_DIR=postgres.folder)
    assert (code, len(said)) == (2, 1)
    assert f"Another Tocsin (process {os.getpid()}) uses {postgres.folder}." in said[0]


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://tocsin:s3cret@db:port/tocsin",
        "postgresql://tocsin:s3/cret@db/tocsin",
        "postgresql://tocsin:s3cret@[::1/tocsin",
        "postgresql://tocsin:s3cret@db/tocsin?sslmode=perhaps",
        "postgresql://tocsin:s3cret@db:99999/tocsin",
        "the s3cret database",
    ],
)
async def test_an_address_of_the_database_that_cannot_be_parsed_ends_the_start(
    world: World, address: str
) -> None:
    code, said = await run(world, TOCSIN_DATABASE_URL=address)
    assert (code, len(said)) == (2, 1)
    assert said[0].startswith(
        "tocsin: TOCSIN_DATABASE_URL cannot be parsed. Write postgresql://USER:PASSWORD@HOST"
    )
    assert "s3" not in said[0]


async def test_an_address_of_another_kind_of_database_is_told_as_that(world: World) -> None:
    code, said = await run(world, TOCSIN_DATABASE_URL="mysql://tocsin:s3cret@db/tocsin")
    assert (code, len(said)) == (2, 1)
    assert "an address of another kind of database (mysql://)" in said[0]
    assert "Write postgresql://USER:PASSWORD@HOST" in said[0] and "s3" not in said[0]


async def test_a_missing_scope_is_named_in_the_log_and_at_readyz_and_the_rest_works(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.slack.api.scopes = ALL_SCOPES - {"pins:write", "bookmarks:write"}
    async with world.bot():
        assert "the Slack app lacks the scopes bookmarks:write, pins:write" in caplog.text
        assert "reinstall the app" in caplog.text
        await world.quiet()
        status, said = await readyz(world)
        assert (status, said["status"]) == (200, "degraded")
        assert said["reasons"] == ["the Slack app lacks the scopes bookmarks:write, pins:write"]
        channel = await world.declared("declare p3 Search is slow")
        shown = "\n".join(world.text(post) for post in world.posts(channel))
        assert "I couldn't do this: pinning the alert." in shown
        assert "add the scope pins:write" in shown
        assert "I couldn't do this: the bookmark." in shown
        assert "pin:1: moved to dead letters" in caplog.text


async def test_a_slack_that_is_away_at_the_start_does_not_stop_it_and_readyz_says_so(
    world: World,
) -> None:
    async with world.bot():
        await world.incident("ana", "declare")  # she is known from now on
    await world.slack.go_away()
    async with world.bot():
        _, said = await readyz(world)
        assert said["status"] == "degraded"
        assert "Slack could not be reached" in str(said["reasons"])
        assert "INC-1 is declared" in (await world.incident("ana", "declare p0 API is down")).body
        await world.slack.come_back()
        await world.quiet()
        assert len(world.slack.direct_messages("bruno")) == 1
        _, said = await readyz(world)
        assert said == {"status": "ok"}


async def test_a_slack_that_refuses_the_start_for_another_reason_is_quoted(world: World) -> None:
    world.slack.api.faults = plan_by_table({"auth.test": make_refusal("team_access_not_granted")})
    with pytest.raises(TocsinError) as error:
        async with world.bot():
            pass
    assert isinstance(error.value, SlackRejected)
    assert str(error.value) == "Slack refused auth.test: team_access_not_granted"


async def test_the_start_says_in_the_log_who_would_not_be_reached(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    async with world.bot():
        pass
    said = [message for message in caplog.messages if "cannot page" in message]
    assert said == [
        "P0 cannot page AWS Support: no contact method",
        "P1 cannot page Senior engineers: no contact has that name",
    ]


async def readyz(world: World) -> tuple[int, dict[str, Any]]:
    assert world.running is not None
    host, port = world.running.address
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://{host}:{port}/readyz") as answer,
    ):
        return answer.status, await answer.json()
