"""What the messages say: the runbook's own lines, filled with what is true at that moment."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.contacts import ContactBook
from bot.domain.incident import EntryKind, Status, TimelineEntry
from bot.domain.page_attempts import PageAttempt, SlackPage
from bot.domain.timeline_details import parse_detail
from bot.runbook import parse_runbook
from templates import (
    alert,
    emergency,
    modals,
    notices,
    page_progress,
    playbook,
    resolution,
    update_messages,
)
from templates.incident_view import build_line_link
from templates.spans import WebLink
from tests.templates.drawn import reminder
from tests.templates.reading import button_labels, button_values, read_aloud
from tests.templates.worlds import START, incident, joined, posted, users_runbook, view, views

WATCHED = "A fix for the issues with the API is in place and we are watching it."
RESOLVED: dict[str, Any] = {
    "status": Status.RESOLVED,
    "resolved_at": START + timedelta(minutes=72),
    "next_update_at": None,
}


def in_order(text: str, *words: str) -> bool:
    """Whether these words stand in the text one after the other."""
    at = 0
    for word in words:
        at = text.find(word, at)
        if at < 0:
            return False
    return True


def test_the_alert_has_the_runbooks_lines_in_their_order() -> None:
    assert in_order(
        read_aloud(alert.render_alert(view())),
        "🚨 INCIDENT ALERT - P0",
        "API is down",
        "INC-42",
        "\n\nStatus: INVESTIGATING\nImpact: Nobody can log in\nStarted: 2026-11-23 03:02 UTC\nAffected Users: all",
        "\n\nCurrent Actions:\n- Paged: CTO, DevOps Lead\n- ",
        "\n- Rolled back to 1.42, errors fall.",
        "\n\nNext Update: 03:17 UTC",
        "\n\nWar Room: #C0ROOM\nIncident Commander: @U0ANA",
    )


def test_what_is_not_known_says_so() -> None:
    text = read_aloud(alert.render_alert(views()["bare"]))
    assert "Impact: not known yet" in text
    assert "Affected Users: not known yet" in text
    assert "War Room: being opened…" in text


def test_a_very_long_impact_is_cut_with_words_and_the_rest_of_the_alert_stays() -> None:
    text = read_aloud(alert.render_alert(view(impact="long " * 600)))
    assert "long…\nStarted: " in text
    assert len(text) < 1500


def test_acknowledge_is_offered_until_somebody_has_and_then_shows_who_and_how_fast() -> None:
    waiting = views()["bare"]
    assert button_labels(alert.render_alert(waiting)) == ["Acknowledge", "Post update", "Resolve"]
    assert "not acknowledged yet (target: under 5 min)" in read_aloud(alert.render_alert(waiting))
    assert button_labels(alert.render_alert(view())) == ["Post update", "Resolve"]
    assert "Acknowledged by <@U0BRUNO> after 2 min 10 s (target: under 5 min)" in read_aloud(
        alert.render_alert(view())
    )


def test_an_alert_of_the_past_has_no_buttons() -> None:
    for drawn in (alert.render_alert, alert.render_announcement):
        assert button_labels(drawn(view(**RESOLVED))) == []
    assert "Status: RESOLVED" in read_aloud(alert.render_alert(view(**RESOLVED)))


def test_a_page_says_first_what_and_how_bad_and_as_what_one_is_called() -> None:
    text = read_aloud(alert.render_page(view(), "U0DEVIKA"))
    assert text.startswith(
        "🚨 P0: API is down\nYou're being paged for INC-42 as DevOps Lead · Join the call\nWhere: #C0ROOM\n"
    )
    assert button_labels(alert.render_page(view(), "U0DEVIKA")) == ["Acknowledge"]
    assert button_labels(alert.render_page(view(), "U0BRUNO")) == []


def test_people_are_called_only_once_slack_took_the_message() -> None:
    calling = view()
    pages = (SlackPage("U0BRUNO", "CTO", START, START), SlackPage("U0DEVIKA", "DevOps Lead", START))
    text = read_aloud(alert.render_alert(replace(calling, situation=replace(calling.situation, pages=pages))))
    assert "- Paged: CTO\n- Paging: DevOps Lead\n" in text


def test_the_team_reads_what_changed_who_says_it_the_status_and_when_the_next_one_comes() -> None:
    text = read_aloud(update_messages.render_update(view(fields={"feature": "the API"}), posted()))
    assert text.startswith("What changed by @U0ANA:\n")
    assert in_order(
        text,
        "Rolled back to 1.42, errors fall.\n",
        "Status: Identified\n",
        "Next update: <!date^",
        "[Customer copy]",
    )
    for boilerplate in ("currently experiencing", "actively working", "support@rodistaa.com", "Started:"):
        assert boilerplate not in text


def test_an_update_in_the_incidents_channel_says_first_which_incident_it_is_about() -> None:
    text = read_aloud(update_messages.render_published_update(view(), posted()))
    assert text.startswith("P0: API is down (INC-42) in #C0ROOM\nWhat changed by @U0ANA:\n")
    assert "currently experiencing" not in text


def test_a_new_status_is_told_with_the_one_before() -> None:
    update = posted()
    changed = TimelineEntry(
        update.at,
        "U0ANA",
        parse_detail(EntryKind.STATUS_CHANGED, {"before": "investigating", "to": "identified"}),
    )
    known = view()
    known = replace(known, situation=replace(known.situation, entries=(*known.situation.entries, changed)))
    assert "Status: Identified (was investigating)" in read_aloud(
        update_messages.render_update(known, update)
    )


def test_an_update_that_a_runbook_writes_for_the_team_stays_in_its_own_lines() -> None:
    runbook = parse_runbook(
        "# R\n\n## Communication Templates\n\n### Internal Status Update\n```\n"
        "Where we stand: [Status]\nWho leads: @engineer-name\nIncident Commander: [name]\n```\n"
    )
    drawn = update_messages.render_update(view(runbook), posted())
    assert in_order(
        read_aloud(drawn),
        "What changed by @U0ANA:",
        "Rolled back",
        "Incident Commander: @U0ANA",
        "Next update:",
    )
    assert button_labels(drawn) == [], "what is written for the team is no copy for customers"


def test_once_it_is_watched_no_sentence_says_that_the_outage_goes_on() -> None:
    watched = view(fields={"feature": "the API"}, impact="Some users are still experiencing errors")
    assert "Status: Monitoring" in read_aloud(
        update_messages.render_update(watched, posted(status=Status.MONITORING))
    )
    text = update_messages.format_customer_copy(watched, posted(status=Status.MONITORING))
    assert "🟡 A fix for the issues with the API is in place and we are watching it.\n" in text
    assert "We are watching the recovery and will provide updates every 15 minutes." in text
    assert "Status: Monitoring" in text
    assert "currently experiencing" not in text
    assert "actively working" not in text
    assert "Impact: Some users are still experiencing errors" in text


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("We are investigating an outage of [Feature].", WATCHED),
        ("⚠️ We're aware of issues affecting [Feature]", f"⚠️ {WATCHED}"),
        ("Some users are experiencing errors.", "A fix is in place and we are watching it."),
        ("Our engineers are working to fix this, and we apologise.", "We are watching the recovery, and we apologise."),
        ("Component: [Feature]", "Component: the API"),
        ("Status: [Status]", "Status: Monitoring"),
        ("Thank you for your patience.", "Thank you for your patience."),
    ],
)  # fmt: skip
def test_the_sentences_of_other_runbooks_stay_true_too(written: str, shown: str) -> None:
    runbook = parse_runbook(
        f"# R\n\n## Communication Templates\n\n### Status Page Update\n```\n{written}\n\nEnd.\n```\n"
    )
    lines = update_messages.format_customer_copy(
        view(runbook, fields={"feature": "the API"}), posted(status=Status.MONITORING)
    )
    assert lines.splitlines()[0] == shown


def test_the_customer_copy_holds_nothing_but_the_templates_lines() -> None:
    known = view(fields={"feature": "Payments"}, root_cause="the intern", resolution="blame")
    copy = update_messages.format_customer_copy(known, posted("We blame the intern", Status.IDENTIFIED))
    assert copy == (
        "🔴 We are currently experiencing issues with Payments\n\nImpact: Nobody can log in\nStatus: Identified\n"
        "Started: 2026-11-23 03:02 UTC\n\nWe are actively working on a resolution and will provide updates every "
        "15 minutes.\n\nFor urgent issues, contact support@rodistaa.com"
    )
    shown = modals.build_customer_copy(known, 7)["blocks"][0]["elements"][0]["elements"][0]["text"]
    assert shown == copy


def test_a_customer_copy_tells_no_names_and_no_timeline_whatever_the_runbook_asks_for() -> None:
    template = (
        "Current Actions:\n- [Action 1]\nIncident Commander: @someone\nWar Room: #incident-response\n"
        "Next Update: In 5 minutes"
    )
    runbook = parse_runbook(
        f"# R\n\n## Communication Templates\n\n### Status Page Update\n```\n{template}\n```\n"
    )
    copy = update_messages.format_customer_copy(view(runbook), posted("We blame the intern"))
    for inside in ("intern", "U0ANA", "C0ROOM", "CTO", "[", "Rolled"):
        assert inside not in copy
    assert copy == (
        "Current Actions:\n- Our team is working on it\nIncident Commander: our team on call\n"
        "War Room: our team's channel\nNext Update: 03:31 UTC"
    )


def test_without_a_clock_no_time_is_promised() -> None:
    quiet = views()["no clock"]
    assert "Next Update: no fixed time" in read_aloud(alert.render_alert(quiet))
    unpromised = replace(posted(), next_update_at=None)
    assert "will provide updates as soon as there is news." in update_messages.format_customer_copy(
        quiet, unpromised
    )
    assert "No fixed time for the next update." in read_aloud(
        update_messages.render_update(quiet, unpromised)
    )


def test_the_resolution_has_the_runbooks_lines_and_the_true_duration() -> None:
    over = view(**RESOLVED, root_cause="A bad deploy", resolution="Rolled back\n- *Scaled* up",
                postmortem_at=START + timedelta(hours=24))  # fmt: skip
    assert in_order(
        read_aloud(resolution.render_resolution(over)),
        "✅ INCIDENT RESOLVED",
        "Issue: API is down\nDuration: 03:02 UTC - 04:14 UTC (1 h 12 min)\nRoot Cause: A bad deploy",
        "Resolution:\n- Rolled back\n- *Scaled* up\n",
        "Follow-up Actions:\n- Post-mortem: due by 2026-11-24 03:02 UTC\n- Preventive measures",
        "Thank you for your patience.",
    )
    bare = read_aloud(resolution.render_resolution(view(**RESOLVED)))
    assert "Root Cause: not known yet" in bare
    assert "Post-mortem scheduled for a date to be announced" in bare


def test_the_day_of_the_review_reads_as_the_day_that_it_is_due_by() -> None:
    template = (
        "Resolved: [Brief description]\nPost-mortem: [Date]\nPost-incident review: by [Date]\n"
        "The post-mortem will be set for [Date].\nPost-mortem at ten o'clock of [Date]"
    )
    runbook = parse_runbook(
        f"# R\n\n## Communication Templates\n\n### Resolution Notification\n```\n{template}\n```\n"
    )
    over = view(runbook, **RESOLVED, postmortem_at=START + timedelta(hours=24))
    text = read_aloud(resolution.render_resolution(over))
    assert "Post-mortem: due by 2026-11-24 03:02 UTC" in text
    assert "Post-incident review: by 2026-11-24 03:02 UTC" in text
    assert "The post-mortem: due by 2026-11-24 03:02 UTC." in text
    assert "ten o'clock of a date to be announced (due by 2026-11-24 03:02 UTC)" in text
    form = modals.build_resolve_form(view(), text="", postmortem=START)
    labels = {
        block["block_id"]: block["label"]["text"] for block in form["blocks"] if block["type"] == "input"
    }
    assert labels["postmortem"] == "Post-mortem due by"


def test_a_reminder_shows_the_draft_and_carries_what_its_buttons_need() -> None:
    effect = reminder(view(), draft="No change. *Really*")
    drawn = update_messages.render_reminder(view(), effect, 0)
    assert read_aloud(drawn).startswith("@U0ANA the 03:17 UTC status update is due.")
    assert button_labels(drawn) == ["Post this draft", "Edit", "Snooze 5 min"]
    assert button_values(drawn)["post_draft"] == f"42|{effect.key}"
    assert button_values(drawn)["snooze"] == f"42|{effect.promise}"
    assert "No change. *Really*" in read_aloud(drawn)


def test_a_reminder_without_a_draft_only_offers_to_write_an_update() -> None:
    drawn = update_messages.render_reminder(view(), replace(reminder(view()), draft=""), 0)
    assert button_labels(drawn) == ["Write update", "Snooze 5 min"]
    assert button_values(drawn)["post_update"] == "42"
    assert "Nothing new since the last update" in read_aloud(drawn)
    assert "Draft" not in read_aloud(drawn)


def test_a_reminder_can_be_snoozed_once_and_says_when_updates_were_missed() -> None:
    snoozed = update_messages.render_reminder(view(snoozed=True), reminder(view()), 0)
    assert button_labels(snoozed) == ["Post this draft", "Edit"]
    assert "I was offline; 2 updates were missed." in read_aloud(
        update_messages.render_reminder(view(), reminder(view(), 0, 2), 0)
    )


def test_a_reminder_that_was_overtaken_by_an_update_asks_for_nothing() -> None:
    of = view(next_update_at=START + timedelta(minutes=31))
    posted_then = replace(posted(), at=START + timedelta(minutes=16))
    overtaken = replace(of, situation=replace(of.situation, updates=(posted_then,)))
    late = update_messages.render_reminder(overtaken, reminder(view()), 0)
    assert button_labels(late) == []
    assert read_aloud(late) == "The 03:17 UTC status update was posted by @U0ANA at 03:18 UTC."


def test_a_reminder_of_a_promise_that_a_graver_severity_brought_forward_claims_no_update() -> None:
    earlier = replace(posted(), at=START, next_update_at=START + timedelta(minutes=30))
    over = view(**RESOLVED)
    of = replace(over, situation=replace(over.situation, updates=(earlier,)))
    promise = int((START + timedelta(minutes=15)).timestamp())
    text = read_aloud(update_messages.render_settled_reminder(of, promise))
    assert text == "The 03:17 UTC status update is not needed: INC-42 was resolved at 04:14 UTC."


def test_every_section_and_command_of_every_playbook_is_shown() -> None:
    for kind in users_runbook().playbooks:
        text = "\n".join(
            read_aloud(each) for each in playbook.render_incident_playbook(view(playbook=kind.id))
        )
        assert in_order(text, kind.title, *(section.title for section in kind.sections))
        for step in kind.steps():
            assert step.title in text
            assert step.command is None or step.command in text


def test_a_very_long_command_is_shown_whole_in_pieces() -> None:
    command = "\n".join(f"./repair {number} {'x' * 40}" for number in range(200))
    runbook = parse_runbook(f"# R\n\n## P0 INCIDENT: X\n\n### Actions\n```bash\n# 1. Do\n{command}\n```\n")
    (kind,) = runbook.playbooks
    messages = playbook.render_incident_playbook(view(runbook, playbook=kind.id))
    text = "".join(read_aloud(message) for message in messages)
    assert "…" not in text
    assert all(f"./repair {number} " in text for number in range(200))


def test_no_playbook_is_no_message() -> None:
    assert playbook.render_incident_playbook(view(playbook=None)) == ()


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("API is down", "inc-42-api-is-down"),
        ("Café & Straße: 500!", "inc-42-cafe-strasse-500"),
        ("Сервер упал", "inc-42"),
        ("<!channel> *x*", "inc-42-channel-x"),
        ("word " * 40, "inc-42" + "-word" * 14),
        ("5xx board (https://grafana.example/d/1) is red", "inc-42-5xx-board-is-red"),
        ("https://www.acme.com/pay is down (EU)", "inc-42-acme-com-pay-is-down-eu"),
    ],
)
def test_a_channel_is_named_after_the_title_in_letters_slack_takes(title: str, name: str) -> None:
    assert notices.build_channel_name(incident(title=title)) == name


def test_the_topic_fits() -> None:
    assert notices.format_topic(view()) == "P0 · investigating · API is down"
    assert len(notices.format_topic(views()["long"])) <= 250


def test_when_nothing_can_be_recorded_the_answer_says_so_and_whom_to_reach() -> None:
    text = read_aloud(emergency.render_database_down(users_runbook(), ContactBook(), False))
    assert text.startswith("Nothing was recorded")
    assert "AWS Support: the runbook only says 1-800-XXX-XXXX (Premium)" in text
    assert "https://grafana.rodistaa.com" in text
    assert "CTO: the runbook only says [Phone]" in text


def test_the_declare_form_offers_the_severitys_playbooks_first_and_the_one_that_fits() -> None:
    form = modals.build_declare_form(users_runbook(), severity="p0", title="Database is down", origin="C0")
    menus = {block["block_id"]: block["element"] for block in form["blocks"]}
    groups = menus["playbook"]["option_groups"]
    assert [option["text"]["text"] for option in groups[0]["options"]] == [
        "API COMPLETELY DOWN",
        "DATABASE UNAVAILABLE",
    ]
    assert menus["playbook"]["initial_option"]["text"]["text"] == "DATABASE UNAVAILABLE"
    assert menus["severity"]["initial_option"]["value"] == "P0"
    assert menus["title"]["initial_value"] == "Database is down"
    assert "feature" in menus
    required = [block["block_id"] for block in form["blocks"] if not block.get("optional")]
    assert required == ["severity", "title"]


def test_the_update_form_has_the_present_status_chosen() -> None:
    form = modals.build_update_form(view(status=Status.IDENTIFIED), text="Draft", notice="")
    assert form["blocks"][1]["element"]["initial_option"]["value"] == "identified"
    assert form["blocks"][0]["element"]["initial_value"] == "Draft"


def test_a_link_leads_to_the_line_also_where_markdown_is_drawn_or_another_file_is_meant() -> None:
    url = "https://github.com/team/ops/blob/main/RUNBOOK.md"
    assert getattr(build_line_link(url, 41), "url", "").endswith("main/RUNBOOK.md?plain=1#L41")
    assert build_line_link("", 41) == "line 41"
    linked = build_line_link(url, 12, "net/DATA BASE.md")
    assert isinstance(linked, WebLink)
    assert linked.url.endswith("/ops/blob/main/net/DATA%20BASE.md?plain=1#L12")
    assert linked.text == "net/DATA BASE.md:12"
    queried = build_line_link("https://git.example/ops/RUNBOOK.md?at=main", 12, "DATABASE.md")
    assert getattr(queried, "url", "") == "https://git.example/ops/DATABASE.md?at=main#L12"
    assert build_line_link("", 12, "DATABASE.md") == "DATABASE.md:12"


def changed(*entries: TimelineEntry) -> Any:
    """An ordinary incident with these entries beside its own, and an update before the latest one."""
    known = view()
    earlier = replace(posted("Earlier"), id=6, at=START + timedelta(minutes=5))
    situation = replace(
        known.situation, entries=(*known.situation.entries, *entries), updates=(earlier, posted())
    )
    return replace(known, situation=situation)


def told(at: timedelta, **detail: str) -> TimelineEntry:
    return TimelineEntry(START + at, "U0ANA", parse_detail(EntryKind.IMPACT_CHANGED, detail))


def test_an_update_tells_the_impact_that_changed_with_it_or_since_the_one_before() -> None:
    before, since, after = (timedelta(minutes=each) for each in (5, 9, 20))
    known = changed(
        told(before, impact="Few", impact_before=""),
        told(since, impact="Some", impact_before="Few"),
        told(timedelta(minutes=14), impact="All", impact_before="Some", affected_users="1,200"),
        told(after, impact="None", impact_before="All"),
    )  # fmt: skip
    text = read_aloud(update_messages.render_update(known, posted()))
    assert "Status: Identified\nImpact: All (was: Few)\nAffected users: 1,200\n" in text
    assert "None" not in text


def test_an_impact_that_was_taken_back_is_said_not_to_be_known_and_a_detour_is_no_change() -> None:
    minutes = [timedelta(minutes=each) for each in (9, 10, 11)]
    known = changed(told(minutes[0], impact="", impact_before="Few"))
    assert "Impact: not known yet (was: Few)" in read_aloud(update_messages.render_update(known, posted()))
    there_and_back = changed(
        told(minutes[0], impact="A", impact_before="B"), told(minutes[1], impact="B", impact_before="A")
    )
    assert "Impact" not in read_aloud(update_messages.render_update(there_and_back, posted()))


def test_the_text_of_a_page_names_the_incidents_that_joined_the_contacts_unanswered_page() -> None:
    shown = joined(views()["ordinary"], count=12)
    called = next(page.contact for page in shown.situation.pages if page.person == "U0DEVIKA")
    text = page_progress.build_page_text(shown, PageAttempt(7, 42, called, 1, "apprise:SMS"))
    assert "Also paged for: INC-43 (P1), INC-44 (P1)" in text.details
    assert "and 2 more" in text.details
    assert "INC-53" not in text.details
    other = page_progress.build_page_text(shown, PageAttempt(8, 42, "Somebody else", 0, "apprise:SMS"))
    assert "Also called" not in other.details
    private = replace(shown, situation=replace(shown.situation, incident=incident(private=True)))
    assert (
        "Also paged for: INC-43 (P1)"
        in page_progress.build_page_text(private, PageAttempt(7, 42, called, 1, "x")).details
    )
