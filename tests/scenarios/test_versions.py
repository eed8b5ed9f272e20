"""Rows of another version beside ours: what we cannot perform holds nobody up, and is not forgotten."""

import json
import logging
from functools import partial
from typing import Any

import httpx
import pytest

from tests.scenarios.conftest import CONTACTS, World

STRANGE: dict[str, tuple[str, object, int]] = {
    "a kind of a newer version": ("PostHologram", {"incident": 1, "beam": "blue"}, 1),
    "a kind without anything": ("PostHologram", {}, 1),
    "a field of a newer version": ("PostUpdate", {"incident": 1, "update": 1, "tone": "calm"}, 1),
    "a newer format": ("PostUpdate", {"incident": 1, "update": 1}, 2),
    "a sentence of a newer version": (
        "PostNotice",
        {"incident": 1, "words": "sung", "detail": [], "change": "x"},
        1,
    ),
    "no sentence": ("PostNotice", {"incident": 1, "words": None, "detail": [], "change": "x"}, 1),
    "a field too few": ("PostUpdate", {"incident": 1}, 1),
    "a list": ("PostUpdate", [1, 2], 1),
    "a text": ("PostUpdate", "update 1", 1),
    "nothing": ("PostUpdate", None, 1),
    "a kind in other letters": ("postupdate", {"incident": 1, "update": 1}, 1),
}


UPDATES = ("alpha wave", "beta wave", "gamma wave")


def write(
    world: World,
    kind: str,
    payload: object,
    format: int = 1,
    key: str = "strange",
    lane: str = "room:1",
    urgency: int = 5,
    incident: int | None = 1,
) -> None:
    """A row as another version writes it."""
    world.looking.rows(
        "insert into outbox (key, lane, urgency, coalesces, kind, payload, incident, format)"
        " values (%s, %s, %s, false, %s, %s, %s, %s)",
        *(key, lane, urgency, kind, json.dumps(payload), incident, format),
    )


def row(world: World, key: str = "strange") -> dict[str, Any]:
    return world.looking.rows("select * from outbox where key = %s", key)[0]


def waited(world: World, minutes: float) -> None:
    """Let what is strange have been due for so long."""
    world.looking.rows(
        "update outbox set not_before = not_before - make_interval(secs => %s) where key like 'strange%%'",
        minutes * 60,
    )


async def ready(world: World) -> dict[str, Any]:
    assert world.running is not None
    host, port = world.running.address
    async with httpx.AsyncClient() as client:
        answer = await client.get(f"http://{host}:{port}/readyz")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


async def test_a_row_that_we_cannot_perform_holds_neither_its_room_nor_others_up(world: World) -> None:
    async with world.bot():
        room = await world.declared("declare p3 Search is slow")
        for what, (kind, payload, format) in STRANGE.items():
            write(world, kind, payload, format)
            updates = [f"{words} after {what}" for words in UPDATES]
            for words in updates:
                await world.incident("ana", f"update {words}", channel=room)
            await world.until(partial(world.posts, room, f"> {updates[-1]}"))
            at = [post.ts for words in updates for post in world.posts(room, f"> {words}")]
            assert len(at) == len(updates) and at == sorted(at), what
            assert row(world)["settled_at"] is None, "a newer version may still perform it"
            assert (await ready(world)) == {"status": "ok"}, what
            world.looking.rows("delete from outbox where key = 'strange'")


