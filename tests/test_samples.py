"""A sample is the same each time, lies evenly, and `--all` leaves nothing out."""

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from tests.progress import folder_of
from tests.samples import CASES, ENTIRE, FIRST, ONE_BY_ONE, QUICK_CASES, SLOW, group_of, spread

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize("count", [0, 1, 4, 5, 6, 27, 31])
def test_a_sample_has_no_more_than_it_may_at_equal_distances(count: int) -> None:
    for first in range(7):
        chosen = spread(range(count), 5, first)
        assert len(chosen) <= 5
        assert bool(chosen) or first or not count
        assert len({later - earlier for earlier, later in pairwise(chosen)}) <= 1


def test_samples_with_other_beginnings_come_to_everything() -> None:
    step = 6  # of 27 things at most 5: each sixth
    assert sorted(each for first in range(step) for each in spread(range(27), 5, first)) == list(range(27))


def test_what_starves_its_neighbours_runs_together_and_a_module_stays_whole() -> None:
    assert {group_of(f"{module}::test_it") for module in ONE_BY_ONE} == {"together"}
    assert all((ROOT / module).is_file() for module in ONE_BY_ONE)
    assert set(FIRST) < set(ONE_BY_ONE)
    assert (
        group_of("tests/diagnostics/engine/test_planner.py::test_it[a::b]")
        == "tests/diagnostics/engine/test_planner.py"
    )


@pytest.mark.parametrize("place", sorted({*CASES, *ENTIRE, *QUICK_CASES, *SLOW}))
def test_every_place_that_is_named_is_there(place: str) -> None:
    file, _, test = place.partition("::")
    assert (ROOT / file).exists()
    assert not test or f"def {test}" in (ROOT / file).read_text()


def test_progress_is_told_by_folder() -> None:
    assert folder_of("tests/bot/command_parsers/test_sql.py::test_it[a/b]") == "tests/bot"
    assert folder_of("tests/test_house.py::test_it") == "tests"


def collected(*words: str) -> set[str]:
    """The tests that such a run would have, of folders with and without a browser, a database and other programs."""
    told = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return {line for line in told.stdout.splitlines() if "::" in line}


@pytest.mark.whole
@pytest.mark.timeout(600)
def test_the_usual_run_is_part_of_the_whole_one_and_the_quick_one_of_the_usual() -> None:
    folders = ("tests/scenarios", "tests/browser", "tests/templates")
    everything, usual, quick = (collected(*words, *folders) for words in (["--all"], [], ["--quick"]))
    assert quick < usual < everything
    assert {each.split("/")[1] for each in quick} == {"templates"}
    scenarios, left = (
        {each.partition("::")[0] for each in run if "/scenarios/" in each} for run in (everything, usual)
    )
    assert left == scenarios
    job = "tests/scenarios/test_main_job.py"
    assert {each.partition("[")[0] for each in usual if job in each} == {
        each.partition("[")[0] for each in everything if job in each
    }


@pytest.mark.whole
@pytest.mark.timeout(600)
def test_of_a_module_that_is_named_nothing_is_left_out() -> None:
    module = "tests/scenarios/test_kill_paging.py"
    assert collected(module) == collected("--all", module)
