"""The sandbox's Remote Config on a port of loopback. `mode` is what goes wrong with publishing."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from sandbox.monitored_systems.firebase import RemoteConfig


@dataclass
class ServedConfig:
    """`sent` are the queries of what was to be published or looked at."""

    config: RemoteConfig
    address: str = ""
    mode: str = ""
    sent: list[dict[str, str]] = field(default_factory=list)


@contextmanager
def serve_config(config: RemoteConfig) -> Iterator[ServedConfig]:
    """The server on a free port of loopback."""
    served = ServedConfig(config)

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *args: Any) -> None:
            return

        def serve(self) -> None:
            asked = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            query = dict(parse_qsl(asked.query))
            is_act = self.command == "PUT" and not query
            if self.command == "PUT":
                served.sent.append(query)
            status: int = 502
            said: dict[str, Any] = {}
            headers: dict[str, str] = {}
            if not (is_act and served.mode == "down"):
                lower = {name.lower(): value for name, value in self.headers.items()}
                status, said, headers = served.config.answer(self.command, asked.path, query, lower, body)
            if is_act and served.mode == "drops":
                self.close_connection = True
                return
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(json.dumps(said).encode())

        do_GET = do_PUT = do_POST = serve  # noqa: N815 - the names of http.server

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
