"""Finds a running server by what it leaves: its lock files, socket and processes."""

import asyncio
import os
import struct
from pathlib import Path

PORT = 5432
"""Only a name here: the socket is called after it, and nothing listens on the network."""

SOCKET = f".s.PGSQL.{PORT}"
PROTOCOL = 196608
"""PostgreSQL's wire protocol, version 3.0."""

PROC = Path("/proc")


async def is_answering(socket: Path) -> bool:
    """Whether a server takes connections there: it answers the start-up message by letting us in."""
    try:
        async with asyncio.timeout(2):
            reader, writer = await asyncio.open_unix_connection(str(socket))
            try:
                body = struct.pack("!i", PROTOCOL) + b"user\0postgres\0database\0postgres\0\0"
                writer.write(struct.pack("!i", len(body) + 4) + body)
                kind = await reader.readexactly(1)
                writer.write(b"X" + struct.pack("!i", 4))
                await writer.drain()
                return kind == b"R"
            finally:
                writer.close()
    except (OSError, TimeoutError, asyncio.IncompleteReadError):
        return False


def find_postmaster(cluster: Path) -> int | None:
    """The process that serves the cluster, by its `postmaster.pid`; None when that file is only left over."""
    try:
        pid = int((cluster / "postmaster.pid").read_text().split("\n", 1)[0])
        os.kill(pid, 0)
    except (OSError, ValueError):
        return None
    return pid if not PROC.joinpath("self").exists() or _works_in(pid, cluster) else None


def list_processes_in(cluster: Path) -> list[int]:
    """The processes that have the cluster as their working folder, as every process of its server has."""
    if not PROC.joinpath("self").exists():
        pid = find_postmaster(cluster)
        return [pid] if pid else []
    return [pid for pid in map(int, filter(str.isdigit, os.listdir(PROC))) if _works_in(pid, cluster)]


def _works_in(pid: int, folder: Path) -> bool:
    """A zombie works nowhere, and neither does a process that took over the number of one that is gone."""
    try:
        return Path(os.readlink(PROC / str(pid) / "cwd")) == folder
    except OSError:
        return False


def remove_leftovers(cluster: Path, sockets: Path) -> None:
    """Take away what a killed server left: it would keep the next one from starting."""
    for mark in (cluster / "postmaster.pid", sockets / SOCKET, sockets / f"{SOCKET}.lock"):
        mark.unlink(missing_ok=True)
