"""Slack's markup, back in the words that people see."""

import pytest

from bot.adapters.slack import add_labels, find_unlabelled_ids, unescape_text


@pytest.mark.parametrize(
    ("sent", "seen"),
    [
        ("<https://x.example|the graph> is red", "the graph (https://x.example) is red"),
        ("<https://x.example/a?b=1&amp;c=2>", "https://x.example/a?b=1&c=2"),
        ("<https://x.example|https://x.example>", "https://x.example"),
        ("<http://api.acme.com|api.acme.com> is down", "api.acme.com is down"),
        ("<https://api.acme.com/|api.acme.com>", "api.acme.com"),
        ("<https://x.example/very/long|https://x.example/ve…>", "https://x.example/very/long"),
        ("<https://x.example|>", "https://x.example"),
        (
            "<https://x.example|CloudWatch Alarm | api | eu>",
            "CloudWatch Alarm | api | eu (https://x.example)",
        ),
        ("<https://x.example|a &lt;b&gt; &amp; c>", "a <b> & c (https://x.example)"),
        ("<mailto:ana@acme.com|ana@acme.com>", "ana@acme.com"),
        ("<mailto:ana@acme.com|write to Ana>", "write to Ana (ana@acme.com)"),
        ("<mailto:ana@acme.com>", "ana@acme.com"),
        ("<tel:+15550100|+1 555 0100>", "+1 555 0100"),
        ("<tel:+15550100>", "+15550100"),
        ("<slack://channel?id=1|open>", "open (slack://channel?id=1)"),
        ("<@U1|dana> in <#C1|ops>", "@dana in #ops"),
        ("<@U1|@dana>", "@dana"),
        ("<#C1|#ops>", "#ops"),
        ("<@U1> <#C1> <#C1|> <!subteam^S1>", "@U1 #C1 #C1 @S1"),
        ("<!subteam^S1|@oncall> <!subteam^S1|oncall>", "@oncall @oncall"),
        ("<!here> <!here|here> <!channel|@channel> <!everyone>", "@here @here @channel @everyone"),
        ("<!date^1392734382^{date}|Feb 18, 2014>", "Feb 18, 2014"),
        ("<!date^1392734382^{date}^https://x.example|Feb 18>", "Feb 18"),
        ("&lt;https://x.example|y&gt; &amp;amp;", "<https://x.example|y> &amp;"),
        ("1 &lt; 2 and a<b>c", "1 < 2 and a<b>c"),
        ("[x](<https://x.example>)", "[x](https://x.example)"),
        ("a\x00b", "a␀b"),
    ],
)
def test_markup_is_kept_as_the_words_that_a_person_saw(sent: str, seen: str) -> None:
    assert unescape_text(sent) == seen


def test_people_groups_and_channels_without_a_label_are_told_and_get_their_names() -> None:
    sent = "<@U1> <@U2|bo> <@W3> <#C1> <#C2|> <#G3|ops> <!subteam^S1> <!subteam^S2|@sre> <!here> <https://x>"
    assert find_unlabelled_ids(sent) == {"U1", "W3", "C1", "C2", "S1"}
    names = {"U1": "Ana <b> | x", "C1": "ops", "C2": "war", "S1": "@oncall"}
    assert unescape_text(add_labels(sent, names)) == (
        "@Ana <b> | x @bo @W3 #ops #war #ops @oncall @sre @here https://x"
    )
