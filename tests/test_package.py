"""The release as users get it: the Containerfile's steps in a clean root build the wheel, install and start it."""

import asyncio
import os
import subprocess
import tomllib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.cli.scratch import describe_app
from sandbox.demo.bot_process import NOWHERE
from sandbox.slack.seed_users import expect_team
from sandbox.slack.slack import Slack
from tests.containerfile import CleanRoot, Stage, build_environment, parse_containerfile

pytestmark = pytest.mark.whole  # environments are made, and servers started

ROOT = Path(__file__).resolve().parent.parent
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
STARTS_WITHIN = 60.0


@pytest.fixture(scope="module")
def stages() -> list[Stage]:
    return parse_containerfile((ROOT / "Containerfile").read_text())


@pytest.fixture(scope="module")
def root(stages: list[Stage], tmp_path_factory: pytest.TempPathFactory) -> Iterator[CleanRoot]:
    """The first stage's root; at the end nothing below `/app` is another than it was built."""
    if not (ROOT / ".git").exists():
        pytest.skip("this is no git clone: what belongs to the release is not known")
    made = CleanRoot(tmp_path_factory.mktemp("image"), ROOT)
    made.carry_out(stages[0])
    before = inventory(made.folder / "app")
    yield made
    assert inventory(made.folder / "app") == before, "an image's root is read-only"


def inventory(folder: Path) -> set[tuple[str, int]]:
    """Every file below a folder, with its time."""
    return {(str(path), path.lstat().st_mtime_ns) for path in folder.rglob("*")}


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    app = describe_app()
    slack = await Slack.start(scopes=app.scopes, events=app.events)
    expect_team(slack.workspace)
    yield slack
    await slack.stop()


def run(root: CleanRoot, stage: Stage, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """One command of the image's, in a folder that is not ours."""
    given = build_environment(stage, root, **more)
    words = (str(root.folder / "app" / "bin" / words[0]), *words[1:])
    return subprocess.run(words, cwd="/", env=given, capture_output=True, text=True, check=False)


def test_the_second_stage_has_what_the_first_one_made(root: CleanRoot, stages: list[Stage]) -> None:
    copied = [text.split()[-2:] for text in stages[1].texts("COPY")]
    assert [source for source, _ in copied] == [target for _, target in copied] == ["/app", "/state"]
    assert all(Path(root.within(source)).is_dir() for source, _ in copied)
    assert stages[1].texts("USER") == ["65532:65532"]


def test_the_command_says_its_version_and_reads_the_runbook_inside(
    root: CleanRoot, stages: list[Stage]
) -> None:
    said = run(root, stages[1], "tocsin", "--version")
    assert (said.returncode, said.stdout) == (0, f"Tocsin {VERSION}\n"), said.stderr
    said = run(root, stages[1], "tocsin", "check", "--json")
    assert (said.returncode, said.stderr) == (0, "")
    assert '"id": "P0"' in said.stdout
    said = run(root, stages[1], "tocsin", "test")
    assert (said.returncode, said.stdout) == (2, "")
    assert "belongs to a clone" in said.stderr


def test_the_private_database_lives_where_this_users_state_belongs(
    root: CleanRoot, stages: list[Stage], tmp_path: Path
) -> None:
    told = {"TOCSIN_SECRETS_DIR": "/nowhere", "XDG_STATE_HOME": str(tmp_path)}
    given = dict(build_environment(stages[1], root, **told))
    del given["TOCSIN_DATA_DIR"]
    command = [str(root.folder / "app" / "bin" / "tocsin"), "migrate"]
    done = subprocess.run(command, cwd="/", env=given, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "The database is up to date.\n"), done.stderr
    assert (tmp_path / "tocsin").is_dir()
    done = subprocess.run(
        command,
        cwd="/",
        env={**given, "KUBERNETES_SERVICE_HOST": "10.0.0.1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "in Kubernetes no private PostgreSQL is started" in done.stderr


async def test_it_starts_is_alive_and_ends(
    root: CleanRoot, stages: list[Stage], slack: Slack, database: str, tmp_path: Path
) -> None:
    given = build_environment(
        stages[1],
        root,
        SLACK_BOT_TOKEN=slack.bot_token,
        SLACK_SIGNING_SECRET=slack.signing_secret,
        SLACK_API_URL=slack.api_url,
        TOCSIN_DATABASE_URL=database,
        TOCSIN_HTTP="127.0.0.1:0",
        TOCSIN_ADDRESSES=NOWHERE,
        TOCSIN_SECRETS_DIR="/nowhere",
        HOME=str(tmp_path),
        TMPDIR=str(tmp_path),
    )
    log = tmp_path / "log"
    program, *words = stages[1].command
    with log.open("wb") as into:
        running = await asyncio.create_subprocess_exec(
            str(root.folder / "app" / "bin" / program), *words, cwd="/", env=given, stderr=into
        )
    try:
        await slack.wait_for(lambda: "doctor, in short: " in log.read_text(), STARTS_WITHIN, "its start")
        port = log.read_text().partition("ready on http://127.0.0.1:")[2].partition("/")[0]
        health = [word.replace(":3000/", f":{port}/") for word in stages[1].health]
        assert health != stages[1].health
        alive = await asyncio.create_subprocess_exec(
            str(root.folder / "app" / "bin" / health[0]),
            *health[1:],
            cwd="/",
            env=dict(os.environ),
        )
        assert await alive.wait() == 0
        slack.request_url = f"http://127.0.0.1:{port}/slack/events"
        answer = await slack.people.command("ana", "general", "/incident", "declare p0 API is down")
        assert answer.status == 200
        await slack.wait_for(lambda: slack.workspace.find_channel("inc-1-api-is-down"), STARTS_WITHIN)
        running.terminate()
        assert await running.wait() == 0, log.read_text()
    finally:
        if running.returncode is None:
            running.kill()
            await running.wait()
