"""What every tracker has to keep: made once and found again, read, closed and opened, refused in words. Each runs on a
stand-in that speaks the tracker's HTTP interface."""

from dataclasses import replace

import pytest

from bot.adapters.trackers.github_issues import GitHubTracker
from bot.adapters.trackers.jira import JiraTracker
from bot.domain.action_item import ActionState
from bot.domain.tracker_ticket import TicketState
from bot.ports.tracker import TrackerAnswerLost, TrackerBusy, TrackerRefused
from sandbox.provider_server import AFTER, BEFORE
from sandbox.trackers.github_issues import GitHubIssues
from sandbox.trackers.jira_issues import JiraIssues
from tests.bot.adapters.trackers.places import NEW, Place


async def test_a_ticket_is_made_and_found_by_its_own_mark_only(place: Place) -> None:
    assert await place.tracker.find(NEW) is None
    made = await place.tracker.create(NEW)
    assert made.state is TicketState.OPEN and made.url.startswith("http") and made.name
    found = await place.tracker.find(NEW)
    assert found is not None and (found.id, found.url) == (made.id, made.url)
    for other in (
        replace(NEW, number=30),
        replace(NEW, incident=4),
        replace(NEW, installation="ffff9c21b0de44aa"),
    ):
        assert await place.tracker.find(other) is None
    ((title, text),) = place.stand_in.read_texts()
    assert title == NEW.title and "Action item A3 of INC-42: API is down" in text


async def test_a_mark_in_peoples_words_is_not_taken_for_ours(place: Place) -> None:
    await place.tracker.create(replace(NEW, number=4, text=f"<!-- {NEW.mark} -->\n{NEW.label}"))
    assert await place.tracker.find(NEW) is None


async def test_peoples_words_are_no_markup_there(place: Place) -> None:
    """GitLab would do what a line that begins with `/` says. Jira's document is no Markdown."""
    words = "/close\n[here](http://evil.example) &#64;all\n - max_connections"
    await place.tracker.create(replace(NEW, text=words))
    ((_, text),) = place.stand_in.read_texts()
    if isinstance(place.stand_in, JiraIssues):
        assert text.startswith(words)
    else:
        escaped = "\\/close\n\\[here\\](http://evil.example) \\&#64;all\n \\- max\\_connections\n"
        assert text.startswith(escaped)


async def test_it_is_read_closed_opened_and_gone(place: Place) -> None:
    made = await place.tracker.create(NEW)
    closed = await place.tracker.set_state(made.id, ActionState.DONE)
    assert closed is not None and closed.state in (TicketState.DONE, TicketState.ENDED)
    assert not place.stand_in.is_open(made.id)
    again = await place.tracker.set_state(made.id, ActionState.DONE)
    assert again is not None and not place.stand_in.is_open(made.id)
    opened = await place.tracker.set_state(made.id, ActionState.OPEN)
    assert opened is not None and opened.state is TicketState.OPEN and place.stand_in.is_open(made.id)
    place.stand_in.close_there(made.id, done=False)
    read = await place.tracker.read(made.id)
    assert read is not None and read.state in (TicketState.DROPPED, TicketState.ENDED)
    place.stand_in.delete_there(made.id)
    assert await place.tracker.read(made.id) is None
    assert await place.tracker.set_state(made.id, ActionState.DONE) is None


async def test_refusals_say_what_to_do_and_nothing_is_made(place: Place) -> None:
    with pytest.raises(TrackerRefused, match="TOCSIN_TRACKER_TOKEN"):
        await place.wrong.create(NEW)
    place.stand_in.fail(403)
    with pytest.raises(TrackerRefused, match="right to create"):
        await place.tracker.create(NEW)
    place.stand_in.fail(422)
    with pytest.raises(TrackerRefused, match="told to answer 422"):
        await place.tracker.create(NEW)
    with pytest.raises(TrackerRefused):
        await place.elsewhere.create(NEW)
    assert place.stand_in.issues == {}


async def test_what_was_dropped_after_it_was_made_is_found_and_what_was_not_made_is_not(place: Place) -> None:
    place.stand_in.fail(BEFORE)
    with pytest.raises(TrackerAnswerLost):
        await place.tracker.create(NEW)
    assert await place.tracker.find(NEW) is None
    place.stand_in.fail(AFTER)
    with pytest.raises(TrackerAnswerLost):
        await place.tracker.create(NEW)
    assert await place.tracker.find(NEW) is not None
    assert len(place.stand_in.issues) == 1


async def test_one_that_is_away_or_over_its_limit_is_asked_again(place: Place) -> None:
    made = await place.tracker.create(NEW)
    for status in (429, 500, 503):
        place.stand_in.fail(status)
        with pytest.raises(TrackerBusy):
            await place.tracker.read(made.id)
    place.stand_in.fail(500)
    with pytest.raises(TrackerAnswerLost):
        await place.tracker.create(replace(NEW, number=9))
    await place.stand_in.stop()
    with pytest.raises(TrackerBusy, match="cannot be reached"):
        await place.tracker.create(replace(NEW, number=9))


async def test_the_examination_creates_nothing(place: Place) -> None:
    assert await place.tracker.examine() == ""
    assert "TOCSIN_TRACKER_TOKEN" in await place.wrong.examine()
    assert await place.elsewhere.examine()
    assert place.stand_in.created == 0


async def test_jiras_index_lags_and_is_only_believed_after_a_while() -> None:
    stand_in = JiraIssues(lag=1)
    await stand_in.start()
    tracker = JiraTracker(stand_in.url, "OPS", stand_in.token)
    await tracker.create(NEW)
    assert await tracker.find(NEW) is None
    assert await tracker.find(NEW) is not None
    assert tracker.settles_after.total_seconds() >= 30
    assert ("POST", "/rest/api/3/search") not in stand_in.calls
    stand_in.fail(410)
    with pytest.raises(TrackerRefused, match=r"does not know the search that I use \(HTTP 410\)"):
        await tracker.find(NEW)
    await tracker.aclose()
    await stand_in.stop()


async def test_a_hundred_other_issues_are_passed_over() -> None:
    stand_in = GitHubIssues()
    await stand_in.start()
    tracker = GitHubTracker("acme/shop", stand_in.token, stand_in.url)
    made = await tracker.create(NEW)
    for number in range(150):
        await tracker.create(replace(NEW, number=100 + number))
    found = await tracker.find(NEW)
    assert found is not None and found.id == made.id
    await tracker.aclose()
    await stand_in.stop()
