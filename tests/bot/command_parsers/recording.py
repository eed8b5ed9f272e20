"""A server that keeps the requests it gets and answers each with an error, so that nobody asks twice."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

Request = tuple[str, str, object, object, str]


class Recorder(ThreadingHTTPServer):
    """`requests` are method, path, query, body and target, each in a form that can be compared."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.requests: list[Request] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def taken(self) -> list[Request]:
        """What has come since the last time."""
        found, self.requests = self.requests, []
        return found


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _record(self) -> None:
        assert isinstance(self.server, Recorder)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        kind = self.headers.get("Content-Type") or ""
        parts = urlsplit(self.path)
        query = sorted(parse_qsl(parts.query, keep_blank_values=True))
        target = self.headers.get("X-Amz-Target") or ""
        self.server.requests.append((self.command, parts.path, query, _comparable(body, kind), target))
        answer = b'{"__type": "Recorded", "message": "kept"}'
        if "json" not in kind and "cbor" not in kind:
            answer = (
                b"<ErrorResponse><Error><Code>Recorded</Code></Error><RequestId>1</RequestId></ErrorResponse>"
            )
        self.send_response(400)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _record  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is written for a request."""


def _comparable(body: bytes, kind: str) -> object:
    """The body without its order and the token that every request makes up anew."""
    if "json" in kind:
        return {name: value for name, value in json.loads(body or b"{}").items() if name != "clientToken"}
    if "form" in kind:
        return sorted(parse_qsl(body.decode(), keep_blank_values=True))
    return body


@contextmanager
def recording() -> Iterator[Recorder]:
    """A recorder that listens."""
    server = Recorder()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
