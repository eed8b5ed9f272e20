"""Who is meant by typed words, and what else they say."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from handlers.slack.people.directory import fold_name
from handlers.slack.people.remaining_words import NOTHING_LEFT, RemainingWords
from handlers.slack.people.stop_words import COURTESIES


@dataclass(frozen=True, slots=True)
class UserGroup:
    """A user group of Slack's; `name` is its handle with the @."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class ResolvedPeople:
    """Who is meant. `unknown` are words in a person's place that fit nobody, `unclear` those that fit several, with
    their names. The list `may_go_on` when it ended at a comma or an “and”, behind which a name may stand. `labels` says
    how mentioned people were spelled, `rest` is what else was typed, as Slack sent it."""

    people: tuple[str, ...] = ()
    groups: tuple[UserGroup, ...] = ()
    contacts: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    everyone: bool = False
    unknown: tuple[str, ...] = ()
    unclear: tuple[tuple[str, tuple[str, ...]], ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    rest: str = ""
    may_go_on: bool = False
    left: RemainingWords = NOTHING_LEFT

    @property
    def spoken_of(self) -> tuple[str, ...]:
        """Known people in the words who are not meant."""
        return self.left.spoken_of

    @property
    def doubtful(self) -> tuple[str, ...]:
        """Words that may be meant for a name, and that fit nobody."""
        return self.left.doubtful

    @property
    def may_name(self) -> str:
        """The first of the words that could be a name."""
        return self.left.may_name

    @property
    def count(self) -> int:
        """How many are meant."""
        everyone = 1 if self.everyone else 0
        return len(self.people) + len(self.groups) + len(self.contacts) + len(self.emails) + everyone

    @property
    def leftover(self) -> str:
        """What else was typed, empty when these are courtesies only."""
        words = (fold_name(word) for word in re.findall(r"[^\s,;]+", self.rest))
        return self.rest if any(word and word not in COURTESIES for word in words) else ""
