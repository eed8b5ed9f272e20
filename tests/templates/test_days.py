"""Days in what people read: Slack writes “Today” in capitals where a date's form begins with it."""

from collections.abc import Iterator
from typing import Any

from bot.ports import SlackPayload
from tests.message_samples import chapters


def days(value: Any, before: str = "\n") -> Iterator[tuple[str, str]]:
    """The form of each date element and the text before it."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for each in value:
            if isinstance(each, dict) and each.get("type") == "date":
                yield each["format"], before
            before = str(each.get("text", "x")) if isinstance(each, dict) else "\n"
            yield from days(each)


def test_a_day_within_a_line_is_written_small_and_one_that_begins_it_is_not() -> None:
    found = [
        (form, before.endswith("\n"))
        for _, samples in chapters()
        for _, sample in samples
        for form, before in days(sample.blocks if isinstance(sample, SlackPayload) else sample["blocks"])
        if "{date" in form
    ]
    assert [each for each in found if each[0].startswith("{date") != each[1]] == []
    assert {begins for _, begins in found} == {True, False}
