"""Cutting never tears a letter, and always says what is missing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text.truncation import make_storable
from templates.escaping import cut, escape_mrkdwn, flatten_text, isolate_bidi, take_beginning


@given(st.text(max_size=400), st.integers(2, 300))
def test_a_cut_text_never_exceeds_its_limit(text: str, limit: int) -> None:
    assert len(cut(text, limit)) <= limit
    assert len(flatten_text(text, limit + 2)) <= limit + 2


LETTERS = ["e\u0301", "👩‍👩‍👧", "👍🏽", "🇮🇳", "नि", "❤️", "1️⃣", "🏴\U000e0067\U000e0062\U000e007f", "क्षि", "กำ", "ﾊﾞ",
           "\u1112\u1161\u11ab", "🏳️‍🌈", "x\u200c", "\r\n", "y\u20dd"]  # fmt: skip
"""Letters of several characters: accents, joiners, skin tones, flags, Indic, Thai, Japanese, Korean of macOS."""


@given(st.lists(st.sampled_from([*LETTERS, "a", " ", "ж"]), max_size=60), st.integers(1, 150))
def test_what_is_kept_ends_between_two_letters(letters: list[str], limit: int) -> None:
    kept = take_beginning("".join(letters), limit)
    assert kept in {"".join(letters[:count]) for count in range(len(letters) + 1)}
    assert len(kept) <= limit


def test_a_heap_of_marks_is_cut_all_the_same() -> None:
    assert len(cut("x" + "\u0301" * 4000, 600)) == 600


@pytest.mark.parametrize("letter", LETTERS[:6])
@pytest.mark.parametrize("limit", range(20, 40))
def test_no_letter_is_torn(letter: str, limit: int) -> None:
    kept = cut(letter * 50, limit).removesuffix("…")
    assert kept == letter * (len(kept) // len(letter))


def test_a_shortened_text_ends_in_an_ellipsis() -> None:
    assert cut("x" * 3000, 600) == "x" * 599 + "…"


def test_a_text_that_fits_stays_as_it_is() -> None:
    assert cut("x" * 600, 600) == "x" * 600
    assert isolate_bidi("as typed *x* <b>") == "as typed *x* <b>"


def test_escaping_leaves_nothing_that_slack_reads() -> None:
    assert escape_mrkdwn("<!channel> & <@U1>") == "&lt;!channel&gt; &amp; &lt;@U1&gt;"


def test_what_no_database_keeps_is_shown_as_a_picture_of_it() -> None:
    assert make_storable("a\0b\x1b[1m\x7f\ud800\x85\r\nc\td\n👩‍🚒") == "a␀b␛[1m␡\ufffd\ufffd\nc\td\n👩‍🚒"
