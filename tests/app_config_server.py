"""The sandbox's AppConfig on a port of loopback. `mode` is what goes wrong with what changes something."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from sandbox.monitored_systems.app_config import AppConfig, FlagEnvironment


@dataclass
class ServedFlags:
    """`changes` are the requests that change something, as far as they were taken."""

    place: FlagEnvironment
    address: str = ""
    mode: str = ""
    changes: list[str] = field(default_factory=list)


@contextmanager
def serve_flags(place: FlagEnvironment) -> Iterator[ServedFlags]:
    """The server on a free port of loopback."""
    served, interface = ServedFlags(place), AppConfig(place)

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *args: Any) -> None:
            return

        def serve(self) -> None:
            path = urlsplit(self.path).path
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            is_act = (path.endswith("/deployments") and self.command == "POST") or self.command == "DELETE"
            status, headers, payload = 500, {}, b"{}"
            if not (is_act and served.mode == "down"):
                lower = {name.lower(): value for name, value in self.headers.items()}
                said = interface.answer(self.command, path, lower, body)
                status, headers, payload = said.status, said.headers, said.payload
                if self.command != "GET" and status < 300:
                    served.changes.append(f"{self.command} {path.rpartition('/')[2]}")
            if is_act and served.mode == "drops":
                self.close_connection = True
                return
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

        do_GET = do_POST = do_DELETE = serve  # noqa: N815 - the names of http.server

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
