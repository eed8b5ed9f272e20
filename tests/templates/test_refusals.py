"""What a refusal shows: the line to type is drawn as code, and no mark of ours stands in it."""

import json

import pytest

from bot.domain.results import parse_result
from templates import replies
from templates.spans import Code, split_code

LINE = "/incident lead"
SENTENCE = f"Command was not offered to you, or no longer is. Take it with `{LINE}`. Nothing was changed."


@pytest.mark.parametrize("words", ["", "Rolled back to `1.42`"])
def test_the_line_to_type_is_code_and_its_backticks_are_not_shown(words: str) -> None:
    shown = replies.render_refusal(SENTENCE, words)
    (block,) = shown.blocks
    said = block["elements"][0]["elements"]
    assert [each["text"] for each in said if each.get("style") == {"code": True}] == [LINE]
    assert "`" not in json.dumps(said)
    assert shown.text.startswith(SENTENCE.replace("`", ""))
    assert not words or block["elements"][1]["elements"] == [{"type": "text", "text": words}]


@pytest.mark.parametrize("did", ["refused", "remediation_refused"])
def test_an_outcome_that_refuses_shows_them_as_code_too(did: str) -> None:
    shown = replies.render_reply(parse_result({"did": did, "incident": 42, "facts": {"sentence": SENTENCE}}))
    assert "`" not in json.dumps(shown.blocks) and "`" not in shown.text


@pytest.mark.parametrize("sentence", ["nothing to type", "", "one ` alone", "``"])
def test_a_sentence_without_a_line_to_type_stays_as_it_is(sentence: str) -> None:
    assert "".join(each if isinstance(each, str) else "" for each in split_code(sentence)) == sentence
    assert not any(isinstance(each, Code) for each in split_code(sentence))
