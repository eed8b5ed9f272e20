"""Trackers that answer otherwise than they should: nothing is believed that they did not say."""

import asyncio
from dataclasses import replace

import pytest

from bot.adapters.trackers.github_issues import GitHubTracker
from bot.domain.action_item import ActionState
from bot.domain.tracker_ticket import TicketState
from bot.ports.tracker import TrackerAnswerLost, TrackerBusy, TrackerRefused
from sandbox.provider_server import HTML, HUGE
from sandbox.trackers.github_issues import GitHubIssues
from tests.bot.adapters.trackers.places import NEW, Place


async def test_one_that_was_moved_away_is_neither_done_nor_deleted_wrongly(place: Place) -> None:
    """GitHub and GitLab keep nothing of it here; Jira goes on to show it under its new key."""
    made = await place.tracker.create(NEW)
    place.stand_in.move_there(made.id)
    there = await place.tracker.read(made.id)
    if place.tracker.title == "Jira":
        assert there is not None and (there.name, there.state) == ("PLAT-7", TicketState.OPEN)
        assert there.url.endswith("/browse/PLAT-7")
    else:
        assert there is None


async def test_a_token_that_lost_its_rights_makes_nothing_deleted(place: Place) -> None:
    made = await place.tracker.create(NEW)
    place.stand_in.is_hidden = True
    for call in (place.tracker.read(made.id), place.tracker.set_state(made.id, ActionState.DONE)):
        with pytest.raises(TrackerRefused, match=r"shows this token no such"):
            await call
    place.stand_in.is_hidden = False
    assert await place.tracker.read(made.id) == made


async def test_a_token_that_was_revoked_says_so(place: Place) -> None:
    made = await place.tracker.create(NEW)
    place.stand_in.token = "another by now"
    for call in (
        place.tracker.read(made.id),
        place.tracker.set_state(made.id, ActionState.DONE),
        place.tracker.find(NEW),
        place.tracker.create(replace(NEW, number=9)),
    ):
        with pytest.raises(TrackerRefused, match="TOCSIN_TRACKER_TOKEN"):
            await call
    assert len(place.stand_in.issues) == 1


async def test_what_may_be_read_and_not_changed_is_a_refusal(place: Place) -> None:
    made = await place.tracker.create(NEW)
    place.stand_in.fail(*([0, 0] if place.tracker.title == "Jira" else []), 404)
    with pytest.raises(TrackerRefused, match="right to create and edit"):
        await place.tracker.set_state(made.id, ActionState.DONE)


@pytest.mark.parametrize("how", [HTML, HUGE])
async def test_a_page_in_place_of_an_answer_makes_no_second_issue(place: Place, how: str) -> None:
    place.stand_in.fail(how)
    with pytest.raises(TrackerAnswerLost):
        await place.tracker.create(NEW)
    assert len(place.stand_in.issues) == 1
    place.stand_in.fail(how)
    with pytest.raises((TrackerBusy, TrackerRefused)):  # that none was found is not what it says
        await place.tracker.find(NEW)
    found = await place.tracker.find(NEW)
    assert found is not None
    place.stand_in.fail(how)
    with pytest.raises((TrackerBusy, TrackerRefused)):
        await place.tracker.read(found.id)
    place.stand_in.fail(HTML)
    assert "answer as it should" in await place.tracker.examine()


async def test_of_an_endless_answer_only_a_bounded_part_is_read(place: Place) -> None:
    made = await place.tracker.create(NEW)
    place.stand_in.fail(HUGE)
    with pytest.raises((TrackerBusy, TrackerRefused), match="too long"):
        await place.tracker.read(made.id)
    assert place.stand_in.poured < 50_000_000


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_one_that_sends_elsewhere_is_not_followed(place: Place, status: int) -> None:
    place.stand_in.fail(status)
    with pytest.raises(TrackerRefused, match="was it renamed or moved"):
        await place.tracker.create(NEW)
    assert place.stand_in.issues == {}


async def test_a_repository_that_was_renamed_makes_no_issue_moved(place: Place) -> None:
    made = await place.tracker.create(NEW)
    place.stand_in.fail(301, 301)
    with pytest.raises(TrackerRefused, match="was it renamed or moved"):
        await place.tracker.read(made.id)


@pytest.mark.parametrize("status", [400, 405, 410, 422, 451])
async def test_any_other_refusal_is_a_sentence(place: Place, status: int) -> None:
    place.stand_in.fail(status)
    with pytest.raises(TrackerRefused, match=str(status)):
        await place.tracker.create(NEW)
    assert place.stand_in.issues == {}


async def test_a_duplicate_at_github_is_not_done() -> None:
    stand_in = GitHubIssues()
    await stand_in.start()
    tracker = GitHubTracker("acme/shop", stand_in.token, stand_in.url)
    made = await tracker.create(NEW)
    stand_in.issues[made.id] |= {"state": "closed", "state_reason": "duplicate"}
    read = await tracker.read(made.id)
    assert read is not None and read.state is TicketState.DROPPED
    await tracker.aclose()
    await stand_in.stop()


async def test_ten_at_once_do_not_disturb_each_other(place: Place) -> None:
    made = await asyncio.gather(*(place.tracker.create(replace(NEW, number=each)) for each in range(10)))
    assert len({ticket.id for ticket in made}) == 10
