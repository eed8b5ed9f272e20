"""Network facts of a request: internal addresses, connection errors, compressed bodies."""

import functools
import ipaddress
import ssl
import zlib
from urllib.parse import urlsplit

import httpx

from bot.domain.finding import Inconclusive, UnknownCause
from bot.text.redaction import redact


def format_host(url: str) -> str:
    """The host of an address, to be read by people."""
    return redact(urlsplit(url).hostname or "The address")


def is_outside(text: str) -> bool:
    """Whether an address is one of the internet's, also where it has another one in it."""
    address = ipaddress.ip_address(text)
    if isinstance(address, ipaddress.IPv6Address):
        if within := _find_inner_address(address):
            return is_outside(str(within))
        return address.is_global and address in UNICAST
    is_special = address.is_multicast or any(address in network for network in SPECIAL)
    return address.is_global and not is_special


def _find_inner_address(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that this one leads to, however it is written in it."""
    if address in TRANSLATED:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)


def is_link_local(text: str) -> bool:
    """Whether an address is the machine's own neighbourhood, where clouds give out its keys."""
    address = ipaddress.ip_address(text)
    if isinstance(address, ipaddress.IPv6Address):
        address = address.ipv4_mapped or (
            ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if address in TRANSLATED else address
        )
    return address.is_link_local or str(address) in KEY_SERVERS


KEY_SERVERS = frozenset({"fd00:ec2::254", "168.63.129.16", "100.100.100.200"})
"""Addresses of AWS over IPv6, of Azure and of Alibaba that are no link-local ones and give out a machine's keys."""

UNICAST = ipaddress.ip_network("2000::/3")
"""Where the internet's IPv6 addresses are: beside it lie ways of writing IPv4 (`::127.0.0.1`) and old private ones."""

SPECIAL = tuple(map(ipaddress.ip_network, ("192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32")))
"""Kept for protocols (RFC 6890), translators of old, and Azure's own address inside of its machines."""

TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
"""IPv6 addresses that a translator turns into the IPv4 address at their end."""


def explain_connection_error(error: Exception) -> str:
    """Why there is no connection, in words."""
    said = str(error).lower()
    for mark, words in REASONS.items():
        if mark in said:
            return words
    return redact(str(error)).strip().rstrip(".") or BROKEN_OFF


BROKEN_OFF = "it broke the connection off"
REASONS = {
    "self-signed": "its certificate is its own authority's",
    "self signed": "its certificate is its own authority's",
    "has expired": "its certificate has expired",
    "hostname mismatch": "its certificate is for another name",
    "ip address mismatch": "its certificate is for another name",
    "certificate verify failed": "its certificate is not trusted",
    "wrong version number": "it does not speak TLS there",
    "eof occurred in violation": BROKEN_OFF,
    "alert internal error": "it refuses TLS",
    "handshake failure": "it refuses TLS",
    "name or service not known": "its name is not known here",
    "nodename nor servname": "its name is not known here",
    "temporary failure in name resolution": "its name cannot be looked up just now",
    "no address associated": "its name has no address",
    "connection refused": "nothing listens there",
    "reset by peer": BROKEN_OFF,
    "server disconnected": BROKEN_OFF,
    "no route to host": "there is no way to it from here",
    "network is unreachable": "there is no way to it from here",
    "all connection attempts failed": "no address of it takes a connection",
}
"""What a library says of a connection (its beginning or a part, in small letters), and what people say."""


@functools.cache
def load_trust_store() -> ssl.SSLContext:
    """The authorities that every client of this process trusts: reading them takes 30 ms."""
    return httpx.create_ssl_context(trust_env=False)


async def read_body(reply: httpx.Response, asked: str, most: int) -> bytes:
    """The body, unpacked no further than `most` bytes: a few packed ones can be gigabytes."""
    packed = reply.headers.get("content-encoding", "identity").strip().lower()
    if packed not in ("", "identity", "gzip", "x-gzip", "deflate"):
        said = f"{asked} answered packed in a way that was not asked for."
        raise Inconclusive(UnknownCause.NOT_UNDERSTOOD, said)
    unpacking = zlib.decompressobj(wbits=47) if packed not in ("", "identity") else None
    body = bytearray()
    try:
        async for piece in reply.aiter_raw():
            body += unpacking.decompress(piece, most + 1 - len(body)) if unpacking else piece
            if len(body) > most:
                said = f"{asked} answered with more than {most / 1e6:.0f} MB."
                raise Inconclusive(UnknownCause.NOT_UNDERSTOOD, said, "Ask for less of it.")
    except zlib.error:
        raise Inconclusive(UnknownCause.NOT_UNDERSTOOD, f"{asked} answered with a broken {packed}.") from None
    if unpacking and body and not unpacking.eof:
        raise Inconclusive(UnknownCause.NOT_UNDERSTOOD, f"{asked} answered with half a {packed}.")
    return bytes(body)
