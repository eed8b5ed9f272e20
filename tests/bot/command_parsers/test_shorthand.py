"""The AWS CLI's shorthand, read as the CLI itself reads it."""

import pytest
from awscli.shorthand import ShorthandParseError, ShorthandParser
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.command_parsers.aws.shorthand import parse_shorthand
from bot.errors import UnsupportedCommand
from tests.samples import examples

PIECES = [
    "a",
    "Name",
    "b-c",
    "1",
    "=",
    ",",
    "[",
    "]",
    "{",
    "}",
    " ",
    "'x'",
    '"y,z"',
    "'",
    '"',
    "\\,",
    "\\\\",
    ":",
    "é",
]
VALUES = ["x", "1", "'p q'", "[u,v]", "{k=v}", "{k=v,l=[m]}", "w w", "x=y", "a\\,b", "tag:Env", '"it\\"s"']
WHOLE = st.lists(
    st.tuples(
        st.sampled_from(["a", "Name", "c-d"]), st.lists(st.sampled_from(VALUES), min_size=1, max_size=3)
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda pair: pair[0],
).map(lambda pairs: ",".join(f"{key}={','.join(values)}" for key, values in pairs))


def theirs(text: str) -> object:
    try:
        return ShorthandParser().parse(text)
    except ShorthandParseError:
        return None


def ours(text: str) -> object:
    try:
        return parse_shorthand(text)
    except UnsupportedCommand:
        return None


@settings(max_examples=examples(1000))
@given(WHOLE)
def test_what_is_written_well_means_the_same(text: str) -> None:
    assert ours(text) == theirs(text)


@settings(max_examples=examples(1000))
@given(st.lists(st.sampled_from(PIECES), max_size=10).map("".join))
def test_what_is_not_refused_means_the_same(text: str) -> None:
    found = ours(text)
    assert found is None or found == theirs(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Name=ServiceName,Value=x", {"Name": "ServiceName", "Value": "x"}),
        ("Name=state,Values=running,stopped", {"Name": "state", "Values": ["running", "stopped"]}),
        ("a={b=[c,d],e='f g'}", {"a": {"b": ["c", "d"], "e": "f g"}}),
    ],
)
def test_some_examples(text: str, expected: object) -> None:
    assert ours(text) == expected
