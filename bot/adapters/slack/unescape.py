"""Turns Slack's markup of a message back into the words that people see."""

import html
import re
from collections.abc import Mapping

MENTION = re.compile(r"<(?:([@#])|!subteam\^)([A-Z0-9]+)(?:\|([^<>]*))?>")
"""A person, a channel or a usergroup, often without its label."""

BROADCAST = re.compile(r"<!([^<>|^]+)(?:\^[^<>|]*)?(?:\|([^<>]*))?>")
"""`<!here>`, `<!date^1392734382^{date}|Feb 18>`."""

LINK = re.compile(r"<([a-zA-Z][a-zA-Z0-9+.-]{1,20}:(?!:)[^<>|\s]+)(?:\|([^<>]*))?>")
SCHEME = re.compile(r"^(?:mailto:|tel:|https?://)")
CALLS = frozenset({"here", "channel", "everyone"})


def unescape_text(text: str, addresses: bool = True) -> str:
    """The words as the person saw them: `<@U1|dana>` is @dana, `<https://x|y>` is y (https://x), `&lt;` is <.

    Without `addresses` a link is only its label. NUL, which no database keeps, is ␀.
    """

    def link(found: re.Match[str]) -> str:
        address, label = found[1], (found[2] or "").strip()
        bare = address.removeprefix("mailto:").removeprefix("tel:")
        if not label or label.startswith(("http://", "https://")):
            return bare
        if label == bare or _shorten_address(label) == _shorten_address(address):
            return label
        return f"{label} ({bare})" if addresses else label

    words = LINK.sub(link, BROADCAST.sub(_broadcast, MENTION.sub(_mention, text)))
    return html.unescape(words).replace("\x00", "␀")


def find_unlabelled_ids(text: str) -> set[str]:
    """The ids of the people, channels and usergroups that the text mentions without their names."""
    return {id for _, id, label in MENTION.findall(text) if not label}


def add_labels(text: str, names: Mapping[str, str]) -> str:
    """The markup with the labels that it lacks; `names` are by id."""

    def named(found: re.Match[str]) -> str:
        name = names.get(found[2], "") if not found[3] else ""
        return f"{found[0].rstrip('|>')}|{html.escape(name, quote=False)}>" if name else found[0]

    return MENTION.sub(named, text)


def _mention(found: re.Match[str]) -> str:
    sign, id, label = found.groups()
    sign = sign or "@"
    return sign + (label or id).removeprefix(sign)


def _broadcast(found: re.Match[str]) -> str:
    what, label = found.groups()
    return f"@{what}" if what in CALLS or not label else label


def _shorten_address(address: str) -> str:
    """An address as people say it: without what it begins with, the last slash, and spaces."""
    return SCHEME.sub("", address).removesuffix("/").replace(" ", "").casefold()
