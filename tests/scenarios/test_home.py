"""The app's home: each open incident once, with what the person may do to it, what is over lately, who is on call."""

import json
from typing import Any

from tests.scenarios.conftest import World
from tests.scenarios.test_following import resolved


async def opened(world: World, who: str) -> list[dict[str, Any]]:
    """The blocks of somebody's home as it is drawn when they look at it."""
    before = world.slack.home(who)
    seen = before.hash if before else ""
    await world.slack.people.open_home(who)
    await world.until(lambda: (now := world.slack.home(who)) and now.hash != seen)
    return blocks(world, who)


def blocks(world: World, who: str) -> list[dict[str, Any]]:
    home = world.slack.home(who)
    assert home is not None
    return list(home.payload["blocks"])


def part(shown: list[dict[str, Any]], head: str) -> str:
    """What stands below a headline, as far as the next one."""
    heads = [number for number, each in enumerate(shown) if each["type"] == "header"]
    begin = next(number for number in heads if shown[number]["text"]["text"] == head)
    end = next((number for number in heads if number > begin), len(shown))
    return json.dumps(shown[begin + 1 : end], ensure_ascii=False)


def labels(shown: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """The buttons of incidents: what each is called, and of which incident it is."""
    rows = [each for each in shown if each["type"] == "actions"]
    return [(each["text"]["text"], each["value"]) for row in rows for each in row["elements"]]


async def clicks(world: World, who: str, action: str) -> None:
    """Click a button of INC-1 at somebody's home."""
    home = world.slack.home(who)
    assert home is not None
    await world.slack.people.click(who, home, f"{action}:1")


async def test_each_open_incident_stands_there_once_with_its_buttons_the_own_ones_first(world: World) -> None:
    async with world.bot():
        await world.declared("declare p0 API is down", "bruno")
        await world.declared("declare p3 Search is slow", "ana")
        await world.declared("declare p2 Mails are late", "bruno")
        await world.incident("ana", "follow INC-3")
        shown = await opened(world, "ana")
        text = json.dumps(shown, ensure_ascii=False)
        for number, title in ((1, "API is down"), (2, "Search is slow"), (3, "Mails are late")):
            assert text.count(title) == 1, title
            assert labels(shown).count(("Post update", str(number))) == 1
            assert labels(shown).count(("Resolve", str(number))) == 1
        below = part(shown, "Open incidents")
        assert below.index("INC-2") < below.index("INC-3") < below.index("INC-1")
        assert "you're the commander" in below[: below.index("INC-3")]
        assert "you follow it" in below[below.index("INC-3") : below.index("INC-1")]
        assert below.count("you're the commander") == below.count("you follow it") == 1


async def test_who_is_on_call_and_what_was_resolved_lately_stand_there(world: World) -> None:
    async with world.bot():
        channel = await world.declared("declare p3 API is down")
        await resolved(world, channel)
        shown = await opened(world, "chidi")
        assert "API is down" in part(shown, "Recently resolved")
        assert "resolved after" in part(shown, "Recently resolved")
        assert "None. All quiet." in part(shown, "Open incidents")
        await world.until(lambda: "CTO" in part(blocks(world, "chidi"), "Who is on call"))
        assert ("Resolve", "1") not in labels(shown)


async def test_what_is_done_from_there_is_seen_there(world: World) -> None:
    async with world.bot():
        await world.declared("declare p3 API is down")
        await opened(world, "ana")
        await opened(world, "bruno")
        await clicks(world, "ana", "post_update")
        form = await world.form("ana")
        await world.slack.people.submit("ana", form, {"update_text": {"update_text": "Half of it works"}})
        await world.quiet()
        assert world.posts("incident-response", "Half of it works")
        await clicks(world, "ana", "resolve")
        form = await world.form("ana")
        done = {"resolution": {"resolution": "Rolled back"}, "root_cause": {"root_cause": "A deploy"}}
        assert (await world.slack.people.submit("ana", form, done)).ok
        await world.until(lambda: "Recently resolved" in json.dumps(blocks(world, "ana")))
        assert "API is down" not in part(blocks(world, "ana"), "Open incidents")
        # Bruno's home still has the button: he is told, and sees the home as it is now.
        await clicks(world, "bruno", "resolve")
        told = "INC-1 is already resolved"
        await world.until(lambda: any(told in world.text(m) for m in world.slack.direct_messages("bruno")))
        await world.until(lambda: "Recently resolved" in json.dumps(blocks(world, "bruno")))


async def test_who_may_change_nothing_has_no_buttons(world: World) -> None:
    async with world.bot():
        channel = await world.declared("declare p3 API is down")
        world.slack.people.join("gus", channel)
        shown = await opened(world, "gus")
        assert "API is down" in part(shown, "Open incidents")
        assert labels(shown) == []
        assert "Who is on call" not in json.dumps(shown)
