"""The one client: whatever a site answers, and wherever it leads, it ends in time and in words."""

import asyncio
import gzip
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx
import pytest

from bot.domain.finding import Inconclusive, UnknownCause
from diagnostics.clients.http_client import HttpClient
from diagnostics.clients.network import explain_connection_error, is_outside
from sandbox.monitored_systems.redis_server import CERTIFICATE, KEY, make_certificate
from tests.diagnostics.asking import soon

HERE = "127.0.0.1"
Answering = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def served(answer: Answering | bytes, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """A server on this machine that answers each request so; its base address."""

    open_ones: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_ones.append(writer)
        try:
            await reader.readuntil(b"\r\n\r\n")
            if callable(answer):
                await answer(reader, writer)
            else:
                writer.write(answer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()

    server = await asyncio.start_server(serve, HERE, 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    yield f"{'https' if tls else 'http'}://{HERE}:{port}"
    server.close()
    for _ in range(3):  # a connection that was just taken is not among them before its turn of the loop
        await asyncio.sleep(0)
    for one in open_ones:
        one.close()
        with suppress(ConnectionError, ssl.SSLError):
            await one.wait_closed()


def reply(body: bytes = b"{}", *more: str, status: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"content-length: {len(body)}", "connection: close", *more]
    return "\r\n".join([*lines, "", ""]).encode() + body


def here() -> HttpClient:
    return HttpClient(inside=frozenset({HERE}))


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        (b"<html>Just a moment</html>", "text/html", "with a web page"),
        (b'{"a": ', "application/json", "with no JSON"),
        (b"", "application/json", "with no JSON"),
        (b"[" * 100_000, "application/json", "with no JSON"),
        (b"\xff\xfe\x00", "application/json", "with no JSON"),
    ],
)
async def test_what_is_no_json_is_said(body: bytes, kind: str, words: str) -> None:
    async with served(reply(body, f"content-type: {kind}")) as base:
        with pytest.raises(Inconclusive) as why:
            (await here().ask("GET", base, soon())).json()
    assert (why.value.cause, words in why.value.said) == (UnknownCause.NOT_UNDERSTOOD, True), why.value.said


async def test_json_in_utf_16_is_read_by_its_mark() -> None:
    async with served(reply('{"ä": 1}'.encode("utf-16"))) as base:
        assert (await here().ask("GET", base, soon())).json() == {"ä": 1}


async def test_fifty_megabytes_are_not_read() -> None:
    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 52428800\r\n\r\n")
        for _ in range(800):
            writer.write(b" " * 65536)
            await writer.drain()

    async with served(endless) as base:
        with pytest.raises(Inconclusive) as why:
            await here().ask("GET", base, soon())
    assert (why.value.cause, "more than 5 MB" in why.value.said) == (UnknownCause.NOT_UNDERSTOOD, True)


async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
    gone = asyncio.ensure_future(reader.read())
    while not gone.done():
        writer.write(b" ")
        await asyncio.wait([gone], timeout=0.05)


async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def heads(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"x-more: and more\r\n" * 100)
        await writer.drain()


@pytest.mark.parametrize(
    ("answer", "causes"),
    [
        (drip, {UnknownCause.TIMEOUT}),
        (hang, {UnknownCause.TIMEOUT}),
        (heads, {UnknownCause.TIMEOUT, UnknownCause.UNREACHABLE}),
    ],
)
async def test_who_takes_for_ever_is_left_at_the_deadline(
    answer: Answering, causes: set[UnknownCause]
) -> None:
    loop = asyncio.get_running_loop()
    async with served(answer) as base:
        began = loop.time()
        with pytest.raises(Inconclusive) as why:
            await here().ask("GET", base, began + 0.4)
    assert why.value.cause in causes and loop.time() - began < 2


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"SSH-2.0-OpenSSH_9.2\r\n", "answered no HTTP"),
        (b"", "answered no HTTP"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\nhalf", "broke the connection off"),
    ],
)
async def test_what_is_no_http_is_said(answer: bytes, words: str) -> None:
    async with served(answer) as base:
        with pytest.raises(Inconclusive) as why:
            await here().ask("GET", base, soon())
    assert (why.value.cause, words in why.value.said) == (UnknownCause.UNREACHABLE, True), why.value.said


