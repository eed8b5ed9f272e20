"""Addresses that somebody wrote can be followed wherever words are drawn as rich text."""

from typing import Any

import pytest

from templates.blocks import build_quote, build_section
from templates.spans import Bold, Line


def drawn(line: Line) -> list[tuple[str, str]]:
    """(type, address or words) of each element of one drawn line."""
    return [(each["type"], each.get("url", each["text"])) for each in build_section([line])["elements"]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("no address", [("text", "no address")]),
        (
            "the graph (https://x.example/a?b=1&c=2) is red",
            [("text", "the graph ("), ("link", "https://x.example/a?b=1&c=2"), ("text", ") is red")],
        ),
        ("https://x.example", [("link", "https://x.example")]),
        ("see https://x.example.", [("text", "see "), ("link", "https://x.example"), ("text", ".")]),
        ("http://x.example, then", [("link", "http://x.example"), ("text", ", then")]),
        ("https://x.example/a_(b)", [("link", "https://x.example/a_(b)")]),
        ("https://x.example/*", [("link", "https://x.example/"), ("text", "*")]),
        ("“https://x.example”", [("text", "“"), ("link", "https://x.example"), ("text", "”")]),
        ("<https://x.example|y>", [("text", "<"), ("link", "https://x.example"), ("text", "|y>")]),
        ("https:// and https://", [("text", "https:// and https://")]),
        ("xhttps://x.example", [("text", "xhttps://x.example")]),
        ("javascript:alert(1) ftp://x.example", [("text", "javascript:alert(1) ftp://x.example")]),
        ("https://x.example/\u202egpj", [("link", "https://x.example/"), ("text", "\u2068\u202egpj\u2069")]),
        ("https://x.exampleа", [("text", "https://x.exampleа")]),
        ("https://аpple.example", [("text", "https://аpple.example")]),
    ],
)
def test_an_address_in_words_is_a_link_to_itself(text: str, expected: list[tuple[str, str]]) -> None:
    assert drawn((text,)) == expected


def test_a_link_says_its_whole_address_and_keeps_the_weight_of_its_words() -> None:
    elements: list[dict[str, Any]] = build_section([(Bold("see https://x.example/a"),)])["elements"]
    assert elements[1] == {
        "type": "link",
        "url": "https://x.example/a",
        "text": "https://x.example/a",
        "style": {"bold": True},
    }
    assert build_quote("at https://x.example/a")["elements"][1]["url"] == "https://x.example/a"
    assert build_quote("")["elements"] == [{"type": "text", "text": " "}]
