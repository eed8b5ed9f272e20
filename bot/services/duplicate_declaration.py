"""Asks whoever declared the same words a moment ago whether it is a second incident.

Nothing is lost by a question: it is asked at once, and its answer declares with all that was said. So what is compared
is only how the words are written, not what they may mean, and nobody is asked about another person's incident, one that
is over, or a rehearsal where this is real. A severity is none of the words.
"""

import json
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from bot.domain.incident_list import RecentDeclaration
from bot.domain.results import DeclaredBeforeResult
from bot.services.context import UserRequest

DUPLICATE_WINDOW = timedelta(minutes=1)
"""For how long after a declaration the same words are asked about."""

ANSWER_TIMEOUT = timedelta(minutes=5)
"""For how long that question can be answered."""


def fold_words(words: str) -> str:
    """Words as they are compared: in one case, without punctuation and more than one space. Of what has nothing else,
    the marks themselves."""
    text = unicodedata.normalize("NFKC", words).casefold()
    bare = "".join(" " if unicodedata.category(letter)[0] in "PZC" else letter for letter in text)
    return " ".join(bare.split()) or " ".join(text.split())


def find_same_words(lately: Iterable[RecentDeclaration], title: str) -> RecentDeclaration | None:
    """The open incident that was declared with these words a moment ago."""
    words = fold_words(title)
    asked = (
        declaration
        for declaration in lately
        if declaration.is_open and declaration.seconds <= DUPLICATE_WINDOW.total_seconds()
    )
    return next((declaration for declaration in asked if fold_words(declaration.words) == words), None)


def build_question(
    before: RecentDeclaration, request: UserRequest, now: datetime, said: Mapping[str, object]
) -> DeclaredBeforeResult:
    """Whether it is another one. It carries what was `said`, so that the answer can declare it."""
    return DeclaredBeforeResult(
        before.number,
        severity=before.severity,
        title=before.title,
        seconds=before.seconds,
        by=request.actor,
        at=now,
        key=request.key,
        said=json.dumps(said, ensure_ascii=False),
    )