@pytest.mark.parametrize(
    "target",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://localhost:1/",
        "http://[::1]:1/",
        "http://2130706433/",
        "http://[::ffff:10.0.0.1]/",
        "http://0.0.0.0/",
    ],
)
async def test_neither_a_runbook_nor_a_redirect_leads_inside(target: str) -> None:
    redirect = reply(b"", f"location: {target}", status="302 Found")
    async with served(redirect) as base:
        for web, url in ((here(), base), (HttpClient(), target)):
            with pytest.raises(Inconclusive) as why:
                await web.ask("GET", url, soon())
            said = "own keys" if "169.254" in target else "address inside"
            assert (why.value.cause, said in why.value.said) == (UnknownCause.NOT_CONFIGURED, True)


async def test_who_leads_inside_is_named_and_the_address_of_the_machine_s_keys_is_never_advised() -> None:
    redirect = reply(b"", "location: http://169.254.169.254/latest/meta-data/", status="302 Found")
    async with served(redirect) as base:
        with pytest.raises(Inconclusive) as led:
            await here().ask("GET", base, soon())
    assert led.value.said == (
        "127.0.0.1 leads to 169.254.169.254, which gives out this machine's own keys: it is never asked."
    )
    for target in ("http://169.254.169.254/", "http://[fe80::1]/", "http://[::ffff:169.254.169.254]/"):
        with pytest.raises(Inconclusive) as typed:
            await HttpClient().ask("GET", target, soon())
        assert "TOCSIN_INSIDE_HOSTS" not in typed.value.next_look, target
    with pytest.raises(Inconclusive) as meant:
        await HttpClient().ask("GET", "http://10.0.0.7/health", soon())
    assert "TOCSIN_INSIDE_HOSTS" in meant.value.next_look


JARGON = [
    ("[Errno -2] Name or service not known", "its name is not known here"),
    ("[Errno -3] Temporary failure in name resolution", "its name cannot be looked up just now"),
    ("[Errno -5] No address associated with hostname", "its name has no address"),
    ("[Errno 8] nodename nor servname provided, or not known", "its name is not known here"),
    ("[Errno 111] Connection refused", "nothing listens there"),
    ("[Errno 61] Connection refused", "nothing listens there"),
    ("[Errno 104] Connection reset by peer", "it broke the connection off"),
    ("[Errno 113] No route to host", "there is no way to it from here"),
    ("[Errno 101] Network is unreachable", "there is no way to it from here"),
    ("All connection attempts failed", "no address of it takes a connection"),
    ("[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1006)", "it does not speak TLS there"),
    ("[SSL: TLSV1_ALERT_INTERNAL_ERROR] tlsv1 alert internal error (_ssl.c:1006)", "it refuses TLS"),
    ("[SSL: SSLV3_ALERT_HANDSHAKE_FAILURE] ssl/tls alert handshake failure (_ssl.c:1006)", "it refuses TLS"),
    ("[SSL: UNEXPECTED_EOF_WHILE_READING] EOF occurred in violation of protocol", "it broke the connection off"),
    ("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to get local issuer certificate (_ssl.c:1006)",
     "its certificate is not trusted"),
    ("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate (_ssl.c:1006)",
     "its certificate is its own authority's"),
    ("Server disconnected without sending a response.", "it broke the connection off"),
    ("", "it broke the connection off"),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "said"), JARGON, ids=[each[1] + str(n) for n, each in enumerate(JARGON)])
def test_why_there_is_no_connection_is_said_without_a_library_s_words(raw: str, said: str) -> None:
    assert explain_connection_error(httpx.ReadError(raw)) == said


@pytest.mark.parametrize(
    ("address", "outside"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("100.64.0.1", False),
        ("169.254.169.254", False),
        ("224.0.0.1", False),
        ("0.0.0.0", False),
        ("::1", False),
        ("fe80::1", False),
        ("fd00:ec2::254", False),
        ("::ffff:169.254.169.254", False),
        ("64:ff9b::a9fe:a9fe", False),
        ("2002:7f00:1::", False),
        ("::127.0.0.1", False),
        ("::ffff:0:127.0.0.1", False),
        ("64:ff9b:1::7f00:1", False),
        ("fec0::1", False),
        ("192.0.0.8", False),
        ("168.63.129.16", False),
    ],
)
def test_addresses_inside_are_known_in_every_spelling(address: str, outside: bool) -> None:
    assert is_outside(address) is outside


