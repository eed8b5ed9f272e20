"""The grammar of `/incident`."""

import pytest

from bot.slack import as_typed
from handlers.words import Command, parse


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Command("")),
        ("declare", Command("declare")),
        ("DECLARE P0", Command("declare", level="P0")),
        ("new p0 API is down", Command("declare", "API is down", level="p0")),
        ("declare API is down", Command("declare", "API is down")),
        ("declare sev-1 login", Command("declare", "login", level="sev-1")),
        ("declare P9 x", Command("declare", "x", level="P9")),
        ("update INC-42 all  good", Command("update", "all  good", number=42)),
        ("INC-7", Command("", number=7)),
        ("inc-7 ack", Command("ack", number=7)),
        ("lead <@U0123|dana>", Command("lead", "@dana", person="U0123")),
        ("handover <@U0123|dana> tell <@U9|bo>", Command("handover", "tell @bo", person="U0123")),
        ("handover INC-7 <@U0123|dana m> next", Command("handover", "next", number=7, person="U0123")),
        ("handover @nobody tell <@U9|bo>", Command("handover", "@nobody tell @bo")),
        ("close anyway nobody left", Command("close", "anyway nobody left")),
    ],
)
def test_words_are_understood_in_any_case(text: str, expected: Command) -> None:
    assert parse(text) == expected


def test_the_reason_of_close_anyway_is_what_follows() -> None:
    assert parse("close anyway nobody left").anyway == "nobody left"
    assert parse("close any way").anyway == ""


@pytest.mark.parametrize(
    ("typed", "meant"), [("declar", "declare"), ("reslove", "resolve"), ("opn", "declare"), ("qqqq", None)]
)
def test_a_near_miss_names_what_was_meant(typed: str, meant: str | None) -> None:
    command = parse(typed)
    assert not command.is_known
    assert command.nearest == meant


@pytest.mark.parametrize(
    ("sent", "seen"),
    [
        ("ask <@U1|dana> in <#C1|ops>", "ask @dana in #ops"),
        ("<@U1>", "@U1"),
        ("&lt;!channel&gt; a &amp; b *c*", "<!channel> a & b *c*"),
        ("<!subteam^S1|@oncall>", "@oncall"),
        ("a\x00b", "a␀b"),
    ],
)
def test_text_is_kept_as_the_person_saw_it(sent: str, seen: str) -> None:
    assert as_typed(sent) == seen
