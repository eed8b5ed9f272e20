"""What every status page has to keep: once, found again, respected where people ended it. Each runs on the real thing:
a folder, and a stand-in that speaks the provider's HTTP interface."""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import pytest

from bot.adapters.status_pages import atlassian, incident_io
from bot.adapters.status_pages.atlassian import StatuspagePage
from bot.adapters.status_pages.incident_io import IncidentIoPage
from bot.adapters.status_pages.page_rules import RequestPace
from bot.domain.incident import Status
from bot.domain.public_update import PageImpact
from bot.ports.publication_repository import (
    PageAnswerLost,
    PageBusy,
    PageClosedThere,
    PageRefused,
    PostedText,
    PublicText,
    StatusPage,
)
from sandbox.provider_server import AFTER, BEFORE
from sandbox.status_pages.incident_io_api import IncidentIoStandIn
from sandbox.status_pages.provider_stand_in import ProviderStandIn
from sandbox.status_pages.statuspage_api import StatuspageStandIn


def then(first: PostedText, text: str = "It works again.", status: Status = Status.RESOLVED) -> PublicText:
    """The text after the first one, without components."""
    return replace(
        BARE,
        update=8,
        incident_id=first.incident_id,
        status=status,
        text=text,
        known_ids=(first.update_id,),
    )


BARE = PublicText(
    incident=42,
    opening=1,
    update=7,
    incident_id="",
    title="API is down",
    status=Status.INVESTIGATING,
    text="We are looking into it.",
    impact=PageImpact.CRITICAL,
)


@dataclass
class Provider:
    """A page, the stand-in behind it, its component for the API, what being down is called there, how long a text may
    be, and which setting names the page."""

    page: StatusPage
    stand_in: ProviderStandIn
    api: str
    down: str
    longest: int
    setting: str

    @property
    def first(self) -> PublicText:
        """The first text: the API is down."""
        return replace(BARE, components={self.api: "major_outage"})

    def read(self) -> list[tuple[str, str]]:
        return self.stand_in.read_texts()

    async def post_again(self, text: PublicText) -> PostedText:
        """As the outbox does it when an answer was lost."""
        return await self.page.find(text) or await self.page.publish(text)


@asynccontextmanager
async def opened(which: str, per_minute: int = 60) -> AsyncIterator[Provider]:
    stand_in: ProviderStandIn
    if which == "statuspage":
        stand_in = StatuspageStandIn()
        await stand_in.start()
        page: StatusPage = StatuspagePage(
            stand_in.key, stand_in.page, stand_in.url, lambda: "inst", RequestPace(per_minute)
        )
        made = Provider(
            page, stand_in, "cmpapi0001", "major_outage", atlassian.MAX_BODY, "STATUSPAGE_PAGE_ID"
        )
    else:
        stand_in = IncidentIoStandIn()
        await stand_in.start()
        page = IncidentIoPage(
            stand_in.key, stand_in.page, stand_in.url, lambda: "inst", RequestPace(per_minute)
        )
        made = Provider(
            page, stand_in, "01CMPAPI", "full_outage", incident_io.MAX_BODY, "INCIDENT_IO_STATUS_PAGE_ID"
        )
    try:
        yield made
    finally:
        await page.aclose()
        await stand_in.stop()


PROVIDERS = ("statuspage", "incident.io")


@pytest.fixture(params=PROVIDERS)
async def provider(request: pytest.FixtureRequest) -> AsyncIterator[Provider]:
    async with opened(request.param) as found:
        yield found


async def test_an_incident_is_opened_updated_and_resolved(provider: Provider) -> None:
    await provider.page.list_components()  # where incident.io tells the page's address
    first = await provider.page.publish(provider.first)
    assert first.link and provider.stand_in.states[provider.api] == provider.down
    last = await provider.page.publish(replace(then(first), components={provider.api: "operational"}))
    assert last.incident_id == first.incident_id and last.update_id != first.update_id
    assert provider.read() == [("investigating", provider.first.text), ("resolved", "It works again.")]
    assert provider.stand_in.states[provider.api] == "operational"


