"""Who is on call, by every kind of source, and what is said when a source fails."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web

from bot.adapters.paging.on_call import OnCallGateway
from bot.contacts import OnCallSource, OnCallSourceKind, parse_contacts
from bot.domain.page_provider import CachedCalendar
from sandbox.pagerduty.api_server import PagerDutyStandIn
from sandbox.slack import faults
from tests.bot.adapters.paging.conftest import Opened

BOOK = parse_contacts(
    '[contacts]\n"Ana" = ["slack:U0ANA001", "tel:+15550100"]\n"Ana Maria" = "slack:U0MARIA01"\n'
    '"DevOps Lead" = "slack:U0DEV001"'
)[0]
NOW = datetime(2026, 1, 5, 10, tzinfo=UTC)
EVENT = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:{title}\r\n"
    "DTSTART:20260105T090000Z\r\nDTEND:20260105T180000Z\r\n{more}END:VEVENT\r\nEND:VCALENDAR\r\n"
)


def event(title: str, more: str = "") -> str:
    return EVENT.format(title=title, more=more)


@pytest.fixture
def sources(opened: Opened) -> OnCallGateway:
    return OnCallGateway(BOOK, opened())


def calendar(place: str | Path) -> OnCallSource:
    return OnCallSource(OnCallSourceKind.CALENDAR, str(place))


@pytest.mark.parametrize(
    ("text", "people"),
    [
        (event("Ana (first line)"), [("Ana", ["slack:U0ANA001", "tel:+15550100"])]),
        (event("devops lead"), [("DevOps Lead", ["slack:U0DEV001"])]),
        (event("On call: bruno@team.example"), [("bruno@team.example", ["slack:bruno@team.example"])]),
        (
            event("x", "ATTENDEE;CN=Ana:mailto:a@team.example\r\n"),
            [("Ana", ["slack:U0ANA001", "tel:+15550100"])],
        ),
        (event("x", "ATTENDEE:mailto:c@team.example\r\n"), [("c@team.example", ["slack:c@team.example"])]),
    ],
)
async def test_an_events_people_become_contacts(
    sources: OnCallGateway, tmp_path: Path, text: str, people: list[tuple[str, list[str]]]
) -> None:
    path = tmp_path / "oncall.ics"
    path.write_text(text)
    duty = await sources.on_call(calendar(path), NOW)
    assert [(person.name, [way.text for way in person.handles]) for person in duty.people] == people
    assert duty.problem == ""
    assert duty.copy == CachedCalendar(text, NOW)
    assert duty.people[0].until == datetime(2026, 1, 5, 18, tzinfo=UTC)


ANA = ("Ana", ["slack:U0ANA001", "tel:+15550100"])
LEAD = ("DevOps Lead", ["slack:U0DEV001"])


@pytest.mark.parametrize(
    ("title", "attendees", "people"),
    [
        ("On Call - Ana - Primary", ["a.duarte@pd.example"], [("a.duarte@pd.example", None), ANA]),
        ("On Call - Ana - Primary", ["ana@pd.example"], [ANA]),
        ("On Call - Ana - Primary", ['CN="Ana D.":mailto:ad@pd.example'], [ANA]),
        ("Ana (Primary)", ['CN="Zoe":mailto:zoe@pd.example'], [("Zoe", ["slack:zoe@pd.example"]), ANA]),
        ("Ana and DevOps Lead", ["zoe@pd.example"], [("zoe@pd.example", None), LEAD, ANA]),
        ("On Call: Ana", ["CN=DevOps Lead:mailto:dl@pd.example"], [LEAD]),
        ("On Call: Ana", ["MAILTO:Bruno@Team.example"], [("Bruno Keller", ["slack:bruno@team.example"])]),
        ("On Call: Primary", ["zoe@pd.example"], [("zoe@pd.example", None)]),
        ("Rota: Primary", ['CN="ana":mailto:x@pd.example'], [ANA]),
    ],
)
async def test_an_attendee_nobody_knows_does_not_silence_whom_the_title_names(
    opened: Opened,
    tmp_path: Path,
    title: str,
    attendees: list[str],
    people: list[tuple[str, list[str] | None]],
) -> None:
    lines = [f"ATTENDEE{';' if attendee.startswith('CN') else ':'}{attendee}\r\n" for attendee in attendees]
    book = parse_contacts(
        '[contacts]\n"Ana" = ["slack:U0ANA001", "tel:+15550100"]\n"DevOps Lead" = "slack:U0DEV001"\n'
        '"Bruno Keller" = "slack:bruno@team.example"\n"Primary" = "tel:+15550199"\n'
        '[on_call]\n"Primary" = "calendar:o.ics"'
    )[0]
    path = tmp_path / "o.ics"
    path.write_text(event(title, "".join(lines)))
    duty = await OnCallGateway(book, opened()).on_call(calendar(path), NOW)
    told = [(person.name, [way.text for way in person.handles]) for person in duty.people]
    assert told == [(name, [f"slack:{name}"] if ways is None else ways) for name, ways in people]


LAYERS = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{events}END:VCALENDAR\r\n"
LAYER = (
    "BEGIN:VEVENT\r\nUID:{n}\r\nSUMMARY:{title}\r\nDTSTART:20260105T0{n}0000Z\r\nDTEND:20260105T1{n}0000Z\r\n"
    "{more}END:VEVENT\r\n"
)


@pytest.mark.parametrize(
    ("layers", "people"),
    [
        ([("Ana", ""), ("Ana", "")], ["Ana"]),
        ([("Layer 1", "ATTENDEE;CN=Ana:mailto:a@t.example\r\n"), ("Ana (layer 2)", "")], ["Ana"]),
        ([("L1", "ATTENDEE:z@t.example\r\n"), ("L2", "ATTENDEE;CN=Zoe:mailto:Z@t.example\r\n")], ["Zoe"]),
        ([("Zoe", ""), ("Zoe", "")], ["Zoe"]),
        ([("Ana", ""), ("Ana Maria", "")], ["Ana", "Ana Maria"]),
    ],
)
async def test_one_person_in_several_layers_is_one_person_until_the_last_of_them_ends(
    sources: OnCallGateway, tmp_path: Path, layers: list[tuple[str, str]], people: list[str]
) -> None:
    path = tmp_path / "oncall.ics"
    events = "".join(LAYER.format(n=n, title=title, more=more) for n, (title, more) in enumerate(layers, 4))
    path.write_text(LAYERS.format(events=events))
    duty = await sources.on_call(calendar(path), NOW)
    assert [person.name for person in duty.people] == people
    assert duty.people[-1].until == datetime(2026, 1, 5, 15, tzinfo=UTC)


async def test_the_longer_of_two_names_is_meant(sources: OnCallGateway, tmp_path: Path) -> None:
    path = tmp_path / "oncall.ics"
    path.write_text(event("Ana Maria"))
    assert [person.name for person in (await sources.on_call(calendar(path), NOW)).people] == ["Ana Maria"]


async def test_somebody_nobody_knows_and_nobody_at_all_are_said(
    sources: OnCallGateway, tmp_path: Path
) -> None:
    path = tmp_path / "oncall.ics"
    path.write_text(event("Zoe"))
    strange = await sources.on_call(calendar(path), NOW)
    assert strange.problem == (
        "The on-call calendar oncall.ics names “Zoe”, whom the contacts file does not know."
    )
    assert [person.name for person in strange.people] == ["Zoe"]
    later = await sources.on_call(calendar(path), NOW + timedelta(days=1))
    assert (later.people, later.problem) == ((), "The on-call calendar oncall.ics has nobody on call now.")


@pytest.mark.parametrize(
    ("text", "why"), [(None, "No such file"), ("<html>", "it is no calendar (ValueError)")]
)
async def test_when_a_calendar_cannot_be_used_the_last_good_copy_counts_with_its_age(
    sources: OnCallGateway, tmp_path: Path, text: str | None, why: str
) -> None:
    path = tmp_path / "oncall.ics"
    if text is not None:
        path.write_text(text)
    nothing = await sources.on_call(calendar(path), NOW)
    assert (nothing.people, nothing.copy) == ((), None)
    assert nothing.problem.startswith(f"The on-call calendar oncall.ics cannot be used: {why}")
    last = CachedCalendar(event("Ana"), NOW - timedelta(hours=3))
    found = await sources.on_call(calendar(path), NOW, last)
    assert [person.name for person in found.people] == ["Ana"]
    assert found.problem.endswith("This is from 3 hours ago.")
    assert found.copy == last


@pytest.fixture
async def calendars() -> AsyncIterator[str]:
    """A server of calendars: good ones, and what else such servers answer."""
    app = web.Application()

    async def serve(request: web.Request) -> web.Response:
        kind = request.match_info["kind"]
        if kind == "good":
            return web.Response(text=event("Ana"), content_type="text/calendar")
        if kind == "moved":
            raise web.HTTPFound("/good/token.ics")
        if kind == "dropped" and request.transport is not None:
            request.transport.abort()
        return web.Response(status=500 if kind == "500" else 404)

    app.router.add_get("/{kind}/token.ics", serve)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def test_a_calendar_is_read_from_its_address_and_from_a_setting_that_holds_one(
    sources: OnCallGateway, calendars: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONCALL_URL", f"{calendars}/good/token.ics")
    for place in (f"{calendars}/good/token.ics", "ONCALL_URL"):
        duty = await sources.on_call(calendar(place), NOW)
        assert [person.name for person in duty.people] == ["Ana"]
    missing = await sources.on_call(calendar("OTHER_URL"), NOW)
    assert missing.problem.endswith("cannot be used: OTHER_URL is not set.")


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("500", "its server answered 500"),
        ("404", "its server answered 404"),
        ("moved", "its server answered 302"),
        ("dropped", "its server cannot be reached"),
    ],
)
async def test_a_server_that_fails_is_said_without_the_secret_part_of_its_address(
    sources: OnCallGateway, calendars: str, kind: str, why: str
) -> None:
    duty = await sources.on_call(calendar(f"{calendars}/{kind}/token.ics"), NOW)
    assert duty.problem == f"The on-call calendar 127.0.0.1 cannot be used: {why}."


async def test_a_user_group_is_asked_of_slack_later(sources: OnCallGateway) -> None:
    duty = await sources.on_call(OnCallSource(OnCallSourceKind.GROUP, "S0456EFGH"), NOW)
    assert [way.text for person in duty.people for way in person.handles] == ["slack:S0456EFGH"]


async def test_a_schedule_says_who_and_until_when(sources: OnCallGateway, duty: PagerDutyStandIn) -> None:
    found = await sources.on_call(OnCallSource(OnCallSourceKind.SCHEDULE, "PSCH001"), NOW)
    assert [person.name for person in found.people] == ["Devika"]
    assert found.people[0].until == datetime(2036, 1, 1, tzinfo=UTC)
    nobody = await sources.on_call(OnCallSource(OnCallSourceKind.SCHEDULE, "PNIGHT1"), NOW)
    assert nobody.problem == "The PagerDuty schedule PNIGHT1 has nobody on call now."


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (faults.make_refusal("403"), "(403)."),
        (faults.make_server_error(), "(500)."),
        (faults.make_drop(), "PagerDuty did not answer."),
        (faults.make_garbage(), "the answer was not understood."),
    ],
)
async def test_a_schedule_that_cannot_be_read_is_said(
    sources: OnCallGateway, duty: PagerDutyStandIn, fault: faults.Fault, why: str
) -> None:
    duty.faults = faults.plan_always(fault)
    found = await sources.on_call(OnCallSource(OnCallSourceKind.SCHEDULE, "PSCH001"), NOW)
    assert found.people == ()
    assert found.problem.startswith("The PagerDuty schedule PSCH001 cannot be read")
    assert found.problem.endswith(why)
