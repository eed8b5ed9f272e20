"""A code host for the demo: the review and what the runbook learns become merge requests that can be looked at."""

import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from sandbox.repositories import BareRepository, GitLabStandIn

RUNBOOK_PATH = "docs/runbook.md"


@asynccontextmanager
async def open_code_host(folder: Path, runbook: Path) -> AsyncIterator[Mapping[str, str]]:
    """The settings that lead the bot to it; none on a machine without git. `folder` is made by this."""
    if shutil.which("git") is None:
        yield {}
        return
    files = {RUNBOOK_PATH: runbook.read_text(encoding="utf-8")}
    host = GitLabStandIn(BareRepository(folder, files))
    await host.start()
    place = f"gitlab:{host.NAME}"
    try:
        yield {
            "TOCSIN_REVIEW_REPOSITORY": f"{place}:docs/incidents",
            "TOCSIN_RUNBOOK_REPOSITORY": f"{place}:{RUNBOOK_PATH}",
            "TOCSIN_REVIEW_TOKEN": host.TOKEN,
            "GITLAB_HOST": host.url,
        }
    finally:
        await host.stop()