async def test_what_is_not_there_is_not_found_and_what_is_there_is(provider: Provider) -> None:
    assert await provider.page.find(provider.first) is None
    first = await provider.page.publish(provider.first)
    assert await provider.post_again(provider.first) == first and len(provider.read()) == 1
    assert await provider.page.find(replace(provider.first, opening=2)) is None
    assert await provider.page.find(then(first)) is None
    last = await provider.page.publish(then(first))
    assert await provider.page.find(then(first)) == last


async def test_the_same_words_twice_are_told_apart_by_what_is_known(provider: Provider) -> None:
    first = await provider.page.publish(provider.first)
    again = then(first, provider.first.text, Status.INVESTIGATING)
    assert await provider.page.find(again) is None
    await provider.page.publish(again)
    assert await provider.page.find(again) is not None


@pytest.mark.parametrize("how", [AFTER, BEFORE, 500, 503])
@pytest.mark.parametrize("place", ["first", "second"])
async def test_an_answer_that_is_lost_never_becomes_a_second_post(
    provider: Provider, how: int | str, place: str
) -> None:
    text = provider.first
    if place == "second":
        text = then(await provider.page.publish(provider.first))
        provider.stand_in.fail(0)  # the reading before the update
    provider.stand_in.fail(how)
    with pytest.raises(PageAnswerLost):
        await provider.page.publish(text)
    await provider.post_again(text)
    assert [said for said in provider.read() if said[1] == text.text] == [(text.status.value, text.text)]
    assert len(provider.stand_in.mails) == (1 if place == "first" else 2)


async def test_what_people_resolved_or_deleted_there_stays_so(provider: Provider) -> None:
    first = await provider.page.publish(provider.first)
    provider.stand_in.resolve_by_hand(first.incident_id)
    with pytest.raises(PageClosedThere, match="resolved"):
        await provider.page.publish(then(first))
    provider.stand_in.delete_by_hand(first.incident_id)
    with pytest.raises(PageClosedThere, match="deleted"):
        await provider.page.publish(then(first))
    with pytest.raises(PageClosedThere, match="deleted"):
        await provider.page.find(then(first))
    assert provider.read() == []


async def test_what_people_edited_there_before_the_answer_was_looked_for_is_not_posted_again(
    provider: Provider,
) -> None:
    first = await provider.page.publish(provider.first)
    for incident in provider.stand_in.incidents.values():
        for update in incident.get("incident_updates") or incident["updates"]:
            update["body" if "body" in update else "message"] = "Edited by hand."
    found = await provider.post_again(provider.first)
    assert found.incident_id == first.incident_id
    assert [text for _, text in provider.read()] == ["Edited by hand."]


@pytest.mark.parametrize("status", [420, 429])
async def test_it_waits_as_it_is_asked_to(provider: Provider, status: int) -> None:
    provider.stand_in.fail(status)
    with pytest.raises(PageBusy) as busy:
        await provider.page.publish(provider.first)
    assert busy.value.delay.total_seconds() == 60 and provider.read() == []


@pytest.mark.parametrize(
    ("status", "words"), [(401, "key"), (403, "rights"), (404, "no such page"), (422, "422")]
)
async def test_a_refusal_says_why(provider: Provider, status: int, words: str) -> None:
    provider.stand_in.fail(status)
    with pytest.raises(PageRefused, match=words) as refusal:
        await provider.page.publish(provider.first)
    assert status != 404 or provider.setting in str(refusal.value)


async def test_a_component_that_was_deleted_is_a_refusal_in_the_providers_words(provider: Provider) -> None:
    with pytest.raises(PageRefused, match="unknown components: gone"):
        await provider.page.publish(replace(provider.first, components={"gone": "major_outage"}))


async def test_a_text_that_is_too_long_is_cut_between_letters_and_said(provider: Provider) -> None:
    posted = await provider.page.publish(replace(provider.first, text="😀 " * 20_000, title="T" * 400))
    assert posted.is_cut
    ((_, body),) = provider.read()
    assert len(body) <= provider.longest and body.endswith("…")