@pytest.mark.parametrize("what", STRANGE)
async def test_after_a_minute_it_is_named_and_after_a_quarter_of_an_hour_it_is_told_in_the_room_as_undone(
    world: World, what: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    async with world.bot():
        room = await world.declared("declare p3 Search is slow")
        kind, payload, format = STRANGE[what]
        write(world, kind, payload, format)
        await world.until(lambda: row(world)["passed_over"])
        waited(world, 1.1)
        assert world.running is not None
        await world.until(lambda: world.running and world.running.health.passed_over())
        (reason,) = (await ready(world))["reasons"]
        assert reason.startswith(f"no running version of Tocsin can perform strange ({kind})")
        assert any("strange: waiting for" in record.message for record in caplog.records)
        assert not world.posts(room, "no running version of Tocsin")
        waited(world, 14)
        await world.until(lambda: world.posts(room, ". No running version of Tocsin knows how to do this"))
        assert row(world)["state"] == "dead"
        await world.until(lambda: world.running and not world.running.health.passed_over())
        assert (await ready(world)) == {"status": "ok"}


async def test_what_belongs_to_no_incident_is_named_and_given_up_in_the_log(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    async with world.bot():
        write(world, "PostHologram", {}, incident=None, lane="strange")
        await world.until(lambda: row(world)["passed_over"])
        waited(world, 16)
        await world.until(lambda: row(world)["state"] == "dead")
        assert any("strange: moved to dead letters" in record.message for record in caplog.records)


def newer(world: World, seconds: float, replica: int = 999_999) -> None:
    """A newer version that knows the hologram was seen running so many seconds ago."""
    known = {"PostHologram": {"format": 1, "fields": "{incident,beam}"}}
    world.looking.rows(
        "insert into replica_known values (%s, %s, now() - make_interval(secs => %s))"
        " on conflict (replica) do update set seen_at = excluded.seen_at",
        *(replica, json.dumps(known), seconds),
    )


async def test_what_a_newer_version_that_runs_can_perform_is_left_to_it_in_its_order(world: World) -> None:
    async with world.bot():
        room = await world.declared("declare p3 Search is slow")
        newer(world, seconds=0)
        write(world, "PostHologram", {"incident": 1, "beam": "blue"})
        await world.incident("ana", "update it waits", channel=room)
        await world.until(lambda: row(world, "update:1:1")["id"])
        assert world.running is not None
        for _ in range(2):
            await world.running.store.list_unsupported(10)
        assert not row(world)["passed_over"]
        assert row(world, "update:1:1")["attempts"] == 0, "what stands before it is the newer version's"
        newer(world, seconds=30)
        await world.until(lambda: world.posts(room, "it waits"))
        waited(world, 2)
        assert world.running.health.passed_over() == "", "it was there half a minute ago"
        newer(world, seconds=0)
        await world.until(lambda: not row(world)["passed_over"])


async def test_what_was_passed_over_is_performed_as_soon_as_a_version_knows_it(world: World) -> None:
    async with world.bot():
        room = await world.declared("declare p3 Search is slow")
        told = {
            "incident": 1,
            "words": "renamed",
            "detail": [["actor", "U0SAND0001"], ["before", "a"], ["to", "b"]],
        }
        world.looking.rows(
            "insert into outbox (key, lane, urgency, coalesces, kind, payload, incident, passed_over, for_newer, state)"
            " values ('strange', 'room:1', 5, false, 'PostNotice', %s, 1, true, true, 'newer')",
            json.dumps({**told, "change": "x"}),
        )
        await world.until(lambda: row(world)["state"] == "sent")
        assert world.posts(room, "renamed the incident: a → ")


PAGES: dict[str, tuple[str, dict[str, object]]] = {
    "a newer format of the page by a way": ("PageContact", {"incident": 1, "way": 1, "tone": "loud"}),
    "a way of a newer kind": ("PageBySatellite", {"incident": 1, "way": 1}),
    "a contact": ("PageBySatellite", {"incident": 1, "contact": "CTO", "orbit": 3}),
    "nobody that can be read": ("PageBySatellite", {"incident": 1, "orbit": 3}),
    "a way that is not there": ("PageBySatellite", {"incident": 1, "way": 12345}),
    "a way that is no number": ("PageBySatellite", {"incident": 1, "way": "first"}),
}


@pytest.mark.parametrize("what", PAGES)
async def test_a_page_that_we_cannot_perform_is_told_in_the_room_at_once_with_the_phone_number(
    world: World, what: str
) -> None:
    book = world.settings.contacts
    assert book is not None
    book.write_text(CONTACTS.replace('"slack:U0BRUNO001"', '["pagerduty:user/PCTO001", "tel:+14155550100"]'))
    async with world.bot():
        room = await world.declared_soon("declare p2 Search is slow")
        world.looking.rows("delete from way; delete from outbox where kind in ('PageContact', 'NamePhone')")
        world.looking.rows(
            "insert into way (id, incident, contact, place, handle, requested_at) overriding system value"
            " values (1, 1, 'CTO', 0, 'pagerduty:user/PCTO001', now()), (2, 1, 'CTO', 1, 'tel:+14155550100', null)"
        )
        kind, payload = PAGES[what]
        write(world, kind, payload, lane="strange", urgency=0)
        await world.until(lambda: world.posts(room, "+14155550100"))
        (told,) = world.posts(room, "+14155550100")
        assert "no running version of Tocsin knows how" in world.text(told)
        await world.quiet_but("strange")
        assert len(world.posts(room, "+14155550100")) == 1, "once"


async def test_a_direct_message_to_somebody_that_we_cannot_perform_is_told_in_the_room_at_once(
    world: World,
) -> None:
    async with world.bot():
        room = await world.declared("declare p0 API is down")
        write(
            world,
            "PageResponder",
            {"incident": 1, "person": "U0BRUNO001", "contact": "CTO", "ring": 3},
            urgency=0,
            lane="s",
        )
        await world.until(lambda: world.posts(room, "could not be paged"))


async def test_a_page_of_an_incident_that_is_over_wakes_nobody(world: World) -> None:
    async with world.bot():
        room = await world.declared("declare p3 Search is slow")
        world.looking.rows("update incident set status = 'cancelled'")
        write(world, "PageBySatellite", {"incident": 1, "contact": "CTO"}, urgency=0, lane="strange")
        await world.until(lambda: row(world)["passed_over"])
        await world.quiet_but("strange")
        assert not world.posts(room, "could not be")
