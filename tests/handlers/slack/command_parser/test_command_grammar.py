"""The grammar of `/incident`."""

import pytest

from bot.adapters.slack import unescape_text
from handlers.slack.command_parser import SlashCommand, parse_command


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", SlashCommand("")),
        ("declare", SlashCommand("declare")),
        ("DECLARE P0", SlashCommand("declare", "P0")),
        ("new p0 API is down", SlashCommand("declare", "p0 API is down")),
        ("update INC-42 all  good", SlashCommand("update", "all  good")),
        ("INC-7", SlashCommand("")),
        ("inc-7 ack", SlashCommand("ack")),
        ("lead <@U0123|dana>", SlashCommand("lead", "@dana")),
        ("handover <@U0123|dana> tell <@U9|bo>", SlashCommand("handover", "@dana tell @bo")),
        ("handover INC-7 <@U0123|dana m> next", SlashCommand("handover", "@dana m next")),
        ("handover @nobody tell <@U9|bo>", SlashCommand("handover", "@nobody tell @bo")),
        ("close anyway nobody left", SlashCommand("close", "anyway nobody left")),
    ],
)
def test_words_are_understood_in_any_case(text: str, expected: SlashCommand) -> None:
    assert parse_command(text) == expected


def test_the_reason_of_close_anyway_is_what_follows() -> None:
    assert parse_command("close anyway nobody left").anyway == "nobody left"
    assert parse_command("close any way").anyway == ""


@pytest.mark.parametrize(
    ("typed", "meant"), [("declar", "declare"), ("reslove", "resolve"), ("opn", "declare"), ("qqqq", None)]
)
def test_a_near_miss_names_what_was_meant(typed: str, meant: str | None) -> None:
    command = parse_command(typed)
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
    assert unescape_text(sent) == seen
