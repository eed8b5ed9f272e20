"""What is said of words in a person's place: who was not understood, who is only spoken of, what may be a name."""

import difflib
from collections.abc import Iterable, Sequence

from bot.errors import RuleViolation
from handlers.slack.people.people_parser import ResolvedPeople
from handlers.slack.request_context import RequestContext


def reject_ambiguous(found: ResolvedPeople, end: str) -> None:
    """Raises Refused where a name fits several."""
    if found.unclear:
        word, names = found.unclear[0]
        raise RuleViolation(f"“{word}” could be {' or '.join(names)}: which one? {end}")


def quote_words(words: Iterable[str]) -> str:
    """Words as they were typed, joined."""
    return " and ".join(f"“{word}”" for word in words)


def describe_unknown(front: RequestContext, words: Sequence[str]) -> str:
    """Who was not understood, and a name that is nearly the same."""
    said = (
        f"I don't know who {quote_words(words)} is."
        if len(words) == 1
        else f"I don't know who {quote_words(words)} are."
    )
    names = list(front.services.contacts)
    near = difflib.get_close_matches(
        words[0].lstrip("@").casefold(), [name.casefold() for name in names], n=1
    )
    meant = next((name for name in names if near and name.casefold() == near[0]), "")
    how = f"Did you mean {meant}?" if meant else "Mention people with @, as Slack offers them."
    return f"{said} {how}"


def describe_contacts(front: RequestContext) -> str:
    """Whom one could name, as a sentence."""
    names = front.services.contacts
    if not names:
        return "There are no contacts; name a person: `/incident page @dana`."
    return f"There are {', '.join(names)}; or name a person: `/incident page @dana`."


def describe_unpaged_words(found: ResolvedPeople) -> list[str]:
    """Who of those in the words is not called, and what may have been a name."""
    said = []
    if found.spoken_of:
        said.append(f"{quote_words(found.spoken_of)} only in your words: not paged.")
    if found.doubtful:
        said.append(f"{describe_doubts(found)} It went along with your words.")
    return said


def describe_doubts(found: ResolvedPeople) -> str:
    """Which of the words may be a name, as a sentence."""
    words = quote_words(found.doubtful)
    if found.left.why:
        return f"{words} {found.left.why}"
    return f"I don't know who {words} {'is' if len(found.doubtful) == 1 else 'are'}."
