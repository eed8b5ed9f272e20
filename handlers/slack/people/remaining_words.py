"""What is said beside the people of a command: who is spoken of in it, and which words may be a name. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from bot.adapters.slack import unescape_text
from handlers.slack.people.directory import MYSELF, Addressee, Directory, fold_name, has_at
from handlers.slack.people.mention_text import MAX_WORDS_LEFT, SURNAME, Token, parse_mention
from handlers.slack.people.stop_words import ALSO_NAMES, can_be_name, is_verb

MAX_WORDS = 80
"""So many words are looked through for names."""


@dataclass(frozen=True, slots=True)
class RemainingWords:
    """`spoken_of` are known people in the words who are not meant, as they were typed; `doubtful` are words that may be
    meant for a name and fit nobody, and `why` says why they may, where names could not be looked up; `may_name` is the
    first word that could be a name, if all names were known. What `is_text` stands behind a colon, a dash or “because”.
    """

    spoken_of: tuple[str, ...] = ()
    doubtful: tuple[str, ...] = ()
    may_name: str = ""
    is_text: bool = False
    why: str = ""


NOTHING_LEFT = RemainingWords()


def classify_words(
    tokens: Sequence[Token], directory: Directory, meant: Collection[Addressee], is_text: bool
) -> RemainingWords:
    """What these tokens may say of people. Of what `is_text`, behind a colon or “because”, only a few words may."""
    tokens = tokens[:MAX_WORDS]
    if is_text:
        return RemainingWords(
            may_name=_first_name(tokens) if len(tokens) <= MAX_WORDS_LEFT else "", is_text=True
        )
    spoken_of, known = list[str](), set[int]()
    at = 0
    while at < len(tokens):
        if following := _find_known_name(tokens, at, directory, meant):
            spoken_of += [join_tokens(tokens[at:following])]
            known |= set(range(at, following))
        at = following or at + 1
    left = [token for place, token in enumerate(tokens) if place not in known]
    return RemainingWords(tuple(dict.fromkeys(spoken_of)), _doubtful(left), _first_name(left))


def join_tokens(tokens: Sequence[Token]) -> str:
    """What was typed, without what stands around it."""
    said = " ".join(unescape_text(token.text) for token in tokens)
    return said.strip('*_~`"“”„().:!?, ') or said


def _find_known_name(
    tokens: Sequence[Token], at: int, directory: Directory, meant: Collection[Addressee]
) -> int | None:
    """The place behind a known name that stands here, of somebody who is not `meant`."""
    token = tokens[at]
    if (item := parse_mention(token.text)) is not None:
        return None if item.value in {addressee.value for addressee in meant} else at + 1
    match = directory.match([word.text for word in tokens[at : at + MAX_WORDS]], loosely=at == 0)
    if match is None or token.word in MYSELF or _is_word(token):
        return None
    if match.is_part and _is_surname(tokens[at + match.pieces : at + match.pieces + 1]):
        return None  # the beginning of another one's name
    is_new = match.several if match.item is None else match.item not in meant
    return at + match.pieces if is_new else None


def _is_surname(behind: Sequence[Token]) -> bool:
    """Whether the word behind a first name may belong to it."""
    return any(SURNAME.fullmatch(token.text) and can_be_name(token.word) for token in behind)


def _is_word(token: Token) -> bool:
    return token.word in ALSO_NAMES and not token.text.strip('*_~`"“”„(').istitle()


def _doubtful(tokens: Sequence[Token]) -> tuple[str, ...]:
    """Names that fit nobody: with an @ anywhere, else the first words where these are few."""
    found = [join_tokens([token]) for token in tokens if has_at(token.text)]
    joint = bool(tokens) and tokens[0].is_joint
    part = _take_first_part(tokens[1 if joint else 0 :])
    if joint and len(part) > 1 and not is_verb(part[1].word):
        part = part[: MAX_WORDS_LEFT if len(part) == MAX_WORDS_LEFT and can_be_name(part[1].word) else 1]
    if 0 < len(part) <= MAX_WORDS_LEFT and all(can_be_name(token.word) for token in part):
        found.append(join_tokens(part))
    return tuple(dict.fromkeys(found))


def _take_first_part(tokens: Sequence[Token]) -> list[Token]:
    """The words before the first sign of a list; a colon ends them and belongs to them."""
    part = list[Token]()
    for token in tokens:
        if token.is_comma or token.is_joint or not token.word:
            break
        part.append(token)
        if token.text.endswith(":"):
            break
    return part


def _first_name(tokens: Sequence[Token]) -> str:
    """The first word that could be what somebody is called."""
    return next(
        (
            join_tokens([token])
            for token in tokens
            if can_be_name(fold_name(token.text)) or has_at(token.text)
        ),
        "",
    )
