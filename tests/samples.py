"""How much one run proves: everything with `--all`, a sample spread evenly over it as usual, little with `--quick`.

A sample is the same in each run: fewer examples of Hypothesis, a few cases of what has many, a few scenarios of each
module, some of the calls at which the bot is killed. What has no sample is marked `whole`. Where modules are named,
everything in them is proven.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent
ALL, USUAL, QUICK = 100, 20, 5
"""Of a hundred examples of Hypothesis, so many are tried."""

FEWEST = 10
SCENARIOS = "tests/scenarios/"
SLOW = (
    SCENARIOS,
    "tests/browser/",
    "tests/sandbox/",
    "tests/diagnostics/",
    "tests/bot/adapters/embedded_postgres/test_server.py",
    "tests/bot/adapters/remediation/",
    "tests/bot/adapters/paging/test_lazy.py",
    "tests/bot/adapters/test_database_startup.py::test_garbage_in_libpqs_names",
    "tests/bot/adapters/test_runbook_cache.py::test_all_that_decides",
    "tests/bot/adapters/test_runbook_files.py::test_a_link_out_of_the_folder",
    "tests/bot/adapters/test_runbook_files.py::test_dead_links_of_linked_runbooks",
    "tests/bot/cli/test_check_remediations.py",
    "tests/bot/command_parsers/test_aws_only_reads.py::test_importing_the_recogniser",
    "tests/bot/runbook/test_bridge_line.py::test_check_says",
    "tests/bot/runbook/test_check.py",
    "tests/bot/runbook/test_preflight.py::test_check_",
    "tests/bot/runbook/test_step_classifier.py::test_a_link_that_leaves_the_folder",
    "tests/bot/runbook/test_step_classifier.py::test_check_says",
    "tests/handlers/slack/command_parser/test_incident_references.py::test_a_number_of_thousands",
    "tests/handlers/slack/command_parser/test_incident_references.py::test_thousands_of_digits",
    "tests/handlers/transport/test_connection_limits.py::test_a_process_without_files",
    "tests/test_bot_template.py",
    "tests/test_compiled_schemas.py",
    "tests/test_house.py::test_a_stray_module_fails_the_walls",
    "tests/test_house.py::test_each_wall_stands",
    "tests/test_house.py::test_everything_that_is_imported",
    "tests/test_twins.py::test_every_button",
)
"""What is no part of `--quick`: it starts programs, or waits for them, or takes seconds by itself."""

TOGETHER = "together"
FIRST = (
    "tests/scenarios/test_kill.py",
    "tests/scenarios/test_kill_paging.py",
    "tests/scenarios/test_chaos.py",
    "tests/scenarios/test_two_versions.py",
)
"""What runs several bots side by side and judges how long they take; in a sample two cases of each of their tests."""

ONE_BY_ONE = (
    *FIRST,
    "tests/scenarios/test_kill_inviting.py",
    "tests/scenarios/test_kill_merging.py",
    "tests/scenarios/test_kill_proposals.py",
    "tests/scenarios/test_kill_publishing.py",
    "tests/scenarios/test_kill_remediation.py",
    "tests/scenarios/test_kill_tracking.py",
)
"""What runs several bots side by side: one after the other, on one worker, first of all. Two of them at once would
starve each other, and the last one alone would leave the other worker idle."""

CASES = {
    **dict.fromkeys(FIRST, 2),
    SCENARIOS: 1,
    "tests/bot/command_parsers/test_aws_as_the_cli.py": 40,
    "tests/bot/command_parsers/test_jq.py::test_whatever_is_too_much": 10,
    "tests/bot/runbook/test_hostile_runbooks.py": 10,
    "tests/bot/text/test_personal_numbers.py::test_a_megabyte": 2,
    "tests/bot/text/test_redaction.py::test_a_megabyte": 2,
    "tests/diagnostics/clients/test_large_answers.py": 2,
    "tests/diagnostics/rendering/test_charts.py::test_the_words_of_the_limit": 5,
    "tests/handlers/slack/command_parser/test_incident_references.py::test_thousands_of_digits": 2,
    "tests/handlers/slack/command_parser/test_incident_references.py::test_every_spelling": 40,
    "tests/sandbox/web_ui/test_hostile.py": 5,
}
"""Of a test with parameters so many cases are a sample, by the first of these beginnings that is its own: where each
takes long. Elsewhere all."""

QUICK_CASES = {
    "tests/bot/command_parsers/test_aws_as_the_cli.py": 10,
    "tests/bot/runbook/test_hostile_runbooks.py": 3,
    "tests/bot/text/test_personal_numbers.py::test_a_megabyte": 1,
    "tests/bot/text/test_redaction.py::test_a_megabyte": 1,
    "tests/templates/test_limits.py": 6,
    "tests/templates/test_safety.py": 6,
    "tests/test_payloads.py": 6,
}
"""The same for `--quick`, whose samples are smaller: some of the situations that messages are drawn in."""

OF_A_MODULE = 5
"""So many scenarios of each module are a sample."""

ENTIRE = (*FIRST, "tests/scenarios/test_main_job.py")
"""But of these modules all of them."""

Thing = TypeVar("Thing")


def add_options(parser: pytest.Parser) -> None:
    """The two words of `./tocsin test`."""
    group = parser.getgroup("samples")
    group.addoption("--all", action="store_true", dest="whole", help="prove everything, not a sample of it")
    group.addoption("--quick", action="store_true", help="only what needs no database and no other program")


def choose(config: pytest.Config) -> None:
    """Decide what this run is for; let Hypothesis try so many examples, with no time limits: machines have moods."""
    config.option.whole |= bool(config.args) and all(".py" in arg for arg in config.args)
    per_cent = ALL if config.option.whole else QUICK if config.option.quick else USUAL
    patient = [HealthCheck.too_slow]
    settings.register_profile(
        "chosen",
        max_examples=per_cent,
        deadline=None,
        suppress_health_check=patient,
        derandomize=per_cent < ALL,
    )
    settings.load_profile("chosen")


def examples(most: int) -> int:
    """So many examples in this run, of `most` with `--all`."""
    return max(FEWEST, most * settings().max_examples // 100)


def spread(things: Sequence[Thing], most: int, first: int = 0) -> list[Thing]:
    """At most so many of them at equal distances, beginning about `first`: other numbers choose others."""
    step = max(1, -(-len(things) // most))
    return list(things[first % step :: step])


def chosen(config: pytest.Config, items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """The tests that are part of this run."""
    if config.option.whole:
        return list(items)
    left = [item for item in items if not item.get_closest_marker("whole")]
    if config.option.quick:
        left = [each for each in left if not _is_slow(each)]
    cases = _sample_cases(left, CASES)
    if config.option.quick:
        cases = _sample_cases(cases, QUICK_CASES)
    kept = set(_sample_modules(cases))
    return [each for each in left if each in kept]


def is_passed_over(config: pytest.Config, path: Path) -> bool:
    """Whether nothing of this folder or module is part of the run, so that it need not even be read."""
    place = path.resolve().relative_to(ROOT).as_posix()
    return bool(config.option.quick) and f"{place}/".startswith(
        tuple(f"{slow.rstrip('/')}/" for slow in SLOW)
    )


def _sample_cases(items: Sequence[pytest.Item], table: Mapping[str, int]) -> list[pytest.Item]:
    """A few cases of each test, as the table says."""
    cases: dict[str, list[pytest.Item]] = {}
    for item in items:
        cases.setdefault(item.nodeid.partition("[")[0], []).append(item)
    return [
        item for test, of_it in cases.items() for item in spread(of_it, _cases(test, table) or len(of_it))
    ]


def _cases(test: str, table: Mapping[str, int]) -> int | None:
    """How many cases of this test are a sample; None for all."""
    return next((most for place, most in table.items() if test.startswith(place)), None)


def _sample_modules(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """A few scenarios of each module, and everything else."""
    modules: dict[str, list[pytest.Item]] = {}
    for item in items:
        modules.setdefault(item.nodeid.partition("::")[0], []).append(item)
    return [
        item
        for module, of_it in modules.items()
        for item in spread(of_it, OF_A_MODULE if _has_few(module) else len(of_it))
    ]


def _has_few(module: str) -> bool:
    return module.startswith(SCENARIOS) and module not in ENTIRE


def _is_slow(item: pytest.Item) -> bool:
    return item.nodeid.startswith(SLOW) or "postgres" in getattr(item, "fixturenames", ())


def group_of(nodeid: str) -> str:
    """The name of what runs on one worker: a module, or all that disturbs each other."""
    module = nodeid.partition("::")[0]
    return TOGETHER if module in ONE_BY_ONE else module


def order(items: list[pytest.Item]) -> list[pytest.Item]:
    """Long modules first, so that the last ones are short and no worker waits for the other."""

    def place(item: pytest.Item) -> tuple[bool, bool]:
        return group_of(item.nodeid) != TOGETHER, not item.nodeid.startswith(SLOW)

    return sorted(items, key=place)
