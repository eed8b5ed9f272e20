"""The post-mortem meeting: arranged, moved and cancelled, each with one mail for everybody."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import icalendar
from pydantic import SecretStr

from sandbox.slack import WorkspaceMessage
from tests.mailbox import Mailbox, serve_mail
from tests.scenarios.conftest import World
from tests.scenarios.test_owners import checklist, resolved

AT = datetime.now(UTC).replace(hour=10, minute=0, second=0, microsecond=0) + timedelta(days=3)


@asynccontextmanager
async def mailing(world: World) -> AsyncIterator[Mailbox]:
    """A bot that sends mail."""
    box = Mailbox()
    with serve_mail(box) as port:
        settings = {
            "smtp_url": SecretStr(f"smtp://127.0.0.1:{port}"),
            "mail_from": "Tocsin <incidents@team.example>",
        }
        async with world.bot(**settings):
            yield box


def chosen(world: World, *people: str, at: datetime | None = AT, **more: str) -> dict[str, Any]:
    """What somebody chooses in the form."""
    fields: dict[str, Any] = {"guests": {"guests": [world.slack.person(who).id for who in people]}}
    if at is not None:
        fields["other_time"] = {"other_time": int(at.timestamp())}
    return fields | {name: {name: value} for name, value in more.items()}


async def arranged(world: World, channel: str, *people: str, **more: Any) -> None:
    """Somebody opens the form and sends it."""
    await world.incident("ana", "meeting", channel)
    form = await world.form("ana")
    assert (await world.slack.people.submit("ana", form, chosen(world, *people, **more))).ok
    await world.quiet()


def meeting(world: World, channel: str) -> WorkspaceMessage:
    (found,) = world.posts(channel, "Post-mortem meeting of")
    return found


def read(mail: EmailMessage) -> Any:
    """The event in a mail, by a parser that did not write it."""
    part = mail.get_body(("calendar",)) or next(
        each for each in mail.walk() if each.get_content_type() == "text/calendar"
    )
    calendar = icalendar.Calendar.from_ical(part.get_content())
    assert part.get_param("method") == str(calendar["METHOD"])
    (event,) = calendar.walk("VEVENT")
    return calendar["METHOD"], event


def told(box: Mailbox) -> list[tuple[str, str, int]]:
    """To whom, what, in which sequence."""
    found = []
    for mail in box.mails:
        method, event = read(mail)
        found.append((mail["To"].addresses[0].addr_spec, str(method), int(event["SEQUENCE"])))
    return sorted(found)


async def test_everybody_involved_gets_one_mail_and_again_when_it_moves_and_is_cancelled(
    world: World,
) -> None:
    async with mailing(world) as box:
        channel = await resolved(world)
        await world.incident("bruno", "review", channel)
        answers = {"summary": {"summary": "A deploy filled the pool."}}
        assert (await world.slack.people.submit("bruno", await world.form("bruno"), answers)).ok
        await world.quiet()
        await world.slack.people.click("ana", checklist(world, channel), "arrange_meeting")
        form = await world.form("ana")
        offered = [block for block in form.blocks if block.get("block_id") == "meeting_time"]
        assert 1 <= len(offered[0]["element"]["options"]) <= 4
        people = chosen(world, "ana", "bruno", length="60", place="https://call.example/42")
        assert (await world.slack.people.submit("ana", form, people)).ok
        await world.quiet()
        assert told(box) == [("ana@team.example", "REQUEST", 0), ("bruno@team.example", "REQUEST", 0)]
        _, event = read(box.mails[0])
        assert (event["DTSTART"].dt, event["DTEND"].dt) == (AT, AT + timedelta(hours=1))
        uid = str(event["UID"])
        assert uid.startswith("inc-1-review.") and uid.endswith("@team.example")
        assert str(event["LOCATION"]) == "https://call.example/42"
        (review,) = world.posts(channel, "Review of INC-1:")
        assert f"/archives/{channel}/p{review.ts.replace('.', '')}" in str(event["DESCRIPTION"])
        shown = world.text(meeting(world, channel))
        assert "60 min" in shown and "2 of 2 by e-mail, with a calendar invitation." in shown
        assert "the meeting: " in world.text(checklist(world, channel))

        box.mails.clear()
        await arranged(world, channel, "ana", "chidi", at=AT + timedelta(hours=2))
        assert told(box) == [
            ("ana@team.example", "REQUEST", 1),
            ("bruno@team.example", "CANCEL", 1),
            ("chidi@team.example", "REQUEST", 1),
        ]
        assert {str(read(mail)[1]["UID"]) for mail in box.mails} == {uid}

        box.mails.clear()
        await world.slack.people.click("bruno", meeting(world, channel), "cancel_meeting")
        await world.quiet()
        assert told(box) == [("ana@team.example", "CANCEL", 2), ("chidi@team.example", "CANCEL", 2)]
        assert str(read(box.mails[0])[1]["STATUS"]) == "CANCELLED"
        assert "cancelled" in world.text(meeting(world, channel))
        await world.incident("ana", "timeline", channel)
        heard = world.heard("ana")
        for words in (
            "arranged the post-mortem meeting",
            "moved the post-mortem",
            "cancelled the post-mortem",
        ):
            assert words in heard


async def test_who_has_no_address_or_is_refused_gets_a_message_and_is_named(world: World) -> None:
    async with mailing(world) as box:
        chidi = world.slack.person("chidi")
        world.slack.workspace.users[chidi.id] = replace(chidi, email="")
        box.refusals["bruno@team.example"] = "550 no such user"
        channel = await resolved(world)
        await arranged(world, channel, "ana", "bruno", "chidi", "statusbot")
        assert told(box) == [("ana@team.example", "REQUEST", 0)]
        shown = world.text(meeting(world, channel))
        assert "By direct message: @Bruno Keller. The mail server refuses the address (550)." in shown
        assert "By direct message: @Chidi" in shown and "Slack shows no e-mail address of theirs." in shown
        assert "Not invited: " in shown and "is a bot." in shown
        for who in ("bruno", "chidi"):
            invitations = [world.text(each) for each in world.slack.direct_messages(who)]
            assert (
                sum("You are invited to the post-mortem meeting of INC-1" in text for text in invitations)
                == 1
            )


async def test_without_a_mail_server_everybody_gets_a_message(world: World) -> None:
    async with world.bot():
        channel = await resolved(world)
        await arranged(world, channel, "ana", "bruno")
        shown = world.text(meeting(world, channel))
        assert "By direct message: @Ana" in shown and "No mail server is set" in shown
        assert any("You are invited" in world.text(each) for each in world.slack.direct_messages("bruno"))


async def test_an_answer_that_is_lost_repeats_the_same_mail_and_then_says_so(world: World) -> None:
    async with mailing(world) as box:
        box.answer = ""
        channel = await resolved(world)
        await arranged(world, channel, "bruno")
        assert len(box.mails) == 3 and len({mail["Message-ID"] for mail in box.mails}) == 1
        assert len(set(box.raw)) == 1
        assert "The mail may have come all the same." in world.text(meeting(world, channel))


async def test_what_cannot_be_is_refused_and_nothing_is_sent(world: World) -> None:
    async with mailing(world) as box:
        channel = await world.declared("declare p3 Search is slow")
        await world.incident("ana", "meeting", channel)
        assert "the meeting is arranged when it is resolved" in world.heard("ana")
        await world.incident("ana", "meeting cancel", channel)
        assert "INC-1 has no meeting." in world.heard("ana")
        await world.incident("ana", "meeting tomorrow at noon", channel)
        assert "/incident meeting cancel WHY" in world.heard("ana")
        await world.incident("ana", "resolve", channel)
        form = await world.form("ana")
        assert (await world.slack.people.submit("ana", form, {"resolution": {"resolution": "Done"}})).ok
        await world.quiet()
        await world.incident("ana", "meeting", channel)
        form = await world.form("ana")
        for fields, field, words in (
            (chosen(world, "ana", at=AT - timedelta(days=9)), "other_time", "That time is over."),
            (chosen(world, "ana", at=AT + timedelta(days=200)), "other_time", "more than 90 days ahead"),
            (chosen(world, "ana", place="http://call.example"), "place", "https://"),
        ):
            await world.slack.people.submit("ana", form, fields)
            assert words in form.errors[field]
        assert box.mails == []


async def test_nobody_is_mailed_of_a_drill(world: World) -> None:
    async with mailing(world) as box:
        channel = await resolved(world, "drill p3 Search is slow")
        await arranged(world, channel, "ana", "bruno")
        assert "A drill: no invitation goes out." in world.text(meeting(world, channel))
        assert box.mails == []


async def test_an_incident_that_is_opened_again_keeps_its_meeting_and_says_so(world: World) -> None:
    async with mailing(world) as box:
        channel = await resolved(world)
        await arranged(world, channel, "ana")
        await world.incident("ana", "reopen", channel)
        await world.quiet()
        (said,) = world.posts(channel, "reopened INC-1")
        assert "The post-mortem meeting stays" in world.text(said)
        assert "INC-1 is open again; the meeting stays." in world.text(meeting(world, channel))
        await resolve_again(world, channel)
        assert "is open again" not in world.text(meeting(world, channel))
        await world.incident("ana", "meeting cancel INC-1 *Not* now, <@U0BRUNO001> is ill", "general")
        await world.quiet()
        assert "The post-mortem meeting of INC-1 is cancelled. Told now: 1." in world.heard("ana")
        (_, cancelled) = box.mails
        text = cancelled.get_body(("plain",))
        assert text is not None
        assert "It does not take place: *Not* now, somebody is ill" in text.get_content()
        assert "somebody is ill" in str(read(cancelled)[1]["DESCRIPTION"])
        shown = world.text(meeting(world, channel))
        assert "Why: *Not* now" in shown and "<@U0BRUNO001>" not in text.get_content()


async def resolve_again(world: World, channel: str) -> None:
    await world.incident("ana", "resolve", channel)
    form = await world.form("ana")
    assert (await world.slack.people.submit("ana", form, {"resolution": {"resolution": "Again"}})).ok
    await world.quiet()


async def test_why_it_is_cancelled_is_said_to_who_gets_no_mail_and_of_a_private_incident_in_no_mail(
    world: World,
) -> None:
    async with mailing(world) as box:
        box.refusals["bruno@team.example"] = "550 no such user"
        channel = await resolved(world, "declare private p3 Layoffs leaked")
        await world.incident("ana", "meeting", channel)
        form = await world.form("ana")
        assert (await world.slack.people.submit("ana", form, chosen(world, "ana"))).ok
        await world.quiet()
        await world.incident("ana", "meeting cancel Layoffs are postponed", channel)
        await world.quiet()
        assert "Why: Layoffs are postponed" in world.text(meeting(world, channel))
        assert len(box.raw) == 2 and all(b"Layoffs" not in raw for raw in box.raw)
        other = await resolved(world)
        await arranged(world, other, "bruno")
        await world.incident("ana", "meeting cancel The room is taken", other)
        await world.quiet()
        said = [world.text(each) for each in world.slack.direct_messages("bruno")]
        assert any("is cancelled." in text and "Why: The room is taken" in text for text in said)


async def test_a_meeting_ends_with_its_incident_when_that_is_merged_or_cancelled(world: World) -> None:
    async with mailing(world) as box:
        channel = await resolved(world)
        await arranged(world, channel, "ana")
        await world.incident("ana", "reopen", channel)
        await world.declared("declare p3 Mail is late")
        box.mails.clear()
        await world.incident("ana", "merge into INC-2", channel)
        await world.quiet()
        await world.slack.people.click("ana", world.slack.ephemerals("ana")[-1], "merge")
        await world.quiet()
        assert told(box) == [("ana@team.example", "CANCEL", 1)]
        text = box.mails[0].get_body(("plain",))
        assert (
            text is not None and "It does not take place: INC-1 was merged into INC-2" in text.get_content()
        )
        assert "Why: INC-1 was merged into INC-2" in world.text(meeting(world, channel))
        await world.incident("ana", "timeline INC-1", "general")
        assert "cancelled the post-mortem meeting" in world.heard("ana")


async def test_of_a_private_incident_only_its_number_leaves_slack(world: World) -> None:
    async with mailing(world) as box:
        channel = await resolved(world, "declare private p3 Layoffs leaked")
        await world.incident("ana", "meeting", channel)
        form = await world.form("ana")
        await world.slack.people.submit("ana", form, chosen(world, "ana", "bruno"))
        assert "1 of those people may not see it" in form.errors["other_time"]
        assert (await world.slack.people.submit("ana", form, chosen(world, "ana"))).ok
        await world.quiet()
        (raw,) = box.raw
        (mail,) = box.mails
        assert b"Layoffs" not in raw and "Layoffs" not in str(read(mail)[1])
        assert mail["Subject"] == "Post-mortem of INC-1"