@pytest.mark.parametrize("target", ["http://127.0.0.1:1/", "http://metrics.internal/admin"])
async def test_a_site_outside_leads_to_no_host_that_only_we_may_ask(
    target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def handle(request: httpx.Request) -> httpx.Response:
        return httpx.Response(302, headers={"location": target}, stream=httpx.ByteStream(b""))

    def outside(name: str, port: int, **_: object) -> list[tuple[object, ...]]:
        return [(0, 0, 0, "", ("8.8.8.8" if name == "status.example" else "127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", outside)
    named = {"http://metrics.internal": "http://metrics.internal"}
    web = HttpClient(named, frozenset({"127.0.0.1"}), httpx.MockTransport(handle))
    with pytest.raises(Inconclusive) as why:
        await web.ask("GET", "http://status.example/", soon())
    assert (why.value.cause, "address inside" in why.value.said) == (UnknownCause.NOT_CONFIGURED, True)
    with pytest.raises(Inconclusive, match="without end"):
        await web.ask("GET", target, soon())


async def test_redirects_end_and_are_followed_for_reading_only() -> None:
    async with served(reply(b"", "location: /again", status="302 Found")) as base:
        with pytest.raises(Inconclusive, match="without end"):
            await here().ask("GET", base, soon())
        assert (await here().ask("POST", base, soon(), content=b"x")).status == 302
        assert (await here().ask("GET", base, soon(), redirects=False)).status == 302


async def test_a_key_is_not_taken_along_to_another_host() -> None:
    got: list[str] = []

    async def second(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(reply())

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        got.append((await reader.readuntil(b"\r\n\r\n")).decode())
        await second(reader, writer)
        writer.close()

    server = await asyncio.start_server(listen, HERE, 0)
    other = f"http://{HERE}:{server.sockets[0].getsockname()[1]}/"
    async with served(reply(b"", f"location: {other}", status="302 Found")) as base:
        await here().ask("GET", base, soon(), headers={"Authorization": "Bearer word", "x-note": "kept"})
    server.close()
    assert "Bearer word" not in got[0] and "x-note: kept" in got[0].lower()


async def test_the_request_goes_to_the_address_that_was_looked_at_under_its_own_name() -> None:
    heard: list[str] = []

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append((await reader.readuntil(b"\r\n\r\n")).decode().lower())
        writer.write(reply())
        writer.close()

    server = await asyncio.start_server(listen, HERE, 0)
    port = server.sockets[0].getsockname()[1]
    await HttpClient(inside=frozenset({"localhost"})).ask("GET", f"http://localhost:{port}/x", soon())
    server.close()
    assert f"host: localhost:{port}" in heard[0]


async def test_a_certificate_that_is_not_trusted_is_said_and_curl_k_does_not_mind(tmp_path: Path) -> None:
    make_certificate(tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(tmp_path / CERTIFICATE, tmp_path / KEY)
    async with served(reply(), tls) as base:
        with pytest.raises(Inconclusive) as why:
            await here().ask("GET", base, soon())
        assert "its certificate is its own authority's" in why.value.said
        assert (await here().ask("GET", base, soon(), verify=False)).status == 200


@pytest.mark.parametrize(
    ("url", "cause"),
    [
        ("http://no-such-host.invalid/", UnknownCause.UNREACHABLE),
        ("ftp://example.com/", UnknownCause.NOT_UNDERSTOOD),
        ("file:///etc/passwd", UnknownCause.NOT_UNDERSTOOD),
        ("http:///nothing", UnknownCause.NOT_UNDERSTOOD),
        (f"http://{HERE}:99999/", UnknownCause.UNREACHABLE),
    ],
)
async def test_what_is_no_address_of_the_web_is_not_asked(url: str, cause: UnknownCause) -> None:
    with pytest.raises(Inconclusive) as why:
        await HttpClient().ask("GET", url, soon())
    assert why.value.cause is cause


@pytest.mark.parametrize(
    ("body", "packed", "words"),
    [
        (gzip.compress(b" " * 6_000_000, mtime=0), "gzip", "more than 5 MB"),
        (gzip.compress(gzip.compress(b"{}", mtime=0), mtime=0), "gzip, gzip", "not asked for"),
        (b"{}", "br", "not asked for"),
        (b"{}", "gzip", "a broken gzip"),
        (gzip.compress(bytes(range(256)) * 50, mtime=0)[:-9], "gzip", "half a gzip"),
    ],
)
async def test_what_is_packed_counts_unpacked(body: bytes, packed: str, words: str) -> None:
    async with served(reply(body, f"content-encoding: {packed}")) as base:
        with pytest.raises(Inconclusive) as why:
            await here().ask("GET", base, soon())
    assert (why.value.cause, words in why.value.said) == (UnknownCause.NOT_UNDERSTOOD, True), why.value.said


async def test_a_packed_answer_is_unpacked() -> None:
    async with served(reply(gzip.compress(b'{"a": 1}'), "content-encoding: gzip")) as base:
        assert (await here().ask("GET", base, soon())).json() == {"a": 1}


@pytest.mark.parametrize("body", [b'{"rate": NaN}', b"[Infinity]"])
async def test_what_json_does_not_know_as_a_number_is_not_taken_for_one(body: bytes) -> None:
    async with served(reply(body)) as base:
        with pytest.raises(Inconclusive, match="with no JSON"):
            (await here().ask("GET", base, soon())).json()


async def test_neither_a_cookie_nor_a_connection_of_one_name_serves_another_at_the_same_address() -> None:
    heard: list[tuple[int, str]] = []
    open_ones: list[asyncio.StreamWriter] = []

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_ones.append(writer)
        peer = writer.get_extra_info("peername")[1]
        try:
            while True:
                heard.append((peer, (await reader.readuntil(b"\r\n\r\n")).decode().lower()))
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nset-cookie: word=secret\r\n\r\n{}")
        except (ConnectionError, asyncio.IncompleteReadError):
            return

    server = await asyncio.start_server(listen, HERE, 0)
    port = server.sockets[0].getsockname()[1]
    web = HttpClient(inside=frozenset({HERE, "localhost"}))
    for name in (HERE, "localhost"):
        await web.ask("GET", f"http://{name}:{port}/", soon())
    await web.aclose()
    server.close()
    for _ in range(3):  # a connection that was just taken is not among them before its turn of the loop
        await asyncio.sleep(0)
    for one in open_ones:
        one.close()
        await one.wait_closed()
    (first, _), (second, told) = heard
    assert first != second and "cookie" not in told


async def test_the_next_address_of_a_name_is_tried_when_one_takes_no_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with served(reply(b"[1]")) as base:
        port = int(base.rpartition(":")[2])

        def two(*_: object, **__: object) -> list[tuple[object, ...]]:
            return [(0, 0, 0, "", (each, port)) for each in ("127.0.0.2", HERE)]

        monkeypatch.setattr(socket, "getaddrinfo", two)
        web = HttpClient(inside=frozenset({"api.internal"}))
        assert (await web.ask("POST", f"http://api.internal:{port}/", soon(), content=b"x")).json() == [1]
        with pytest.raises(Inconclusive, match="address inside"):
            await HttpClient().ask("GET", f"http://api.internal:{port}/", soon())


async def test_a_name_that_hangs_is_left_at_the_deadline_and_holds_up_no_other_thread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    go = threading.Event()

    def hang(*_: object, **__: object) -> list[tuple[object, ...]]:
        go.wait(30)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    web, by = HttpClient(), soon(0.5)
    asking = [asyncio.create_task(web.ask("GET", f"https://n{at}.example/", by)) for at in range(50)]
    try:
        await asyncio.sleep(0)
        async with asyncio.timeout(5):
            assert await asyncio.to_thread(int) == 0
            left = await asyncio.gather(*asking, return_exceptions=True)
    finally:
        go.set()
        await web.aclose()
    assert {each.cause for each in left if isinstance(each, Inconclusive)} == {UnknownCause.TIMEOUT} and len(
        left
    ) == 50


@pytest.mark.parametrize("target", ["http://[half/", "gopher://x/"])
async def test_a_redirect_to_nowhere_is_said(target: str) -> None:
    async with served(reply(b"", f"location: {target}", status="302 Found")) as base:
        with pytest.raises(Inconclusive) as why:
            await here().ask("GET", base, soon())
    assert why.value.cause is UnknownCause.NOT_UNDERSTOOD
