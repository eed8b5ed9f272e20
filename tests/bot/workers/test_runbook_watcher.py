"""Who would not be reached, in the log of the start."""

from bot.workers.runbook_watcher import describe_unreached


def test_those_whom_nobody_can_page_for_one_reason_are_one_line() -> None:
    unreached = [
        ("CTO", "P0", "no contact method"),
        ("DevOps Lead", "P0, P1", "no contact method"),
        ("Senior engineers", "P1", "no contact has that name"),
    ]
    assert describe_unreached(unreached) == [
        "2 contacts cannot be paged: CTO (P0), DevOps Lead (P0, P1): no contact method",
        "P1 cannot page Senior engineers: no contact has that name",
    ]
