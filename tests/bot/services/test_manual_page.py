"""How soon everyone may be paged by hand again."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.incident import TimelineEntry
from bot.domain.timeline_details import PageRequestedDetail
from bot.services.manual_page import describe_recent_call

NOW = datetime(2026, 3, 4, 3, 7, tzinfo=UTC)


def paged(to: str, seconds: int) -> TimelineEntry:
    detail = PageRequestedDetail(to=to, person="", persons=(), text="")
    return TimelineEntry(NOW - timedelta(seconds=seconds), "U0ANA", detail)


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ((), ""),
        ((paged("everyone", 0),), "Everyone was paged less than a minute ago, so not again for 5 min."),
        ((paged("everyone, CTO", 150),), "Everyone was paged 2 min ago, so not again for 3 min."),
        ((paged("everyone", 299),), "Everyone was paged 4 min ago, so not again for 1 min."),
        ((paged("everyone", 300),), ""),
        ((paged("CTO", 10),), ""),
        (
            (paged("everyone", 400), paged("everyone", 60)),
            "Everyone was paged 1 min ago, so not again for 4 min.",
        ),
    ],
)
def test_everyone_is_paged_by_hand_once_in_five_minutes(
    entries: tuple[TimelineEntry, ...], said: str
) -> None:
    assert describe_recent_call(entries, NOW) == said
