"""Lines for a narrow terminal."""

import re

from bot.runbook import wrap


def test_a_long_line_is_broken_between_words_and_goes_on_further_in() -> None:
    assert wrap("  warning line 3: one two three four five six seven", 42) == (
        "  warning line 3: one two three four five\n      six seven"
    )


def test_nothing_is_lost_but_blanks_and_no_line_is_wider_than_asked() -> None:
    text = "        not reached: " + "a word and another " * 20 + "\n\nshort\n"
    for width in range(41, 120):
        lines = wrap(text, width).split("\n")
        assert all(len(line) <= width for line in lines)
        assert "".join(lines).replace(" ", "") == text.replace("\n", "").replace(" ", "")


def test_colours_take_no_column() -> None:
    text = "\x1b[33mwarning\x1b[0m " + "word " * 7 + "end"
    assert wrap(text, 47) == text
    assert all(len(re.sub(r"\x1b\[\d+m", "", line)) <= 41 for line in wrap(text, 41).split("\n"))


def test_a_word_that_is_wider_than_the_terminal_stays_whole() -> None:
    assert wrap("https://" + "x" * 80, 41) == "https://" + "x" * 80
