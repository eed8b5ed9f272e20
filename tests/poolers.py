"""Debian's PgBouncer before a database, as operators put it."""

import asyncio
import shutil
import signal
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from bot.adapters.embedded_postgres import binaries

PROGRAM = shutil.which("pgbouncer", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
PORT = 6432
CONFIGURATION = """
[databases]
* = host={host} port={port}
[pgbouncer]
listen_addr =
unix_socket_dir = {folder}
listen_port = {own}
auth_type = trust
auth_file = {folder}/users
logfile = {folder}/log
{settings}
"""


@asynccontextmanager
async def open_pooler(address: str, **settings: str) -> AsyncIterator[str]:
    """The address of the same database through a PgBouncer with these settings."""
    assert PROGRAM is not None
    server = conninfo_to_dict(address)
    # Beside the server's own socket: below a test's folder the path can be longer than a socket's may be.
    with tempfile.TemporaryDirectory(prefix="pool-", dir=Path(str(server["host"])).parent) as name:
        folder = Path(name)
        (folder / "users").write_text('"postgres" ""\n')
        lines = "\n".join(f"{name} = {value}" for name, value in settings.items())
        (folder / "ini").write_text(
            CONFIGURATION.format(
                host=server["host"], port=server["port"], folder=folder, own=PORT, settings=lines
            )
        )
        account = await asyncio.to_thread(binaries.choose_account)
        pooler = binaries.spawn(account, [PROGRAM, str(folder / "ini")], subprocess.DEVNULL)
        through = make_conninfo(address, host=str(folder), port=PORT)
        try:
            async with asyncio.timeout(60):
                while not await _answers(through):
                    assert pooler.poll() is None, (folder / "log").read_text()
                    await asyncio.sleep(0.03)
            yield through
        finally:
            pooler.send_signal(signal.SIGINT)
            pooler.kill()
            await asyncio.to_thread(pooler.wait)


async def _answers(address: str) -> bool:
    try:
        async with await psycopg.AsyncConnection.connect(address):
            return True
    except psycopg.OperationalError:
        return False