@pytest.mark.parametrize("which", PROVIDERS)
async def test_of_a_thousand_updates_with_a_fifth_of_the_answers_lost_none_is_doubled_or_lost(
    which: str, whole: bool
) -> None:
    chance = random.Random(7)
    incidents = 50 if whole else 5
    wanted = []
    async with opened(which, per_minute=100_000) as provider:
        provider.stand_in.per_minute = 100_000
        for incident in range(incidents):
            text = replace(provider.first, incident=incident)
            for place in range(20):
                provider.stand_in.fail(*([0] if text.incident_id else []))
                provider.stand_in.fail(AFTER if chance.random() < 0.2 else 0)
                try:
                    posted = await provider.page.publish(text)
                except PageAnswerLost:
                    posted = await provider.post_again(text)
                wanted.append((text.status.value, text.text))
                following = then(posted, f"Update {place}", Status.IDENTIFIED)
                text = replace(following, incident=incident, known_ids=(*text.known_ids, posted.update_id))
        assert provider.read() == wanted
        assert len(provider.stand_in.mails) == 20 * incidents


@pytest.mark.parametrize("which", PROVIDERS)
async def test_no_more_than_one_request_a_second_over_a_minute(which: str) -> None:
    async with opened(which, per_minute=5) as provider:
        first = await provider.page.publish(provider.first)
        await provider.page.publish(then(first, "Still looking.", Status.IDENTIFIED))
        with pytest.raises(PageBusy) as busy:
            for _ in range(6):
                await provider.page.find(then(first))
        assert 50 < busy.value.delay.total_seconds() <= 60
        assert len(provider.stand_in.calls) == 5


async def test_a_wrong_key_is_said_when_it_is_examined(provider: Provider) -> None:
    assert await provider.page.examine() == ""
    provider.stand_in.key = "another"
    assert "does not take the key" in await provider.page.examine()


async def test_components_are_read(provider: Provider) -> None:
    found = {each.key: each.name for each in await provider.page.list_components()}
    assert found[f"{provider.page.name}:{provider.api}"] == "API" and "Website" in found.values()


async def test_components_in_groups_and_on_sub_pages_count_too() -> None:
    async with opened("incident.io") as provider:
        named = [each.name for each in await provider.page.list_components()]
    assert named == ["API", "Website", "Website, EU"]


async def test_what_an_unknown_first_text_had_opened_gets_the_next_text_added(provider: Provider) -> None:
    """Its answer was lost for good: its incident is found, and the next text is not taken for it."""
    await provider.page.publish(provider.first)
    later = replace(provider.first, update=8, text="Still looking.", may_exist=True)
    assert await provider.page.find(later) is None
    posted = await provider.page.publish(later)
    assert [text for _, text in provider.read()] == [BARE.text, "Still looking."]
    assert posted.incident_id in provider.stand_in.incidents and len(provider.stand_in.incidents) == 1


async def test_what_is_under_maintenance_there_stays_so_to_the_end_and_is_named() -> None:
    async with opened("statuspage") as provider:
        assert isinstance(provider.stand_in, StatuspageStandIn)
        provider.stand_in.states[provider.api] = "under_maintenance"
        await provider.page.list_components()
        posted = await provider.page.publish(provider.first)
        assert provider.stand_in.states[provider.api] == "under_maintenance"
        assert posted.in_maintenance == (provider.stand_in.components[provider.api],)
        over = replace(then(posted), components={provider.api: "operational"})
        await provider.page.publish(over)
        assert provider.stand_in.states[provider.api] == "under_maintenance"
        provider.stand_in.states[provider.api] = "operational"
        await provider.page.list_components()
        assert (await provider.page.publish(provider.first)).in_maintenance == ()


async def test_a_state_that_the_provider_does_not_know_is_refused_before_anything_is_sent() -> None:
    async with opened("incident.io") as provider:
        with pytest.raises(PageRefused, match="under maintenance"):
            await provider.page.publish(replace(BARE, components={provider.api: "under_maintenance"}))
        assert provider.stand_in.calls == []
