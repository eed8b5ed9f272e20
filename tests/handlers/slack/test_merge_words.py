"""How the words of `merge` are read: which incident, and into which."""

import pytest

from handlers.slack.command_parser import parse_command
from tests.handlers.slack.command_parser.test_incident_references import SPELLINGS


def read(text: str) -> tuple[list[int | None], int | None, str]:
    """The numbers that are named first, the other one's, and the words that are left."""
    command = parse_command(text)
    assert command.word == "merge"
    return (
        [reference.number for reference in command.references],
        command.other.number if command.other else None,
        command.rest,
    )


@pytest.mark.parametrize(
    "text",
    [
        "merge INC-7",
        "merge inc 7",
        "merge 7",
        "merge #7",
        "MERGE into INC-7",
        "merge in INC-7",
        "merge with INC-7",
        "merge this into INC-7",
        "merge this with inc-7",
        "merge → INC-7",
        "merge INC-7 please",
        "please merge INC-7".removeprefix("please "),
        "merge into: *INC-7*",
        "merge into #inc-7-api-is-down",
        "/incident merge INC-7",
    ],
)
def test_the_one_that_is_named_is_the_one_it_goes_into(text: str) -> None:
    assert read(text) == ([], 7, "")


@pytest.mark.parametrize(
    "text",
    [
        "merge INC-3 into INC-7",
        "merge INC-3 to INC-7",
        "merge 3 into 7",
        "merge #3 into #7",
        "merge INC-3 INC-7",
        "merge INC-3, INC-7",
        "merge INC-3 and 7",
        "merge INC-3 with INC-7",
        "merge INC-3 -&gt; INC-7",
        "merge INC-3 → INC-7",
        "INC-3 merge INC-7",
        "INC-3 merge into 7",
        "inc-3: merge with INC-7 please",
    ],
)
def test_of_two_the_first_goes_into_the_second(text: str) -> None:
    assert read(text) == ([3], 7, "")


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_either_is_named_in_any_spelling(spelling: str) -> None:
    for text, before in ((f"merge {spelling}", []), (f"INC-3 merge into {spelling}", [3])):
        command = parse_command(text)
        other = command.other
        assert other is not None, text
        assert (other.channel or other.number) in (1, "C0123"), text
        assert ([reference.number for reference in command.references], command.rest) == (before, ""), text
    command = parse_command(f"merge {spelling} into INC-7")
    assert command.other is not None
    assert (command.other.number, len(command.references), command.rest) == (7, 1, "")


def test_nothing_named_is_nothing_and_other_words_are_left() -> None:
    assert read("merge") == ([], None, "")
    assert read("INC-3 merge") == ([3], None, "")
    assert read("merge INC-7 because it is the same") == ([], 7, "because it is the same")
    assert read("merge the API one") == ([], None, "the API one")
    assert read("INC-3 merge INC-4 INC-7") == ([3, 4], 7, "")
