"""Several runbooks in one text: the main one and those it links to, so that an edition of the runbook has them all."""

import posixpath
from collections.abc import Iterator, Mapping
from urllib.parse import unquote

from bot.runbook.model import NamedLink

MARK = "\n\x1c"
"""Stands before the name of each further file: U+001C is the file separator, which no document has."""


def join_files(main: str, linked: Mapping[str, str]) -> str:
    """One text of the main runbook and the linked ones by their names, which are paths beside it."""
    parts = [_clean(main)]
    parts += [f"{_clean(name)}\n{_clean(text)}" for name, text in linked.items()]
    return MARK.join(parts)


def split_files(text: str) -> Iterator[tuple[str, str]]:
    """Name and text of each runbook in a text, the main one first: its name is empty."""
    main, *linked = text.split(MARK)
    yield "", main
    for document in linked:
        name, _, body = document.partition("\n")
        yield name, body


def resolve_link(link: NamedLink) -> str:
    """The path that a relative link leads to, seen from the folder of the main runbook; it may lead out of it."""
    path = unquote(link.url.partition("#")[0])
    return posixpath.normpath(posixpath.join(posixpath.dirname(link.file), path))


def _clean(text: str) -> str:
    return text.replace("\x1c", "\N{REPLACEMENT CHARACTER}")
