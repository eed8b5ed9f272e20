"""What the way to an answer tells: where an address is, why there is no connection, a packed body's bytes."""

import ipaddress
import zlib
from urllib.parse import urlsplit

import httpx

from diagnostics.finding import CannotTell, Cause
from diagnostics.redaction import redacted


def host(url: str) -> str:
    """The host of an address, to be read by people."""
    return redacted(urlsplit(url).hostname or "The address")


def is_outside(text: str) -> bool:
    """Whether an address is one of the internet's, also where it has another one in it."""
    address = ipaddress.ip_address(text)
    if isinstance(address, ipaddress.IPv6Address):
        within = address.ipv4_mapped or address.sixtofour or (address.teredo and address.teredo[1])
        if address in TRANSLATED:
            within = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if within:
            return is_outside(str(within))
        return address.is_global and address in UNICAST
    return address.is_global and not address.is_multicast and not any(address in each for each in SPECIAL)


UNICAST = ipaddress.ip_network("2000::/3")
"""Where the internet's IPv6 addresses are: beside it lie ways of writing IPv4 (`::127.0.0.1`) and old private ones."""

SPECIAL = tuple(map(ipaddress.ip_network, ("192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32")))
"""Kept for protocols (RFC 6890), translators of old, and Azure's own address inside of its machines."""

TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
"""IPv6 addresses that a translator turns into the IPv4 address at their end."""


def why(error: Exception) -> str:
    """Why there is no connection, in words where it is the certificate."""
    said = str(error).lower()
    for mark, words in CERTIFICATE.items():
        if mark in said:
            return words
    return redacted(str(error)).strip().rstrip(".") or type(error).__name__


CERTIFICATE = {
    "self-signed": "its certificate is its own authority's",
    "self signed": "its certificate is its own authority's",
    "has expired": "its certificate has expired",
    "hostname mismatch": "its certificate is for another name",
    "ip address mismatch": "its certificate is for another name",
    "certificate verify failed": "its certificate is not trusted",
    "wrong version number": "it does not speak TLS there",
}


async def read(reply: httpx.Response, asked: str, most: int) -> bytes:
    """The body, unpacked no further than `most` bytes: a few packed ones can be gigabytes."""
    packed = reply.headers.get("content-encoding", "identity").strip().lower()
    if packed not in ("", "identity", "gzip", "x-gzip", "deflate"):
        said = f"{asked} answered packed in a way that was not asked for."
        raise CannotTell(Cause.NOT_UNDERSTOOD, said)
    unpacking = zlib.decompressobj(wbits=47) if packed not in ("", "identity") else None
    body = bytearray()
    try:
        async for piece in reply.aiter_raw():
            body += unpacking.decompress(piece, most + 1 - len(body)) if unpacking else piece
            if len(body) > most:
                said = f"{asked} answered with more than {most / 1e6:.0f} MB."
                raise CannotTell(Cause.NOT_UNDERSTOOD, said, "Ask for less of it.")
    except zlib.error:
        raise CannotTell(Cause.NOT_UNDERSTOOD, f"{asked} answered with a broken {packed}.") from None
    if unpacking and body and not unpacking.eof:
        raise CannotTell(Cause.NOT_UNDERSTOOD, f"{asked} answered with half a {packed}.")
    return bytes(body)
