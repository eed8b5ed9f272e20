"""The page of all messages is never stale."""

from tests.message_book import BOOK, book


def test_the_page_shows_the_messages_as_the_templates_draw_them() -> None:
    assert BOOK.read_text(encoding="utf-8") == book(), "run `python -m tests.message_book`"
