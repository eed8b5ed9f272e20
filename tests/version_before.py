"""The version before step 013 of the schema, taken from the history of this repository: its code as a folder."""

import io
import os
import subprocess
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
COMMIT = "3092baf2d1a418295556d40d855936d3342e8ef4"
"""The last commit that refuses a step that it does not know, and fails on what it does not know in a row."""

NEEDED = ("bot", "handlers", "templates", "diagnostics")


def code(into: Path) -> Path:
    """Its code in this folder. Where there is no history the test is skipped and says so; a clone without this commit
    fails, since it lacks what it should have."""
    if not (ROOT / ".git").exists():
        pytest.skip(
            "NOT TESTED BESIDE THE VERSION BEFORE: this is no git clone, so that its code is not here"
        )
    asked = ["git", "-C", str(ROOT), "archive", COMMIT, *NEEDED]
    env = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    found = subprocess.run(asked, capture_output=True, env=env, check=False)
    if found.returncode != 0:
        pytest.fail(
            f"The version before ({COMMIT[:7]}) is not in this clone's history: git says "
            f"{found.stderr.decode().strip()!r}. Fetch it: git fetch --unshallow (in CI: a full clone)."
        )
    with tarfile.open(fileobj=io.BytesIO(found.stdout)) as archive:
        archive.extractall(into, filter="data")
    return into
