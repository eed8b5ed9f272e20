"""The page of all messages is never stale, and no message is missing from it."""

import inspect
import sys
from types import CodeType, FrameType, ModuleType
from typing import Any

from bot.domain.notices import NOTICES as KNOWN
from bot.domain.results import RESULTS
from bot.ports import SlackPayload
from templates import (
    alert,
    checklist_message,
    confirmations,
    emergency,
    follower_messages,
    home,
    merge_messages,
    modals,
    notices,
    playbook,
    replies,
    resolution,
    roles,
    shift_handover,
    timeline,
    update_messages,
)
from tests.message_book import BOOK, book
from tests.message_samples import ANSWERS, UNSPOKEN
from tests.notice_facts import NOTICES

SPEAKING = (
    alert,
    replies,
    checklist_message,
    emergency,
    follower_messages,
    shift_handover,
    timeline,
    home,
    merge_messages,
    modals,
    notices,
    playbook,
    confirmations,
    resolution,
    roles,
    update_messages,
)
"""The templates that make whole messages, forms or pages."""

NO_WORDS = {"templates.replies.render_nothing"}
"""Makes the answer that says nothing."""


def test_the_page_shows_the_messages_as_the_templates_draw_them() -> None:
    assert BOOK.read_text(encoding="utf-8") == book(), "run `python -m tests.message_book`"


def test_the_page_shows_every_sentence_and_every_outcome() -> None:
    assert set(NOTICES) == set(KNOWN)
    assert set(ANSWERS) == set(RESULTS) - UNSPOKEN


def test_the_page_shows_what_every_template_makes() -> None:
    makers = {name: code for module in SPEAKING for name, code in _makers(module)}
    assert "templates.alert.render_page" in makers
    called: set[CodeType] = set()

    def note(frame: FrameType, event: str, argument: Any) -> None:
        called.add(frame.f_code)

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        book()
    finally:
        sys.setprofile(before)
    assert {name for name, code in makers.items() if code not in called} == NO_WORDS


def _makers(module: ModuleType) -> list[tuple[str, CodeType]]:
    shapes = (SlackPayload, list[SlackPayload], modals.Modal, home.Home)
    return [
        (f"{module.__name__}.{name}", value.__code__)
        for name, value in vars(module).items()
        if inspect.isfunction(value)
        and value.__module__ == module.__name__
        and not name.startswith("_")
        and inspect.signature(value).return_annotation in shapes
    ]
