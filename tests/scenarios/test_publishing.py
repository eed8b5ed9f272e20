"""Customers are told once, in words that a person let out, on a page of our own."""

import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from diagnostics.systems.statuspage import parse_summary
from tests.scenarios.conftest import World


@pytest.fixture
def folder(world: World, tmp_path: Path) -> Path:
    """The page is a folder, with three components."""
    page = tmp_path / "status"
    world.settings = world.settings.model_copy(
        update={
            "status_page": str(page),
            "status_url": "https://status.acme.example",
            "status_name": "Acme status",
            "status_components": "API, Website, Payments",
        }
    )
    return page


def given(**fields: Any) -> dict[str, dict[str, Any]]:
    """What is typed in a form's fields; a double underscore is a dash."""
    return {(name := key.replace("__", "-")): {name: value} for key, value in fields.items()}


def read(folder: Path, path: str) -> Any:
    return json.loads((folder / "api" / "v2" / path).read_text())


async def published(world: World, channel: str, who: str = "ana") -> None:
    message, action = world.button(channel, "publish")
    await world.slack.people.click(who, message, action)
    await world.quiet()


async def test_a_draft_of_the_runbooks_words_is_published_by_one_click_and_once(
    world: World, folder: Path
) -> None:
    async with world.bot():
        channel = await world.declared()
        (draft,) = world.posts(channel, "Draft for customers, not public yet")
        said = world.text(draft)
        assert "We are currently experiencing issues with “API is down”" in said
        assert "updates every 15 minutes" in said
        assert "support@rodistaa.com" in said and "⛔" not in said
        assert not folder.exists(), "nothing goes out by itself"
        await published(world, channel)
        (incident,) = read(folder, "incidents/unresolved.json")["incidents"]
        assert incident["name"] == "API is down"
        assert incident["impact"] == "critical" and incident["status"] == "investigating"
        (update,) = incident["incident_updates"]
        assert update["body"].startswith("🔴 We are currently experiencing issues with “API is down”")
        (told,) = world.posts(channel, "Public on Acme status: investigating")
        assert "Next one promised for" in world.text(told)
        await world.slack.people.click("ana", draft, "publish", as_seen=True)
        await world.until(lambda: "published already" in world.heard("ana"))
        assert len(read(folder, "incidents.json")["incidents"][0]["incident_updates"]) == 1
        assert len(world.posts(channel, "Public on Acme status: investigating")) == 1
        await world.incident("ana", "timeline", channel)
        assert "published an update for customers, investigating" in world.heard("ana")
        assert "INC-1" not in (folder / "index.html").read_text()


async def test_only_communications_commander_and_deputy_publish(world: World, folder: Path) -> None:
    async with world.bot():
        channel = await world.declared()
        await published(world, channel, "chidi")
        await world.until(lambda: "This may be published by @Ana" in world.heard("chidi"))
        assert not folder.exists()
        await world.incident("ana", "assign communications @chidi", channel)
        await published(world, channel, "chidi")
        assert read(folder, "incidents.json")["incidents"]


async def test_it_stays_inside_when_somebody_says_so(world: World, folder: Path) -> None:
    async with world.bot():
        channel = await world.declared()
        message, action = world.button(channel, "withhold_public")
        await world.slack.people.click("ana", message, action)
        await world.until(lambda: world.posts(channel, "For customers: stays inside."))
        await world.slack.people.click("ana", message, "publish", as_seen=True)
        await world.until(lambda: "kept inside" in world.heard("ana"))
        assert not folder.exists()


@pytest.mark.parametrize("words", ["declare p2 Search is slow", "declare private p0 Data is leaking"])
async def test_a_lesser_or_a_private_incident_gets_no_draft(world: World, folder: Path, words: str) -> None:
    async with world.bot():
        channel = await world.declared(words)
        assert not world.posts(channel, "Draft for customers")
        await world.incident("ana", "publish We are looking into it.", channel)
        await world.quiet()
        if "private" in words:
            assert "nothing of it is ever published" in world.heard("ana")
        else:
            await published(world, channel)
            (incident,) = read(folder, "incidents.json")["incidents"]
            assert incident["incident_updates"][0]["body"] == "We are looking into it."
            assert incident["impact"] == "minor"


