"""The bot's own database is never the monitored one that libpq's names in the environment point at."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
GARBAGE = {
    "PGHOST": "monitored.invalid",
    "PGHOSTADDR": "192.0.2.1",
    "PGPORT": "1",
    "PGUSER": "somebody",
    "PGPASSWORD": "wrong",
    "PGDATABASE": "elsewhere",
    "PGSERVICE": "nowhere",
    "PGOPTIONS": "-c no_such_setting=1",
    "PGSSLMODE": "verify-full",
    "PGREQUIREAUTH": "scram-sha-256",
    "PGCLIENTENCODING": "nonsense",
    "PGDATESTYLE": "nonsense",
}


@pytest.mark.parametrize("command", ["migrate", "outbox list"])
def test_garbage_in_libpqs_names_does_not_reach_the_bots_own_database(database: str, command: str) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "TOCSIN_DATABASE_URL": database,
        **GARBAGE,
    }
    done = subprocess.run(
        [sys.executable, "-m", "bot", *command.split()],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
