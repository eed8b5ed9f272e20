"""The people in typed words: names side by side or joined, and mentions at the end. Pure."""

import re
from collections.abc import Sequence

from bot.adapters.slack import unescape_text
from handlers.slack.people.directory import Addressee, AddresseeKind, AddresseeMatch, Directory, has_at
from handlers.slack.people.mention_text import (
    ARROWS,
    LEADING,
    MAX_WORDS_LEFT,
    SURNAME,
    TOKEN,
    Token,
    parse_mention,
)
from handlers.slack.people.remaining_words import classify_words
from handlers.slack.people.resolution import ResolvedPeople, UserGroup
from handlers.slack.people.stop_words import (
    ALSO_NAMES,
    BECAUSE,
    COURTESIES,
    SPOKEN_OF,
    STARTERS,
    can_be_name,
    is_verb,
)

ARROW = re.compile(r"[-=]*(?:&gt;|>|→)")
BETWEEN = re.compile(rf"^(?:{ARROW.pattern}|[\s,;:–—-])*")
"""What separates people from what is said."""

ON_DECK = frozenset({"on", "come", "join", "help", "we", "you", "your"})
"""Behind “everyone” these begin what is said to them; of others it speaks of them."""


class NameListReader:
    """One reading of a text, from its beginning or from its end."""

    def __init__(self, text: str, directory: Directory) -> None:
        self.text, self.directory = text, directory
        self.tokens = [Token(match_[0], match_.start(), match_.end()) for match_ in TOKEN.finditer(text)]
        self.items: list[Addressee] = []
        self.unknown: list[str] = []
        self.unclear: list[tuple[str, tuple[str, ...]]] = []
        self.rest = text.strip()
        self.may_go_on = False
        self.left: tuple[Sequence[Token], bool] = (), False

    def build_result(self) -> ResolvedPeople:
        """What was found."""

        def of(kind: AddresseeKind) -> tuple[str, ...]:
            return tuple(dict.fromkeys(item.value for item in self.items if item.kind is kind))

        groups = {item.value: item.shown for item in self.items if item.kind is AddresseeKind.GROUP}
        return ResolvedPeople(
            people=of(AddresseeKind.PERSON),
            groups=tuple(UserGroup(id, f"@{name or id}") for id, name in groups.items()),
            contacts=of(AddresseeKind.CONTACT),
            emails=of(AddresseeKind.EMAIL),
            everyone=bool(of(AddresseeKind.EVERYONE)),
            unknown=tuple(dict.fromkeys(self.unknown)),
            unclear=tuple(self.unclear),
            labels={
                item.value: item.shown
                for item in self.items
                if item.kind is AddresseeKind.PERSON and item.shown
            },
            rest=self.rest,
            may_go_on=self.may_go_on,
            left=classify_words(self.left[0], self.directory, self.items, self.left[1]),
        )

    def read_front(self) -> None:
        """The list of people with which the text begins."""
        at = 0
        if len(self.tokens) > 1 and self.tokens[0].word in LEADING:
            at = 1 if self._take(1) is not None else 0
            self._forget()
        if not self.tokens:
            return
        following = self._take(at)
        if following is None:
            at = self._not_understood(at)
            following = at if has_at(self.unknown[0]) else None
        while following is not None:
            at, following = following, self._next(following)
        self.rest = self._from(at)
        if self.items or self.unclear:
            self.left = self._split_text(at)

    def read_end(self) -> None:
        """Mentions behind the words; none when the words only speak of somebody."""
        at = len(self.tokens)
        while at and self._is_mention(self.tokens[at - 1]):
            at -= 1
            while at and (self.tokens[at - 1].is_comma or self.tokens[at - 1].is_joint):
                at -= 1
        before = self.tokens[at - 1] if at else None
        if before is None or at == len(self.tokens) or before.word in SPOKEN_OF:
            return
        for place in range(at, len(self.tokens)):
            if self._is_mention(self.tokens[place]):
                self._take(place)
        points = before.word in LEADING or before.text in ARROWS
        self.left = self.tokens[: at - 1 if points else at], points
        self.rest = self.text[: before.start if points else before.end].strip().rstrip("-–—>→:, ")

    def _is_mention(self, token: Token) -> bool:
        """Whether a token names somebody by itself: a mention, a user group, or an @name of a member."""
        if (item := parse_mention(token.text)) is not None:
            return item.kind in (AddresseeKind.PERSON, AddresseeKind.GROUP)
        return has_at(token.text) and self.directory.match([token.text]) is not None

    def _forget(self) -> None:
        self.items.clear()
        self.unclear.clear()

    def _from(self, at: int) -> str:
        """The text from a token on, without what only separates it from the people."""
        if at >= len(self.tokens):
            return ""
        return BETWEEN.sub("", self.text[self.tokens[at].start :].strip(), count=1)

    def _split_text(self, at: int) -> tuple[Sequence[Token], bool]:
        """The tokens of what is said, and whether a sign or a word says that it is text."""
        place = at
        while place < len(self.tokens) and (self.tokens[place].is_comma or self._is_dash(place)):
            place += 1
        said = self.tokens[place:]
        sign = any(map(self._is_dash, range(at, place))) or (
            at > 0 and self.tokens[at - 1].text.endswith(":")
        )
        return said, sign or bool(said and said[0].word in BECAUSE)

    def _is_dash(self, at: int) -> bool:
        """Whether this token only separates others: `-`, `->`, `:`."""
        token = self.tokens[at]
        return ARROW.fullmatch(token.text) is not None or not (token.word or token.is_comma or token.is_joint)

    def _take(self, at: int) -> int | None:
        """Who is named at this token; the place behind it, None when nobody is."""
        if at >= len(self.tokens):
            return None
        if (item := parse_mention(self.tokens[at].text)) is not None:
            self.items.append(item)
            return at + 1
        words = [token.text for token in self.tokens[at:]]
        match = self.directory.match(words)
        if match is None:
            return None
        said = self._words(at, at + match.pieces)
        if match.item is None:
            self.unclear.append((said, match.several))
        elif match.is_part and self._is_other_name(at, at + match.pieces, match.item.kind):
            return None
        else:
            self.items.append(match.item)
        return at + match.pieces

    def _is_other_name(self, at: int, following: int, kind: AddresseeKind) -> bool:
        """Whether `Dana Smith` was typed where only Dana Jones is known, or `DevOps Leed` for DevOps Lead."""
        if following >= len(self.tokens) or not self.tokens[at].text.lstrip("@＠")[:1].isupper():
            return False
        word = self.tokens[following].text.rstrip(".:!?")
        like_a_name = SURNAME.fullmatch(word) is not None and word.casefold() not in STARTERS
        return like_a_name and (kind is AddresseeKind.PERSON or self._ends(following + 1))

    def _words(self, at: int, until: int) -> str:
        """What was typed from one token to another, without what stands around it."""
        said = unescape_text(self.text[self.tokens[at].start : self.tokens[until - 1].end])
        return said.strip('*_~`"“”„().:!?, ') or said

    def _not_understood(self, at: int) -> int:
        """The word at this token, with the capitalised ones behind it, fits nobody. The place behind them."""
        until = at + 1
        while (
            until < len(self.tokens)
            and SURNAME.fullmatch(self.tokens[at].text.lstrip("@＠"))
            and SURNAME.fullmatch(self.tokens[until].text.rstrip(".:!?"))
        ):
            until += 1
        self.unknown.append(self._words(at, until))
        return until

    def _next(self, at: int) -> int | None:
        """The place behind the next one of the list; None where the list ends."""
        place, joint = at, False
        while place < len(self.tokens) and (self.tokens[place].is_comma or self.tokens[place].is_joint):
            joint = joint or self.tokens[place].is_joint
            place += 1
        if place >= len(self.tokens):
            return None
        token = self.tokens[place]
        if place == at:
            return self._adjacent(token, at)
        self.may_go_on = True
        if not joint and self._begins_sentence(place):
            return None
        following = self._take(place)
        return self._name_in_list(place, joint) if following is None else following

    def _adjacent(self, token: Token, at: int) -> int | None:
        """Without anything between them mentions go on with the list, and names where nothing else follows or what
        follows does not speak of them."""
        if parse_mention(token.text) is not None:
            return self._take(at)
        if has_at(token.text):
            following = self._take(at)
            return self._not_understood(at) if following is None else following
        names = at
        while names < len(self.tokens) and self._is_dash(names):
            names += 1
        if (end := self._names_to_the_end(names)) is not None:
            return end
        is_text = names > at or self.tokens[at - 1].text.endswith(":")
        return None if is_text or self._begins_sentence(at) else self._take(at)

    def _names_to_the_end(self, at: int) -> int | None:
        """The end of the text where nothing but names, and what joins them, stands from this token on."""
        before, following = (len(self.items), len(self.unclear)), at
        while following < len(self.tokens):
            if following > at and (self.tokens[following].is_comma or self.tokens[following].is_joint):
                following += 1
                continue
            taken = self._take(following)
            if taken is None:
                del self.items[before[0] :], self.unclear[before[1] :]
                return None
            following = taken
        return following if following > at else None

    def _begins_sentence(self, at: int) -> bool:
        """Whether the name that stands here only begins what is said: `chidi says …`, `devops pipeline …`."""
        if parse_mention(self.tokens[at].text) is not None or has_at(self.tokens[at].text):
            return False
        match = self._match(at)
        if match is None or self._ends(following := at + match.pieces):
            return False
        word = self.tokens[following].word
        if is_verb(word) or self.tokens[at].word in ALSO_NAMES:
            return True
        if match.item is not None and match.is_part and self._is_other_name(at, following, match.item.kind):
            return False
        if match.item is not None and match.item.kind is AddresseeKind.PERSON:
            return False
        if match.item is not None and match.item.kind is AddresseeKind.EVERYONE:
            return word not in COURTESIES | ON_DECK
        return match.is_part and can_be_name(word)

    def _match(self, at: int) -> AddresseeMatch | None:
        return self.directory.match([token.text for token in self.tokens[at:]])

    def _name_in_list(self, at: int, joint: bool) -> int | None:
        """Few words in a list that fit nobody are a name; more of them are what is said."""
        if has_at(self.tokens[at].text):
            return self._not_understood(at)
        until = self._find_part_end(at)
        part = self.tokens[at:until]
        is_name = len(part) <= MAX_WORDS_LEFT and all(can_be_name(token.word) for token in part)
        if not (is_name and self._is_in_list(at, until, joint)):
            return None
        self.unknown.append(self._words(at, until))
        return until

    def _find_part_end(self, at: int) -> int:
        """The place of the next sign of a list, or behind a colon."""
        until = at
        while until < len(self.tokens) and not (self.tokens[until].is_comma or self.tokens[until].is_joint):
            until += 1
            if self.tokens[until - 1].text.endswith(":"):
                break
        return until

    def _is_in_list(self, at: int, until: int, joint: bool) -> bool:
        """Whether what stands here is one more of a list: what is joined to it or written as a name at its end, what is
        joined in front of a colon, and what the list goes on behind."""
        if until == len(self.tokens):
            return joint or all(token.text[:1].isupper() for token in self.tokens[at:until])
        if self.tokens[until - 1].text.endswith(":"):
            return joint
        return self._goes_on(until)

    def _goes_on(self, at: int) -> bool:
        """Whether the list goes on with somebody known behind its signs here."""
        while at < len(self.tokens) and (self.tokens[at].is_comma or self.tokens[at].is_joint):
            at += 1
        if at >= len(self.tokens) or parse_mention(self.tokens[at].text) is not None:
            return at < len(self.tokens)
        return self._match(at) is not None and not self._begins_sentence(at)

    def _ends(self, at: int) -> bool:
        """Whether the list goes on or ends here, by its signs."""
        if at >= len(self.tokens) or self.tokens[at - 1].text.endswith(":"):
            return True
        token = self.tokens[at]
        return token.is_comma or token.is_joint or not token.word