async def test_a_drill_shows_what_it_would_have_published(world: World, folder: Path) -> None:
    async with world.bot():
        channel = await world.declared("drill p0 API is down")
        await published(world, channel)
        gone = "nothing was published. It would have gone out now: Acme status"
        await world.until(lambda: gone in world.heard("ana"))
        assert world.posts(channel, "would be public now, but this is a drill")
        assert not folder.exists()


async def test_words_that_are_nobodys_business_hold_it_back_until_confirmed(
    world: World, folder: Path
) -> None:
    async with world.bot():
        channel = await world.declared()
        words = "The database prod-db-01 is down, Bruno Keller looks at JIRA-12 with AWS."
        await world.incident("ana", f"publish {words}", channel)
        await world.until(lambda: world.posts(channel, "prod-db-01"))
        await world.quiet()
        (draft,) = world.posts(channel, "prod-db-01")
        said = world.text(draft)
        assert "⛔ “prod-db-01” is a host or an address" in said
        assert "⛔ “Bruno Keller” names a person" in said
        assert "⚠️ “JIRA-12” is a ticket's number" in said
        assert "⚠️ “AWS” names a vendor" in said
        assert "⚠️ “database” is how it works inside" in said
        await published(world, channel)
        await world.until(lambda: "Not published: words in it hold it back." in world.heard("ana"))
        assert not folder.exists()
        await world.slack.people.click("ana", draft, "edit_public")
        form = await world.form("ana")
        answer = await world.slack.people.submit("ana", form, given(public_text=words))
        assert "hold it back" in answer.body and not folder.exists()
        sent = given(
            confirmed="Publish  anyway", public_components__0=["own:api"], public_state="major_outage"
        )
        await world.slack.people.submit("ana", form, sent)
        await world.quiet()
        (incident,) = read(folder, "incidents.json")["incidents"]
        assert incident["incident_updates"][0]["body"] == words
        assert read(folder, "components.json")["components"][0]["status"] == "major_outage"


async def test_somebody_of_the_workspace_who_never_used_tocsin_is_not_named(
    world: World, folder: Path
) -> None:
    """And a word that is somebody's name too is only a word."""
    world.slack.add_person("zeynep", "Zeynep Arslan")
    world.slack.add_person("will", "Will Smith")
    async with world.bot() as running:
        channel = await world.declared()
        await world.until(lambda: "Zeynep Arslan" in running.services.workspace_names)
        await world.incident("ana", "publish We will ask Zeynep Arslan.", channel)
        await world.until(lambda: world.posts(channel, "We will ask"))
        await world.quiet()
        (draft,) = world.posts(channel, "We will ask")
        said = world.text(draft)
        assert "“Zeynep Arslan” names a person" in said and said.count("names a person") == 1


async def test_the_end_is_published_and_its_components_work_again(world: World, folder: Path) -> None:
    async with world.bot():
        channel = await world.declared()
        message, action = world.button(channel, "edit_public")
        await world.slack.people.click("ana", message, action)
        sent = given(public_components__0=["own:api", "own:payments"], public_state="partial_outage")
        await world.slack.people.submit("ana", await world.form("ana"), sent)
        await world.quiet()
        summary = parse_summary(read(folder, "summary.json"))
        assert summary.indicator == "critical"
        assert summary.components == (("API", "partial_outage"), ("Payments", "partial_outage"))
        await world.incident("ana", "resolve Rolled back", channel)
        await world.slack.people.submit("ana", await world.form("ana"), given(resolution="Rolled back"))
        await world.quiet()
        await world.incident("ana", "publish", channel)
        await world.until(lambda: world.posts(channel, "are resolved"))
        await world.quiet()
        await published(world, channel)
        summary = parse_summary(read(folder, "summary.json"))
        assert (summary.indicator, summary.components, summary.incidents) == ("none", (), ())
        (told,) = world.posts(channel, "Public on Acme status: resolved")
        assert "Back to operational: API, Payments." in world.text(told)
        (incident,) = read(folder, "incidents.json")["incidents"]
        first, last = incident["incident_updates"][::-1]
        assert "currently experiencing" in first["body"] and "currently experiencing" not in last["body"]
        assert incident["resolved_at"]
        await world.incident("ana", "publish Once more", channel)
        assert "resolved on the status page already" in world.heard("ana")


