"""A code host and a tracker for the demo: the review and what the runbook learns become merge requests that can be
looked at, action items become issues."""

import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sandbox.repositories import BareRepository, GitLabStandIn, HostStandIn
from sandbox.trackers.gitlab_issues import GitLabIssues

RUNBOOK_PATH = "docs/runbook.md"


@dataclass(frozen=True, slots=True)
class DemoHosts:
    """What stands beside the bot; nothing on a machine without git. `settings` lead the bot there."""

    settings: Mapping[str, str] = field(default_factory=dict)
    code: HostStandIn | None = None
    tracker: GitLabIssues | None = None


@asynccontextmanager
async def open_hosts(folder: Path, runbook: Path) -> AsyncIterator[DemoHosts]:
    """Both, on this machine. `folder` is made by this."""
    if shutil.which("git") is None:
        yield DemoHosts()
        return
    files = {RUNBOOK_PATH: runbook.read_text(encoding="utf-8")}
    code = GitLabStandIn(BareRepository(folder, files))
    tracker = GitLabIssues(project=code.NAME)
    await code.start()
    await tracker.start()
    place = f"gitlab:{code.NAME}"
    try:
        yield DemoHosts(
            {
                "TOCSIN_REVIEW_REPOSITORY": f"{place}:docs/incidents",
                "TOCSIN_RUNBOOK_REPOSITORY": f"{place}:{RUNBOOK_PATH}",
                "TOCSIN_REVIEW_TOKEN": code.TOKEN,
                "GITLAB_HOST": code.url,
                "TOCSIN_TRACKER": place,
                "TOCSIN_TRACKER_TOKEN": tracker.token,
                "TOCSIN_TRACKER_URL": tracker.url,
            },
            code,
            tracker,
        )
    finally:
        await tracker.stop()
        await code.stop()
