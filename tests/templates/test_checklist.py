"""The checklist on the page: buttons that carry the state they ask for, evidence that is offered, progress."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from bot.domain.incident import Status, TimelineEntry
from bot.domain.proposal import ProposalState, ReviewProposal
from bot.domain.review import POINTER
from bot.domain.timeline_details import (
    ActionAddedDetail,
    ActionEndedDetail,
    LookedDetail,
    ProposedDetail,
    ReviewAnsweredDetail,
    TimelineDetail,
)
from templates import checklist_message, item_owners
from templates.incident_view import IncidentViewModel
from tests.templates.reading import button_labels, button_values, menu_choices, read_aloud
from tests.templates.worlds import START, items, view


def over(done: int = 1, **values: Any) -> IncidentViewModel:
    drawn = view(**{"status": Status.RESOLVED, "resolved_at": START + timedelta(hours=1), **values})
    return replace(drawn, situation=replace(drawn.situation, items=items(done=done)))


def test_every_item_is_a_button_that_begins_with_its_words() -> None:
    *labels, add, write, meet, share = button_labels(checklist_message.render_checklist(over()))
    for label, item in zip(labels, items(), strict=True):
        assert label.startswith(item.text)
    offered = ("Add action item", "Write the review", "Arrange meeting…", "Share learnings…")
    assert (add, write, meet, share) == offered


def test_the_runbook_is_improved_from_here_where_it_may_learn_and_an_item_asks_for_it() -> None:
    learning = replace(over(), learns=True)
    buttons = button_values(checklist_message.render_checklist(learning))
    assert buttons["improve_runbook"] == "42" and buttons["write_review"] == "42"
    bare = replace(learning, situation=replace(learning.situation, items=items(3, "Tell customers", 0)))
    assert not {"improve_runbook", "write_review", "add_action"} & set(
        button_values(checklist_message.render_checklist(bare))
    )


def test_an_items_button_reads_as_a_box_and_not_as_a_command() -> None:
    labels = button_labels(checklist_message.render_checklist(over(done=1)))
    assert labels[0] == "Verify full system recovery ☑"
    assert labels[2] == "Send resolution notification ☐"
    long = over()
    words = "Write to " + "every customer " * 20
    long = replace(long, situation=replace(long.situation, items=items(3, words, 0)))
    for label in button_labels(checklist_message.render_checklist(long)):
        assert label.startswith("Write to every customer") and label.endswith("… ☐") and len(label) <= 75


def test_an_item_shows_its_owner_and_its_day_and_a_small_menu_sets_them() -> None:
    known = over(done=1)
    given = list(known.situation.items)
    given[5] = replace(given[5], owner="U0BRUNO", due_on=date(2026, 11, 25))
    given[6] = replace(given[6], due_on=date(2026, 11, 26))
    given[7] = replace(given[7], owner="U0DEVIKA")
    drawn = checklist_message.render_checklist(
        replace(known, situation=replace(known.situation, items=tuple(given)))
    )
    text = read_aloud(drawn)
    assert "☐ Document root cause  · owner @U0BRUNO, due 25 Nov 2026" in text
    assert "☐ Create action items  · due 26 Nov 2026" in text
    assert "☐ Update runbooks if needed  · owner @U0DEVIKA\n" in text
    choices = menu_choices(drawn)
    assert choices["Owner and due date: Document root cause"] == "42|5"
    assert "Owner and due date: Verify full system recovery" not in choices, "it is done"
    assert len(choices) == 11


def test_the_form_of_an_item_has_what_is_set() -> None:
    item = replace(items()[5], owner="U0BRUNO", due_on=date(2026, 11, 25))
    form = item_owners.build_owner_form(over(), item)
    fields = {each["block_id"]: each for each in form["blocks"] if each["type"] == "input"}
    assert fields["owner"]["element"]["initial_user"] == "U0BRUNO"
    assert fields["due"]["element"]["initial_date"] == "2026-11-25"
    assert [field["label"]["text"] for field in fields.values()] == ["Owner", "Due"]
    assert all(field["optional"] for field in fields.values())
    bare = item_owners.build_owner_form(over(), items()[5])
    assert all("initial_user" not in each.get("element", {}) for each in bare["blocks"])


def test_a_button_carries_the_state_it_asks_for() -> None:
    values = button_values(checklist_message.render_checklist(over(done=1)))
    assert values["set_item:0"] == "42|0|open"
    assert values["set_item:1"] == "42|1|done"


def test_progress_and_who_ticked_what_are_shown() -> None:
    text = read_aloud(checklist_message.render_checklist(over(done=5)))
    assert text.startswith("Post-incident checklist: 5 of 12 done")
    assert "☑ Verify full system recovery · done by @U0ANA at 04:02 UTC" in text


def test_the_windows_stand_in_order_with_their_end() -> None:
    text = read_aloud(checklist_message.render_checklist(over()))
    at = [
        text.index(each)
        for each in ("Within 1 hour, until", "Within 24 hours, until", "Within 1 week, until")
    ]
    assert at == sorted(at)


def test_what_the_bot_did_is_offered_and_not_ticked() -> None:
    drawn = checklist_message.render_checklist(over())
    assert "☐ Send resolution notification  (I posted it. Check this off once customers know)" in read_aloud(
        drawn
    )
    assert button_values(drawn)["set_item:2"].endswith("|done")


def test_what_was_recorded_after_the_incident_is_offered_too() -> None:
    drawn = over(done=0, root_cause="A deploy")
    told: list[TimelineDetail] = [
        LookedDetail(what="x", digest="", found=("CPU at 97%",), ok=5, bad=1, warn=0),
        ActionAddedDetail(action=1, text="x", owner="", due=""),
        ActionAddedDetail(action=2, text="y", owner="", due=""),
        ActionEndedDetail(action=1, text="x", state="done"),
        ActionEndedDetail(action=2, text="y", state="dropped"),
        ReviewAnsweredDetail(sections=("Summary", "What went badly")),
        ProposedDetail(what="runbook", host="GitHub", link="https://git.example/pull/2"),
    ]
    entries = tuple(TimelineEntry(START + timedelta(hours=1), "U0ANA", detail) for detail in told)
    seen = replace(drawn, situation=replace(drawn.situation, entries=entries))
    lines = read_aloud(checklist_message.render_checklist(seen))
    for expected in (
        "☐ Verify full system recovery  (the checks at 04:02 UTC: 1 failing, 5 OK)",
        "☐ Document timeline in incident log  (7 timeline entries recorded)",
        "☐ Conduct post-mortem meeting  (no meeting arranged yet; the review is begun)",
        "☐ Document root cause  (said at the resolution; /incident review adds to it)",
        "☐ Create action items  (2 action items added. Check this off)",
        "☐ Implement preventive measures  (1 of 2 action items done)",
        "☐ Review incident response process  (written in the review: Summary, What went badly)",
        "☐ Update monitoring/alerts  (no action item detects yet: Add action item, kind detect)",
        "as a pull request. Check this off once it is merged)",
    ):
        assert expected in lines, lines
    told.append(ReviewAnsweredDetail(sections=("Root cause",)))
    told += [ActionAddedDetail(action=n, text="x", owner="", due="", purpose="detect") for n in (3, 4)]
    told.append(ActionEndedDetail(action=4, text="x", state="done"))
    more = tuple(TimelineEntry(START, "U0ANA", detail) for detail in told)
    lines = read_aloud(
        checklist_message.render_checklist(replace(drawn, situation=replace(drawn.situation, entries=more)))
    )
    assert "☐ Document root cause  (written in the review. Check this off)" in lines
    assert "☐ Update monitoring/alerts  (2 action items detect, 1 done)" in lines


def test_a_root_cause_that_nobody_wrote_is_not_said_to_be_in_the_pull_request() -> None:
    drawn = over()
    there = ReviewProposal(ProposalState.OPEN, "https://git.example/pull/1")
    told = TimelineEntry(START, "U0ANA", ReviewAnsweredDetail(sections=("Summary", POINTER.section)))
    incident = replace(drawn.incident, root_cause="")
    situation = replace(drawn.situation, incident=incident, proposal=there, entries=(told,))
    lines = read_aloud(checklist_message.render_checklist(replace(drawn, situation=situation)))
    assert "☐ Document timeline in incident log  (in the pull request of the review)" in lines
    assert "☐ Document root cause" not in lines, "nothing was recorded towards it"


def test_closing_is_offered_when_nothing_is_left() -> None:
    assert "Close incident" not in button_labels(checklist_message.render_checklist(over(done=11)))
    assert "Close incident" in button_labels(checklist_message.render_checklist(over(done=12)))


def test_a_closed_checklist_has_no_buttons_and_shows_what_was_left() -> None:
    drawn = checklist_message.render_checklist(
        over(done=11, status=Status.CLOSED, closed_by="U0ANA", close_reason="enough")
    )
    assert button_labels(drawn) == []
    assert "☐ Review incident response process" in read_aloud(drawn)
    assert "Closed by @U0ANA: enough" in read_aloud(drawn)


def test_the_reminder_names_the_open_items_of_its_window_only() -> None:
    text = read_aloud(checklist_message.render_reminder(over(done=1), 3600))
    assert text.startswith("@U0ANA 3 items are still open after 1 hour:")
    assert "Document timeline in incident log" in text
    assert "Conduct post-mortem meeting" not in text
    assert "Verify full system recovery" not in text