async def test_served_by_the_bot_it_is_read_in_a_browser(world: World) -> None:
    async with (
        world.bot(status_page="serve", status_components="API") as running,
        aiohttp.ClientSession() as web,
    ):
        base = "http://{}:{}/status".format(*running.address)
        channel = await world.declared()
        await published(world, channel)
        async with web.get(f"{base}/", headers={"Cache-Control": "no-cache"}) as page:
            assert page.status == 200 and "max-age" in page.headers["Cache-Control"]
        await world.until(lambda: world.posts(channel, "Public on Status"))
        async with web.get(f"{base}/api/v2/incidents/unresolved.json") as answer:
            listed = await answer.json()
        assert listed["incidents"][0]["name"] == "API is down"
        async with web.get(f"{base}/../livez") as other:
            assert other.status == 200
        async with web.get(f"{base}/%2e%2e/%2e%2e/pyproject.toml") as outside:
            assert outside.status == 404


async def test_without_a_page_nothing_is_offered(world: World) -> None:
    async with world.bot():
        channel = await world.declared()
        assert not world.posts(channel, "Draft for customers")
        await world.incident("ana", "publish", channel)
        assert "There is no status page" in world.heard("ana")


async def test_a_public_promise_that_is_late_is_told_to_the_room(world: World, folder: Path) -> None:
    async with world.bot():
        channel = await world.declared()
        await published(world, channel)
        world.looking.rows(
            "update public_incident set notice_at = now(), promised_at = now() - interval '1 minute' returning incident"
        )
        await world.until(lambda: world.posts(channel, "Customers wait"))
        (late,) = world.posts(channel, "Customers wait")
        assert world.text(late).startswith("@Ana")


async def test_two_who_publish_at_once_publish_once(world: World, folder: Path) -> None:
    import asyncio

    async with world.bot():
        channel = await world.declared()
        await world.incident("ana", "assign deputy @bruno", channel)
        message, action = world.button(channel, "publish")
        click = world.slack.people.click
        await asyncio.gather(click("ana", message, action), click("bruno", message, action))
        await world.quiet()
        (incident,) = read(folder, "incidents.json")["incidents"]
        assert len(incident["incident_updates"]) == 1
        assert len(world.posts(channel, "Public on Acme status: investigating")) == 1


async def test_two_persons_have_to_agree_where_the_setting_says_so(world: World, folder: Path) -> None:
    async with world.bot(status_approval=2):
        channel = await world.declared()
        await world.incident("ana", "assign deputy @bruno", channel)
        await published(world, channel)
        await world.until(lambda: "A second person has to publish it" in world.heard("ana"))
        await published(world, channel)
        assert not folder.exists(), "one person twice is one person"
        await published(world, channel, "bruno")
        assert read(folder, "incidents.json")["incidents"]


async def test_reopened_it_is_a_new_incident_on_the_page(world: World, folder: Path) -> None:
    async with world.bot():
        channel = await world.declared()
        await published(world, channel)
        await world.incident("ana", "resolve Restarted", channel)
        await world.slack.people.submit("ana", await world.form("ana"), given(resolution="Rolled back"))
        await world.incident("ana", "publish It works again.", channel)
        await world.until(lambda: world.posts(channel, "It works again."))
        await published(world, channel)
        await world.incident("ana", "reopen", channel)
        await world.incident("ana", "publish It is back.", channel)
        await world.until(lambda: world.posts(channel, "It is back."))
        await published(world, channel)
        newest, first = read(folder, "incidents.json")["incidents"]
        assert [newest["status"], first["status"]] == ["investigating", "resolved"]
        assert newest["id"] != first["id"]
