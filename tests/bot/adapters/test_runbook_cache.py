"""What a runbook means is understood once for each text and each version, and read only where we alone can write."""

import asyncio
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from bot.adapters import runbook_cache
from bot.adapters.runbook_cache import CODE, GRAMMARS, MAX_CACHED_VERSIONS, ROOT, RunbookCache
from bot.domain.playbook import ParsedStep
from bot.runbook import Runbook
from bot.runbook import classify_steps as understood
from bot.services import RunbookVersion, build_version

RUNBOOK = Path(__file__).parents[3] / "templates" / "runbook.md"
TEXT = """# Runbook

## P1 INCIDENT: QUEUE STUCK

```bash
# How long is the queue
aws sqs get-queue-attributes --queue-url https://sqs.example/1/jobs --attribute-names All
```

```bash
redis-cli -h cache.example LLEN jobs
```
"""


def found(text: str = TEXT) -> RunbookVersion:
    return build_version(text, "runbook.md")


def meanings(runbook: Runbook) -> list[ParsedStep | None]:
    return [step.meaning for playbook in runbook.playbooks for step in playbook.steps()]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Runbook]:
    """What was understood anew, in this process."""
    asked: list[Runbook] = []

    async def recognised_here(runbook: Runbook) -> Runbook:
        asked.append(runbook)
        return understood(runbook)

    monkeypatch.setattr(runbook_cache, "classify_in_subprocess", recognised_here)
    return asked


def files(folder: Path) -> list[Path]:
    return sorted((folder / "recognised").iterdir())


async def test_the_second_start_reads_what_the_first_understood(tmp_path: Path, asked: list[Runbook]) -> None:
    here = found(RUNBOOK.read_text())
    first = await RunbookCache(tmp_path)(here)
    assert None not in meanings(first)
    assert await RunbookCache(tmp_path)(here) == first
    assert len(asked) == 1


async def test_it_is_kept_where_only_this_user_enters(tmp_path: Path, asked: list[Runbook]) -> None:
    await RunbookCache(tmp_path / "data")(found())
    assert (tmp_path / "data" / "recognised").stat().st_mode & 0o777 == 0o700
    assert [file.stat().st_mode & 0o777 for file in files(tmp_path / "data")] == [0o600]


async def test_another_text_or_another_version_is_understood_anew(
    tmp_path: Path, asked: list[Runbook], monkeypatch: pytest.MonkeyPatch
) -> None:
    await RunbookCache(tmp_path)(found())
    other = await RunbookCache(tmp_path)(found(TEXT.replace("LLEN", "DEL")))
    assert [meaning.kind for meaning in meanings(other) if meaning] == ["diagnostic", "remediation"]
    monkeypatch.setattr(runbook_cache, "_fingerprint", lambda: "a later version")
    await RunbookCache(tmp_path)(found())
    assert len(asked) == 3


def folder_of_all(folder: Path) -> None:
    (folder / "recognised").chmod(0o777)


def file_of_all(folder: Path) -> None:
    for file in files(folder):
        file.chmod(0o666)


def linked_folder(folder: Path) -> None:
    (folder / "recognised").rename(folder / "elsewhere")
    (folder / "recognised").symlink_to(folder / "elsewhere")


def linked_file(folder: Path) -> None:
    for file in files(folder):
        file.rename(folder / "elsewhere")
        file.symlink_to(folder / "elsewhere")


def cut_off(folder: Path) -> None:
    for file in files(folder):
        file.write_bytes(file.read_bytes()[:-1])


def emptied(folder: Path) -> None:
    for file in files(folder):
        file.write_bytes(b"")


@pytest.mark.parametrize("change", [folder_of_all, file_of_all, linked_folder, linked_file, cut_off, emptied])
async def test_what_others_may_have_written_or_is_damaged_is_not_used(
    tmp_path: Path, asked: list[Runbook], change: Callable[[Path], None]
) -> None:
    first = await RunbookCache(tmp_path)(found())
    change(tmp_path)
    again = await RunbookCache(tmp_path)(found())
    assert [meaning.kind for meaning in meanings(again) if meaning] == [
        meaning.kind for meaning in meanings(first) if meaning
    ]
    assert len(asked) == 2


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives a folder away")
async def test_what_belongs_to_somebody_else_is_not_used(tmp_path: Path, asked: list[Runbook]) -> None:
    await RunbookCache(tmp_path)(found())
    os.chown(tmp_path / "recognised", 65534, 65534)
    await RunbookCache(tmp_path)(found())
    assert len(asked) == 2


