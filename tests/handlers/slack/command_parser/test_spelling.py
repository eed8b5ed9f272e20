"""Every spelling of a word of `/incident`."""

import pytest

from handlers.slack.command_parser import parse_command


@pytest.mark.parametrize(
    ("text", "word", "rest"),
    [
        ("“update” x", "update", "x"), ('"update" x', "update", "x"), ("`update` x", "update", "x"), ("*update* x",
        "update", "x"),
        ("'ack'", "ack", ""), ("“ack”", "ack", ""), ("ack!", "ack", ""), ("oncall?", "oncall", ""), ("status.",
        "status", ""),
        ("update: x", "update", "x"), ("update:x", "update", "x"), ("update, x", "update", "x"), ("update\tx",
        "update", "x"),
        ("update\nx", "update", "x"), ("ｕｐｄａｔｅ x", "update", "x"), ("UPDATE x", "update", "x"), ("\u200bupdate x",
        "update", "x"),
        ("on call", "oncall", ""), ("On-Call?", "oncall", ""), ("on call?", "oncall", ""), ("hand over x",
        "handover", "x"),
        ("catch up", "catchup", ""), ("catch-up", "catchup", ""), ("/incident update x", "update", "x"),
        ("“update x”", "update", "x"),
        ("🚨 update x", "update", "x"), (":fire: update x", "update", "x"), ("- update x", "update", "x"),
        ("– update x", "update", "x"), ("&gt; update x", "update", "x"), ("/update x", "update", "x"),
        ("\\update x", "update", "x"), ("update|x", "update", "x"), ("up\u200bda\u00adte x", "update", "x"),
        ("time line", "timeline", ""), ("check list", "checklist", ""), ("re-open", "reopen", ""),
        ("\u200b", "", ""), ("\u2060 \u00a0", "", ""), ("close anyway: done", "close", "anyway done"),
        ("list!", "list", ""), ("help???", "help", ""), ("timeline…", "timeline", ""),
    ],
)  # fmt: skip
def test_a_word_is_understood_with_marks_around_it(text: str, word: str, rest: str) -> None:
    assert (parse_command(text).word, parse_command(text).rest) == (word, rest)
