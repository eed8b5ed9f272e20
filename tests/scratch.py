"""Where tests write: a copied database is hundreds of small files, and a machine's disk takes its time for each."""

import os
import shutil
import tempfile
from pathlib import Path

SCRATCH = Path(__file__).resolve().parent.parent / ".tmp"
"""On the disk, in the clone."""

MEMORY = Path("/dev/shm")
ROOM = 4_000_000_000
"""Bytes that have to be free in memory; a whole run uses about a tenth."""

OWN = f"tocsin-{os.getuid()}"


def find_place() -> Path:
    """A folder in memory, where the machine has one with room in which programs may be started; else on the disk."""
    if _is_fit(MEMORY):
        place = MEMORY / OWN
        place.mkdir(mode=0o755, exist_ok=True)
        return place
    SCRATCH.mkdir(exist_ok=True)
    return SCRATCH


def make_server_folder(prefix: str = "pg-") -> Path:
    """A new folder for a PostgreSQL of a test's own. Whoever asks removes it."""
    return Path(tempfile.mkdtemp(prefix=prefix, dir=find_place()))


def _is_fit(place: Path) -> bool:
    try:
        mounted = os.statvfs(place)
    except OSError:
        return False
    may_run = not mounted.f_flag & os.ST_NOEXEC
    return may_run and os.access(place, os.W_OK | os.X_OK) and shutil.disk_usage(place).free > ROOM