class Harmful:
    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        return os.system, ("touch harm",)


async def test_nothing_but_meanings_is_made_of_what_is_read(tmp_path: Path, asked: list[Runbook]) -> None:
    await RunbookCache(tmp_path)(found())
    for file in files(tmp_path):
        file.write_bytes(runbook_cache._pack([Harmful()]))
    with pytest.raises(pickle.UnpicklingError, match=r"system is no part of a meaning"):
        runbook_cache._unpack(runbook_cache._pack([Harmful()]))
    await RunbookCache(tmp_path)(found())
    assert len(asked) == 2


async def test_without_a_place_to_keep_it_every_start_understands_it_anew(
    tmp_path: Path, asked: list[Runbook]
) -> None:
    (tmp_path / "data").write_text("a file")
    for _ in range(2):
        assert None not in meanings(await RunbookCache(tmp_path / "data")(found()))
    assert len(asked) == 2


async def test_what_could_not_be_understood_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def failed(runbook: Runbook) -> Runbook:
        return runbook

    monkeypatch.setattr(runbook_cache, "classify_in_subprocess", failed)
    await RunbookCache(tmp_path)(found())
    assert not (tmp_path / "recognised").exists()


async def test_two_that_start_at_once_leave_one_whole_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Runbook] = []
    at_once = asyncio.Barrier(2)

    async def recognised_together(runbook: Runbook) -> Runbook:
        asked.append(runbook)
        async with asyncio.timeout(60):
            await at_once.wait()
        return understood(runbook)

    monkeypatch.setattr(runbook_cache, "classify_in_subprocess", recognised_together)
    both = await asyncio.gather(*(RunbookCache(tmp_path)(found()) for _ in range(2)))
    assert len(files(tmp_path)) == 1
    assert await RunbookCache(tmp_path)(found()) in both
    assert len(asked) == 2


async def test_only_the_newest_are_kept(tmp_path: Path, asked: list[Runbook]) -> None:
    for number in range(MAX_CACHED_VERSIONS + 3):
        await RunbookCache(tmp_path)(found(f"{TEXT}\nEdition {number}\n"))
    assert len(files(tmp_path)) == MAX_CACHED_VERSIONS
    await RunbookCache(tmp_path)(found(f"{TEXT}\nEdition {MAX_CACHED_VERSIONS + 2}\n"))
    assert len(asked) == MAX_CACHED_VERSIONS + 3


LOADED = """
import pickle, sys
from pathlib import Path
from bot.adapters.runbook_parser_process import classify_steps
from bot.runbook import parse_runbook
from bot.command_parsers import classify_command
classify_steps(parse_runbook(Path("templates/runbook.md").read_text()))
classify_command("curl -s https://a.example/x | jq .a | grep -P 'a'")
for name, module in sorted(sys.modules.items()):
    if getattr(module, "__file__", None):
        print(name, module.__file__)
"""
NEVER_READS = {"certifi", "dateutil", "mdurl", "six", "typing_extensions", "urllib3"}
"""What comes along and decides nothing about a meaning."""


def test_all_that_decides_about_a_meaning_is_in_the_fingerprint() -> None:
    root = ROOT.parent
    told = subprocess.run(
        [sys.executable, "-c", LOADED], cwd=root, capture_output=True, text=True, check=True
    ).stdout
    loaded = dict(line.split(" ", 1) for line in told.splitlines())
    ours = {Path(file) for name, file in loaded.items() if name.split(".")[0] == "bot"}
    hashed = {path for pattern in CODE for path in ROOT.glob(pattern)}
    assert ours
    assert not ours - hashed
    foreign = {name.split(".")[0] for name, file in loaded.items() if "site-packages" in file} - NEVER_READS
    of = packages_distributions()
    apart = {"jq"}  # loaded by a process of its own
    assert {name for each in foreign for name in of[each]} == set(GRAMMARS) - apart
