"""The folder of the private PostgreSQL's socket: short enough for a socket's path, and open to this user only."""

import hashlib
import os
import stat
import tempfile
from pathlib import Path

from bot.adapters.embedded_postgres import pid_file
from bot.adapters.embedded_postgres.binaries import PostgresProblem

MAX_SOCKET_PATH_BYTES = 103
"""Bytes in a socket's path: macOS takes this many, Linux four more."""


def choose_socket_folder(data_dir: Path) -> Path:
    """In `data_dir`, or in the system's temporary folder where that path is too long for a socket or has a comma."""
    near = data_dir / "socket"
    if _fits(near):
        return near
    name = f"tocsin-{os.geteuid()}-{hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]}"
    usual = Path(tempfile.gettempdir()) / name
    return usual if _fits(usual) else Path("/tmp") / name  # noqa: S108 - checked to be ours alone before use


def make_socket_folder(folder: Path) -> None:
    """Make it, unless it is there. Raises PostgresProblem when others may enter it, OSError when it cannot be made."""
    folder.mkdir(mode=0o700, exist_ok=True)
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or stat.S_IMODE(status.st_mode) & 0o077:
        raise PostgresProblem(f"{folder} must be a folder that only this user may enter. Remove it.")


def _fits(folder: Path) -> bool:
    """Whether libpq can be told of a socket there: it takes a comma for the end of a host's name."""
    return "," not in str(folder) and len(os.fsencode(folder / pid_file.SOCKET)) <= MAX_SOCKET_PATH_BYTES
