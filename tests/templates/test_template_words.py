"""What the messages say: the runbook's own lines, filled with what is true at that moment."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.calls import Page
from bot.incident import Status
from bot.runbook import read
from templates import alert, answers, modals, notices, playbook, resolution, updates
from templates.kit import Link
from templates.view import at_line
from tests.templates.drawn import reminder
from tests.templates.reading import button_labels, button_values, read_aloud
from tests.templates.worlds import START, incident, posted, users_runbook, view, views

WATCHED = "A fix for the issues with the API is in place and we are watching it."
RESOLVED: dict[str, Any] = {
    "status": Status.RESOLVED,
    "resolved_at": START + timedelta(minutes=72),
    "next_update_at": None,
}


def in_order(text: str, *words: str) -> bool:
    """Whether these words stand in the text one after the other."""
    at = 0
    for each in words:
        at = text.find(each, at)
        if at < 0:
            return False
    return True


def test_the_alert_has_the_runbooks_lines_in_their_order() -> None:
    assert in_order(
        read_aloud(alert.alert(view())),
        "🚨 INCIDENT ALERT - P0",
        "API is down",
        "INC-42",
        "\n\nStatus: INVESTIGATING\nImpact: Nobody can log in\nStarted: 2026-11-23 03:02 UTC\nAffected Users: all",
        "\n\nCurrent Actions:\n- Called: CTO, DevOps Lead\n- ",
        "\n- Rolled back to 1.42, errors fall.",
        "\n\nNext Update: 03:17 UTC",
        "\n\nWar Room: #C0ROOM\nIncident Commander: @U0ANA",
    )


def test_what_is_not_known_says_so() -> None:
    text = read_aloud(alert.alert(views()["bare"]))
    assert "Impact: not known yet" in text
    assert "Affected Users: not known yet" in text
    assert "War Room: being opened…" in text


def test_a_very_long_impact_is_cut_with_words_and_the_rest_of_the_alert_stays() -> None:
    text = read_aloud(alert.alert(view(impact="long " * 600)))
    assert "more characters)\nStarted: " in text
    assert len(text) < 1500


def test_acknowledge_is_offered_until_somebody_has_and_then_shows_who_and_how_fast() -> None:
    waiting = views()["bare"]
    assert button_labels(alert.alert(waiting)) == ["Acknowledge", "Post update", "Resolve"]
    assert "not acknowledged yet (target: under 5 min)" in read_aloud(alert.alert(waiting))
    assert button_labels(alert.alert(view())) == ["Post update", "Resolve"]
    assert "Acknowledged by <@U0BRUNO> after 2 min 10 s (target: under 5 min)" in read_aloud(
        alert.alert(view())
    )


def test_an_alert_of_the_past_has_no_buttons() -> None:
    for drawn in (alert.alert, alert.announcement):
        assert button_labels(drawn(view(**RESOLVED))) == []
    assert "Status: RESOLVED" in read_aloud(alert.alert(view(**RESOLVED)))


def test_a_page_says_first_what_and_how_bad_and_as_what_one_is_called() -> None:
    text = read_aloud(alert.page(view(), "U0DEVIKA"))
    assert text.startswith("🚨 P0: API is down\nYou are called as DevOps Lead for INC-42.\nWhere: #C0ROOM\n")
    assert button_labels(alert.page(view(), "U0DEVIKA")) == ["Acknowledge"]
    assert button_labels(alert.page(view(), "U0BRUNO")) == []


def test_people_are_called_only_once_slack_took_the_message() -> None:
    calling = view()
    pages = (Page("U0BRUNO", "CTO", START, START), Page("U0DEVIKA", "DevOps Lead", START))
    text = read_aloud(alert.alert(replace(calling, situation=replace(calling.situation, pages=pages))))
    assert "- Called: CTO\n- Calling: DevOps Lead\n" in text


def test_a_contact_that_cannot_be_called_is_named_with_what_is_missing() -> None:
    text = read_aloud(alert.mention(view(), (), (("AWS Support", "no Slack handle"),)))
    assert "AWS Support: no Slack handle. Add one to the contacts file." in text
    assert "@" not in text


@pytest.mark.parametrize("status", [Status.INVESTIGATING, Status.IDENTIFIED])
def test_an_update_has_the_runbooks_lines_then_what_changed_then_the_next_one(status: Status) -> None:
    assert in_order(
        read_aloud(updates.update(view(fields={"feature": "the API"}), posted(status=status))),
        "🔴 We are currently experiencing issues with the API\n\nImpact: Nobody can log in\n",
        f"Status: {status.capitalize()}\nStarted: 2026-11-23 03:02 UTC",
        "We are actively working on a resolution and will provide updates every 15 minutes.",
        "For urgent issues, contact support@rodistaa.com",
        "What changed by @U0ANA:\nRolled back to 1.42, errors fall.",
        "Next update: <!date^",
    )


def test_once_it_is_watched_no_sentence_says_that_the_outage_goes_on() -> None:
    watched = view(fields={"feature": "the API"}, impact="Some users are still experiencing errors")
    text = read_aloud(updates.update(watched, posted(status=Status.MONITORING)))
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
    runbook = read(
        f"# R\n\n## Communication Templates\n\n### Status Page Update\n```\n{written}\n\nEnd.\n```\n"
    )
    lines = updates.customer_copy(
        view(runbook, fields={"feature": "the API"}), posted(status=Status.MONITORING)
    )
    assert lines.splitlines()[0] == shown


def test_the_customer_copy_holds_nothing_but_the_templates_lines() -> None:
    known = view(fields={"feature": "Payments"}, root_cause="the intern", resolution="blame")
    copy = updates.customer_copy(known, posted("We blame the intern", Status.IDENTIFIED))
    assert copy == (
        "🔴 We are currently experiencing issues with Payments\n\nImpact: Nobody can log in\nStatus: Identified\n"
        "Started: 2026-11-23 03:02 UTC\n\nWe are actively working on a resolution and will provide updates every "
        "15 minutes.\n\nFor urgent issues, contact support@rodistaa.com"
    )
    shown = modals.customer_copy(known, 7)["blocks"][0]["elements"][0]["elements"][0]["text"]
    assert shown == copy


def test_a_customer_copy_tells_no_names_and_no_timeline_whatever_the_runbook_asks_for() -> None:
    template = (
        "Current Actions:\n- [Action 1]\nIncident Commander: @someone\nWar Room: #incident-response\n"
        "Next Update: In 5 minutes"
    )
    runbook = read(f"# R\n\n## Communication Templates\n\n### Status Page Update\n```\n{template}\n```\n")
    copy = updates.customer_copy(view(runbook), posted("We blame the intern"))
    for inside in ("intern", "U0ANA", "C0ROOM", "CTO", "[", "Rolled"):
        assert inside not in copy
    assert copy == (
        "Current Actions:\n- Our team is working on it\nIncident Commander: our team on call\n"
        "War Room: our team's channel\nNext Update: 03:31 UTC"
    )


def test_without_a_clock_no_time_is_promised() -> None:
    quiet = views()["no clock"]
    assert "Next Update: no fixed time" in read_aloud(alert.alert(quiet))
    text = read_aloud(updates.update(quiet, replace(posted(), next_update_at=None)))
    assert "will provide updates as soon as there is news." in text
    assert "No fixed time for the next update." in text


def test_the_resolution_has_the_runbooks_lines_and_the_true_duration() -> None:
    over = view(**RESOLVED, root_cause="A bad deploy", resolution="Rolled back\n- *Scaled* up",
                postmortem_at=START + timedelta(hours=24))  # fmt: skip
    assert in_order(
        read_aloud(resolution.resolution(over)),
        "✅ INCIDENT RESOLVED",
        "Issue: API is down\nDuration: 03:02 UTC - 04:14 UTC (1 h 12 min)\nRoot Cause: A bad deploy",
        "Resolution:\n- Rolled back\n- *Scaled* up\n",
        "Follow-up Actions:\n- Post-mortem scheduled for 2026-11-24 03:02 UTC\n- Preventive measures",
        "Thank you for your patience.",
    )
    bare = read_aloud(resolution.resolution(view(**RESOLVED)))
    assert "Root Cause: not known yet" in bare
    assert "Post-mortem scheduled for a date that is not set yet" in bare


def test_a_reminder_shows_the_draft_and_carries_what_its_buttons_need() -> None:
    effect = reminder(view(), draft="No change. *Really*")
    drawn = updates.reminder(view(), effect)
    assert read_aloud(drawn).startswith("@U0ANA a status update is due, promised for 03:17 UTC.")
    assert button_labels(drawn) == ["Post update", "Edit", "Snooze 5 min"]
    assert button_values(drawn)["post_draft"] == f"42|{effect.key}"
    assert button_values(drawn)["snooze"] == f"42|{effect.promise}"
    assert "No change. *Really*" in read_aloud(drawn)


def test_a_reminder_can_be_snoozed_once_and_says_when_updates_were_missed() -> None:
    assert button_labels(updates.reminder(view(snoozed=True), reminder(view()))) == ["Post update", "Edit"]
    assert "2 updates missed while I was down." in read_aloud(
        updates.reminder(view(), reminder(view(), 0, 2))
    )


def test_a_reminder_that_was_overtaken_by_an_update_asks_for_nothing() -> None:
    late = updates.reminder(view(next_update_at=START + timedelta(minutes=30)), reminder(view()))
    assert button_labels(late) == []
    assert "not awaited any more" in read_aloud(late)


def test_every_section_and_command_of_every_playbook_is_shown() -> None:
    for kind in users_runbook().playbooks:
        text = "\n".join(read_aloud(each) for each in playbook.playbook_messages(view(playbook=kind.id)))
        assert in_order(text, kind.title, *(each.title for each in kind.sections))
        for step in kind.steps():
            assert step.title in text
            assert step.command is None or step.command in text


def test_a_very_long_command_is_shown_whole_in_pieces() -> None:
    command = "\n".join(f"echo {number} {'x' * 40}" for number in range(200))
    runbook = read(f"# R\n\n## P0 INCIDENT: X\n\n### Actions\n```bash\n# 1. Do\n{command}\n```\n")
    (kind,) = runbook.playbooks
    messages = playbook.playbook_messages(view(runbook, playbook=kind.id))
    text = "".join(read_aloud(each) for each in messages)
    assert "more characters" not in text
    assert all(f"echo {number} " in text for number in range(200))


def test_no_playbook_is_no_message() -> None:
    assert playbook.playbook_messages(view(playbook=None)) == ()


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("API is down", "inc-42-api-is-down"),
        ("Café & Straße: 500!", "inc-42-cafe-strasse-500"),
        ("Сервер упал", "inc-42"),
        ("<!channel> *x*", "inc-42-channel-x"),
        ("word " * 40, "inc-42" + "-word" * 14),
    ],
)
def test_a_channel_is_named_after_the_title_in_letters_slack_takes(title: str, name: str) -> None:
    assert notices.channel_name(incident(title=title)) == name


def test_the_topic_fits() -> None:
    assert notices.topic(view()) == "P0 · investigating · API is down"
    assert len(notices.topic(views()["long"])) <= 250


def test_when_nothing_can_be_recorded_the_answer_says_so_and_whom_to_reach() -> None:
    text = read_aloud(answers.store_away(users_runbook(), False))
    assert text.startswith("Nothing was recorded")
    assert "AWS Support: the runbook only says 1-800-XXX-XXXX (Premium)" in text
    assert "https://grafana.rodistaa.com" in text
    assert "CTO: the runbook only says [Phone]" in text


def test_the_declare_form_offers_the_severitys_playbooks_first_and_the_one_that_fits() -> None:
    form = modals.declare(users_runbook(), severity="p0", title="Database is down", origin="C0")
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
    form = modals.update(view(status=Status.IDENTIFIED), text="Draft", notice="")
    assert form["blocks"][1]["element"]["initial_option"]["value"] == "identified"
    assert form["blocks"][0]["element"]["initial_value"] == "Draft"


def test_a_link_leads_to_the_line_also_where_markdown_is_drawn_or_another_file_is_meant() -> None:
    url = "https://github.com/team/ops/blob/main/RUNBOOK.md"
    assert getattr(at_line(url, 41), "url", "").endswith("main/RUNBOOK.md?plain=1#L41")
    assert at_line("", 41) == "line 41"
    linked = at_line(url, 12, "net/DATA BASE.md")
    assert isinstance(linked, Link)
    assert linked.url.endswith("/ops/blob/main/net/DATA%20BASE.md?plain=1#L12")
    assert linked.text == "net/DATA BASE.md:12"
    queried = at_line("https://git.example/ops/RUNBOOK.md?at=main", 12, "DATABASE.md")
    assert getattr(queried, "url", "") == "https://git.example/ops/DATABASE.md?at=main#L12"
    assert at_line("", 12, "DATABASE.md") == "DATABASE.md:12"
