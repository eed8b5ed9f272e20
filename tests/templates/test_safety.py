"""What people, runbooks and logs wrote is shown as it was typed, and calls nobody."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from templates import alert, update_messages
from templates.incident_view import IncidentViewModel
from tests.templates.drawn import forms, messages
from tests.templates.worlds import HOSTILE, posted, strange_runbook, view, views

CALLS = re.compile(r"<!(?:channel|here|everyone|subteam)|<@U1>")
ASKED_TO_CALL = {"everyone", "reminder 2 0", "reminder 2 1", "reminder 2 2"}
OUR_PEOPLE = re.compile(r"U0[A-Z]+\d*$")
WRITTEN = [name for name in views() if "hostile" in name or "strange" in name]


def live(value: object) -> Iterator[str]:
    """Everything in blocks that Slack would read as a mention."""
    if isinstance(value, list | tuple):
        for each in value:
            yield from live(each)
    elif isinstance(value, dict):
        match value:
            case {"type": "mrkdwn", "text": text}:
                yield text
            case {"type": "broadcast", "range": reach}:
                yield f"<!{reach}>"
            case {"type": "user", "user_id": id}:
                assert OUR_PEOPLE.match(id), id
            case _:
                for each in value.values():
                    yield from live(each)


def words(value: object) -> str:
    """All literal texts in the blocks, one after the other."""
    if isinstance(value, list | tuple):
        return "".join(map(words, value))
    if isinstance(value, dict):
        return "".join(
            each if key == "text" and isinstance(each, str) else words(each) for key, each in value.items()
        )
    return ""


@pytest.mark.parametrize("name", WRITTEN)
def test_no_typed_mention_ever_fires(name: str) -> None:
    for what, message in messages(views()[name]):
        if what in ASKED_TO_CALL:
            continue
        for text in (message.text, *live(list(message.blocks))):
            assert not CALLS.search(text), what
    for _, modal in forms(views()[name]):
        assert not [text for text in live(modal["blocks"]) if CALLS.search(text)]


@pytest.mark.parametrize("name", WRITTEN)
def test_words_of_others_never_stand_in_mrkdwn(name: str) -> None:
    """Where `*` and backticks cannot be escaped, only our own words may stand."""

    def marked(value: Any) -> Iterator[str]:
        if isinstance(value, dict):
            if value.get("type") == "mrkdwn":
                yield value["text"]
            for each in value.values():
                yield from marked(each)
        elif isinstance(value, list | tuple):
            for each in value:
                yield from marked(each)

    for what, message in messages(views()[name]):
        for text in marked(list(message.blocks)):
            assert "*" not in text, what
            assert "`" not in text, what


def test_the_alert_shows_typed_words_exactly() -> None:
    drawn = words(list(alert.render_alert(view(impact=HOSTILE)).blocks))
    assert f"Impact: \u2068{HOSTILE}\u2069" in drawn


def test_an_update_shows_typed_words_exactly() -> None:
    plain = HOSTILE.replace("\u202e", "")
    assert plain in words(list(update_messages.render_update(view(), posted(plain)).blocks))


def test_marks_that_turn_the_direction_of_writing_end_with_the_words_they_came_with() -> None:
    drawn = words(list(alert.render_alert(view(title="evil \u202e title")).blocks))
    assert "\u2068" in drawn.split("evil")[0]
    assert "\u2069" in drawn.split("title")[1]


def test_colons_and_names_of_emoji_stay_letters_in_headers_and_buttons() -> None:
    def plain(value: Any) -> Iterator[dict[str, Any]]:
        if isinstance(value, dict):
            if value.get("type") == "plain_text":
                yield value
            for each in value.values():
                yield from plain(each)
        elif isinstance(value, list | tuple):
            for each in value:
                yield from plain(each)

    for what, message in messages(views()["hostile"]):
        assert not [each for each in plain(list(message.blocks)) if each.get("emoji") is not False], what


@pytest.mark.parametrize("name", views())
def test_no_placeholder_is_ever_shown_raw(name: str) -> None:
    of: IncidentViewModel = views()[name]
    raw = {
        gap.raw
        for template in of.runbook.templates.values()
        for gap in template.placeholders()
        if gap.raw.startswith("[")
    }
    assert raw or not of.runbook.templates
    for what, message in messages(of):
        if what.split()[0] not in ("alert", "announcement", "update", "published", "resolution", "card"):
            continue
        shown = words(list(message.blocks)) + message.text
        assert not [each for each in raw if each in shown], what


def test_the_channel_is_called_only_when_it_is_asked_for() -> None:
    calling = {
        what
        for what, message in messages(view())
        if "<!channel>" in [*live(list(message.blocks)), message.text]
    }
    assert calling <= ASKED_TO_CALL


def test_headers_of_a_strange_runbook_show_no_tokens() -> None:
    for _, message in messages(view(strange_runbook(), severity="SEV1")):
        for block in message.blocks:
            if block["type"] == "header":
                assert "<!date" not in block["text"]["text"]
                assert "<@" not in block["text"]["text"]
