"""What a long run says of itself: each tenth of the tests, each folder when its last test is through, each failure.

A plugin of pytest, for the process that has the workers.
"""

import time
from collections import Counter
from collections.abc import Sequence

import pytest

TENTHS = 10


class Progress:
    """Counts tests by folder, as they end."""

    def __init__(self, reporter: pytest.TerminalReporter) -> None:
        self._reporter = reporter
        self._began = time.monotonic()
        self._all: Counter[str] = Counter()
        self._ended: Counter[str] = Counter()

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, node: object, ids: Sequence[str]) -> None:
        """Every worker collects the same."""
        self._all = Counter(map(folder_of, ids))

    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str] | None:
        """No letter for each test that passed."""
        return (report.outcome if report.when == "call" else "", "", "") if report.passed else None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A failure is named at once; why, stands at the end."""
        if report.failed:
            self._say(f"FAILED {report.nodeid}")

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        folder, before = folder_of(nodeid), self._tenths()
        self._ended[folder] += 1
        if self._ended[folder] == self._all[folder]:
            self._say(f"{folder}: {self._all[folder]} tests")
        if self._tenths() != before:
            self._say(f"{self._tenths() * 100 // TENTHS}%")

    def _tenths(self) -> int:
        return TENTHS * self._ended.total() // max(1, self._all.total())

    def _say(self, words: str) -> None:
        minutes, seconds = divmod(int(time.monotonic() - self._began), 60)
        self._reporter.write_line(f"{minutes:2}:{seconds:02} {words}")


def folder_of(nodeid: str) -> str:
    """`tests/bot` for everything in it, `tests` for what stands in none."""
    parts = nodeid.partition("::")[0].split("/")
    return "/".join(parts[: 2 if len(parts) > 2 else 1])


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Not in the workers, which have no terminal."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if isinstance(reporter, pytest.TerminalReporter) and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Progress(reporter))
