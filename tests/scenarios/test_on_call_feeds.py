"""Feeds of on-call calendars as PagerDuty gives them: addresses that Slack does not know, layers, UIDs that repeat."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

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


@pytest.mark.parametrize("address", ["d.rao", "drao", "devikar", "rao.devika", "DR", "devika"])
async def test_a_short_form_of_the_titles_name_is_no_second_person(
    world: World, duty: PagerDutyStandIn, tmp_path: Path, address: str
) -> None:
    """Nobody else is woken for an address that Slack does not know."""
    (tmp_path / "oncall.ics").write_text(
        feed(("UID:1\n", "On Call - Devika Rao - Primary", f"ATTENDEE:mailto:{address}@pagerduty.example\n"))
    )
    own = '"On-Call Engineer" = "slack:U0CHIDI001"\n'
    async with paging(world, duty, tmp_path, f"{DEVIKA}{own}", ON_CALL):
        channel = await world.declared("declare p2 Search is slow")
        await world.until(lambda: [incident.assignee for incident in duty.incidents] == ["PDEV001"])
        await world.quiet()
        assert [len(world.slack.direct_messages(who)) for who in ("devika", "chidi")] == [1, 0]
        assert "could not be paged" not in shown(world, channel)


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


async def test_a_contacts_own_slack_handle_is_not_called_beside_who_is_on_call_but_for_nobody(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    """Also the handle that Slack must translate first; whoever has no shift sleeps."""
    (tmp_path / "oncall.ics").write_text(feed(("UID:1\n", "On Call - Devika Rao - Primary", "")))
    own = '"On-Call Engineer" = ["slack:U0CHIDI001", "slack:bruno@team.example", "tel:+91 98765 43210"]\n'

    def called() -> list[int]:
        return [len(world.slack.direct_messages(who)) for who in ("devika", "chidi", "bruno")]

    async with paging(world, duty, tmp_path, f"{DEVIKA}{own}", ON_CALL):
        channel = await world.declared("declare p2 Search is slow")
        await world.until(lambda: [incident.assignee for incident in duty.incidents] == ["PDEV001"])
        await world.quiet()
        assert called() == [1, 0, 0]
        await world.incident("ana", "page On-Call Engineer", channel)
        await world.quiet()
        assert called()[1:] == [0, 0]
        (tmp_path / "oncall.ics").write_text(feed())
        world.looking.calm()  # no page waits behind the one before
        second = await world.declared("declare p2 Mails are late")
        await world.until(lambda: called()[1:] == [1, 1])
        assert "has nobody on call now" in shown(world, second)
