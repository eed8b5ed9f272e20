"""Texts that others wrote, made to fit without harm: cut between letters, escaped, kept from turning our own words."""

import re
from collections.abc import Iterator, Sequence

from bot.text.truncation import cut, find_letter_end, take_beginning

__all__ = [
    "cut",
    "escape_mrkdwn",
    "find_letter_end",
    "flatten_text",
    "isolate_bidi",
    "join_names",
    "split_addresses",
    "take_beginning",
    "truncate_mrkdwn",
]

MAX_TEXT_LENGTH = 3500
"""Bytes of a message's plain text: an edit takes 4,000 of them; notifications show far less."""

TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Marks that turn the direction of writing."""


def isolate_bidi(text: str) -> str:
    """The text, set apart line by line where it has marks that would turn our own words after it around."""
    if not TURNING.search(text):
        return text
    return "\n".join(f"\u2068{line}\u2069" if TURNING.search(line) else line for line in text.split("\n"))


def split_addresses(text: str) -> Iterator[tuple[str, bool]]:
    """The text in pieces, each with whether it is an address that can be followed: in letters that look like no others,
    without the marks that end a sentence or a bracket around it."""
    end = 0
    for found in ADDRESS.finditer(text):
        address = _strip_ending(found[0])
        if BARE.fullmatch(address):
            continue
        if found.start() > end:
            yield text[end : found.start()], False
        yield address, True
        end = found.start() + len(address)
    if end < len(text):
        yield text[end:], False


ADDRESS = re.compile(r"(?<![\w.+-])https?://[!-~]*+(?![^\W_a-zA-Z0-9])", re.IGNORECASE)
BARE = re.compile(r"https?://", re.IGNORECASE)
ENDING = re.compile(r"[.,;:!?'*_~`]+$")
BREAKS = re.compile(r"[<>\"`|\\^{}]")


def _strip_ending(address: str) -> str:
    address = BREAKS.split(address, maxsplit=1)[0]
    while True:
        shorter = ENDING.sub("", address)
        for opening, closing in ("()", "[]"):
            if shorter.endswith(closing) and shorter.count(closing) > shorter.count(opening):
                shorter = shorter[:-1]
        if shorter == address:
            return address
        address = shorter


def flatten_text(text: str, limit: int) -> str:
    """For headers and buttons: without line breaks, and within the limit even when it is set apart."""
    return isolate_bidi(cut(" ".join(text.splitlines()), limit - 2 * bool(TURNING.search(text))))


def escape_mrkdwn(text: str) -> str:
    """For mrkdwn: nothing in it can be a mention, a link or an entity."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def truncate_mrkdwn(text: str) -> str:
    """Marked-up text cut at a line's end, so that no token is torn."""
    if _bytes(text) <= MAX_TEXT_LENGTH:
        return text
    kept, used = "", 0
    for line in text.split("\n"):
        used += _bytes(line) + 1
        if used > MAX_TEXT_LENGTH:
            break
        kept += line + "\n"
    if kept:
        return kept + "…"
    plain = text.replace("<", "").replace("&", "")
    fitting = plain.encode("utf-8", "replace")[:MAX_TEXT_LENGTH].decode("utf-8", "ignore")
    return take_beginning(plain, len(fitting)) + "…"


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "replace"))


def join_names(names: Sequence[str]) -> str:
    """`A`, `A and B`, `A, B and C`."""
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)
