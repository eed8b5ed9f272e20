"""Feeds of on-call calendars as PagerDuty gives them: addresses that Slack does not know, layers, UIDs that repeat."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sandbox.pagerduty.api_server import PagerDutyStandIn
from tests.scenarios.conftest import World
from tests.scenarios.duties import paging, shown

DEVIKA = '"Devika Rao" = ["slack:U0DEVIKA01", "pagerduty:user/PDEV001"]\n'
ON_CALL = '[on_call]\n"On-Call Engineer" = "calendar:oncall.ics"\n'


def feed(*events: tuple[str, str, str]) -> str:
    """A calendar of events under way: (UID, title, further lines)."""
    now = datetime.now(UTC)
    begins, ends = (f"{now + span:%Y%m%dT%H%M%SZ}" for span in (timedelta(hours=-2), timedelta(hours=6)))
    body = "".join(
        f"BEGIN:VEVENT\n{uid}DTSTAMP:{begins}\nDTSTART:{begins}\nDTEND:{ends}\nSUMMARY:{title}\n{more}END:VEVENT\n"
        for uid, title, more in events
    )
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//PagerDuty//\n{body}END:VCALENDAR\n".replace("\n", "\r\n")


async def test_whom_the_title_names_is_called_though_slack_does_not_know_the_attendees_address(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    (tmp_path / "oncall.ics").write_text(
        feed(("UID:1\n", "On Call - Devika Rao - Primary", "ATTENDEE:d.r@pagerduty.example\n"))
    )
    async with paging(world, duty, tmp_path, DEVIKA, ON_CALL):
        await world.declared("declare p2 Search is slow")
        await world.until(lambda: [incident.assignee for incident in duty.incidents] == ["PDEV001"])
        await world.quiet()
        assert len(world.slack.direct_messages("devika")) == 1


async def test_one_person_in_three_layers_with_one_uid_is_paged_once_and_nobody_vanishes(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    (tmp_path / "oncall.ics").write_text(
        feed(
            ("UID:\n", "On Call - Devika Rao - Layer 1", "ATTENDEE:devika.rao@pagerduty.example\n"),
            ("UID:\n", "On Call - Bruno - Layer 2", ""),
            ("UID:\n", "On Call - Devika Rao - Final", ""),
        )
    )
    people = f'{DEVIKA}"Bruno" = ["slack:U0BRUNO001", "pagerduty:user/PCTO001"]\n'
    async with paging(world, duty, tmp_path, people, ON_CALL):
        await world.declared("declare p2 Search is slow")
        await world.until(lambda: len(duty.incidents) == 2)
        await world.quiet()
        assert sorted(incident.assignee for incident in duty.incidents) == ["PCTO001", "PDEV001"]
        assert [len(world.slack.direct_messages(who)) for who in ("devika", "bruno")] == [1, 1]


async def test_where_slack_knows_nobody_who_is_on_call_the_contacts_own_handle_is_called(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    (tmp_path / "oncall.ics").write_text(feed(("UID:1\n", "Primary", "ATTENDEE:who@pagerduty.example\n")))
    own = '"On-Call Engineer" = "slack:U0CHIDI001"\n'
    async with paging(world, duty, tmp_path, own, ON_CALL):
        channel = await world.declared("declare p2 Search is slow")
        await world.until(lambda: len(world.slack.direct_messages("chidi")) == 1)
        await world.quiet()
        assert "who@pagerduty.example (On-Call Engineer) could not be paged" in shown(world, channel)
