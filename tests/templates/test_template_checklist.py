"""The checklist on the page: buttons that carry the state they ask for, evidence that is offered, progress."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.incident import Status
from templates import checklist
from templates.view import View
from tests.templates.reading import button_labels, button_values, read_aloud
from tests.templates.worlds import START, items, view


def over(done: int = 1, **values: Any) -> View:
    drawn = view(**{"status": Status.RESOLVED, "resolved_at": START + timedelta(hours=1), **values})
    return replace(drawn, situation=replace(drawn.situation, items=items(done=done)))


def test_every_item_is_a_button_that_begins_with_its_words() -> None:
    labels = button_labels(checklist.checklist(over()))
    for label, item in zip(labels, items(), strict=True):
        assert label.startswith(item.text)


def test_a_button_carries_the_state_it_asks_for() -> None:
    values = button_values(checklist.checklist(over(done=1)))
    assert values["set_item:0"] == "42|0|open"
    assert values["set_item:1"] == "42|1|done"


def test_progress_and_who_ticked_what_are_shown() -> None:
    text = read_aloud(checklist.checklist(over(done=5)))
    assert text.startswith("Post-incident checklist: 5 of 12 done")
    assert "☑ Verify full system recovery  by @U0ANA at 04:02 UTC" in text


def test_the_windows_stand_in_order_with_their_end() -> None:
    text = read_aloud(checklist.checklist(over()))
    at = [
        text.index(each)
        for each in ("Within 1 hour, until", "Within 24 hours, until", "Within 1 week, until")
    ]
    assert at == sorted(at)


def test_what_the_bot_did_is_offered_and_not_ticked() -> None:
    drawn = checklist.checklist(over())
    assert "☐ Send resolution notification  (I sent it" in read_aloud(drawn)
    assert button_values(drawn)["set_item:2"].endswith("|done")


def test_closing_is_offered_when_nothing_is_left() -> None:
    assert "Close incident" not in button_labels(checklist.checklist(over(done=11)))
    assert "Close incident" in button_labels(checklist.checklist(over(done=12)))


def test_a_closed_checklist_has_no_buttons_and_shows_what_was_left() -> None:
    drawn = checklist.checklist(over(done=11, status=Status.CLOSED, closed_by="U0ANA", close_reason="enough"))
    assert button_labels(drawn) == []
    assert "☐ Review incident response process" in read_aloud(drawn)
    assert "Closed by @U0ANA: enough" in read_aloud(drawn)


def test_the_reminder_names_the_open_items_of_its_window_only() -> None:
    text = read_aloud(checklist.checklist_reminder(over(done=1), 3600))
    assert text.startswith("@U0ANA 3 items are still open after 1 hour:")
    assert "Document timeline in incident log" in text
    assert "Conduct post-mortem meeting" not in text
    assert "Verify full system recovery" not in text
