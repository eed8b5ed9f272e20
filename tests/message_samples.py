"""One example of every message, form and page that people see, in the order in which an incident shows them."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from bot.contacts import ContactBook, Handle, HandleKind
from bot.domain.effects import AskForUpdate, RemindOfUpdate, SettleOffer, TellOfShift
from bot.domain.incident import EntryKind, IncidentRole, MergeTarget, Status, TimelineEntry
from bot.domain.incident_list import IncidentList
from bot.domain.notices import (
    CancelledNews,
    MergedNews,
    Notice,
    ResolvedNews,
    UpdateNews,
    parse_news,
    parse_notice,
)
from bot.domain.results import CommandResult, parse_result
from bot.domain.timeline_details import parse_detail
from bot.ports import SlackPayload
from handlers.slack.command_parser import list_help
from templates import (
    alert,
    checklist_message,
    confirmations,
    diagnostic_run,
    emergency,
    finding,
    follower_messages,
    home,
    incident_list,
    item_owners,
    late_requests,
    merge_messages,
    modals,
    notices,
    on_call_messages,
    page_progress,
    playbook,
    replies,
    resolution,
    roles,
    shift_handover,
    step_inputs_modal,
    timeline,
    unopened_forms,
    update_messages,
)
from templates.help import command_help
from templates.incident_view import IncidentViewModel
from tests.templates import worlds
from tests.templates.looks import MIXED, NEEDING, looks

Sample = tuple[str, SlackPayload | dict[str, Any]]
ANA, BRUNO = "U0ANA", "U0BRUNO"
BOOK = ContactBook(
    {"CTO": (Handle(HandleKind.SLACK_USER, "U0BRUNO001"), Handle(HandleKind.PHONE, "+919876543210"))}
)
LATER = str(int((worlds.START + timedelta(minutes=30)).timestamp()))

NOTICES: dict[str, dict[str, str]] = {
    "acknowledged": {"actor": BRUNO, "seconds": "130", "uncalled": "yes"},
    "restored": {"held": "CTO, the next people", "lost": "43-45"},
    "remediation_news": {
        "reference": "R1",
        "title": "Scale to 8 tasks",
        "sentence": "carried out, 8 of 8 tasks running.",
    },
    "commander_changed": {"person": BRUNO, "before": ANA, "by": "U0DEVIKA"},
    "role_assigned": {"person": BRUNO, "role": "scribe"},
    "status_changed": {"actor": ANA, "before": "investigating", "to": "identified"},
    "severity_changed": {
        "actor": ANA,
        "before": "P1",
        "to": "P0",
        "every": "900",
        "called": "CTO",
        "reason": "all logins fail",
    },
    "impact_changed": {
        "actor": ANA,
        "impact": "Nobody can pay",
        "impact_before": "Some cannot pay",
        "affected_users": "about 1,200",
        "affected_users_before": "",
    },
    "renamed": {"actor": ANA, "before": "API is down", "to": "Checkout is down"},
    "page_failed": {
        "contact": "@oncall",
        "why": "the Slack account is deactivated",
        "person": "U0DEVIKA",
        "others": f"{ANA} {BRUNO}",
    },
    "channel_failed": {
        "why": "Slack refused it: your workspace's settings do not allow it to apps or members"
    },
    "effect_failed": {"what": "pin the alert", "why": "Slack refused it: the app lacks a permission"},
    "moved": {"channel": "C0ROOM"},
    "channel_lost": {"channel": "C0ROOM", "how": "archived"},
    "channel_back": {"channel": "C0ROOM"},
    "update_overdue": {"minutes": "11", "commander": ANA, "missed": "0"},
    "update_asked": {"minutes": "16", "role": "deputy", "people": BRUNO, "to": "", "commander": ANA},
    "cancelled": {"actor": ANA, "reason": "a test of the alarm"},
    "reopened": {"actor": ANA, "before": "resolved", "called": "CTO, DevOps Lead"},
    "merged": {"actor": ANA, "into": "INC-7", "title": "API is down", "channel": "C0ROOM"},
    "merged_in": {"actor": ANA, "from": "INC-43", "title": "Search is slow", "channel": "C0ROOM"},
    "unmerged": {"actor": ANA, "from": "INC-43", "title": "Search is slow", "channel": "C0ROOM"},
    "closed": {"actor": ANA, "left": "2", "reason": "the rest is in the tracker"},
    "page_requested": {
        "actor": ANA,
        "to": "CTO",
        "person": "",
        "persons": "U0DEVIKA",
        "text": "The database is gone",
        "people": BRUNO,
    },
    "would_be_called": {
        "names": "CTO, DevOps Lead",
        "missing": "AWS Support (no contact method)",
        "everyone": "all hands",
    },
    "page_held": {"names": "CTO, DevOps Lead", "until": LATER},
    "page_dropped": {"names": "DevOps Lead"},
    "escalated": {
        "why": f"<@{BRUNO}> asked for more people.",
        "to": "DevOps Lead",
        "known": "CTO",
        "line": "0",
    },
    "still_on_it": {"actor": BRUNO},
    "business_day": {"person": ANA},
    "no_way_left": {"contact": "CTO", "why": "PagerDuty refused (403)."},
    "page_lost": {"contact": "CTO"},
    "nobody_there": {"channel": "incident-response"},
    "not_told": {"contact": "CTO", "what": "resolve", "why": "PagerDuty refused (404: Not Found)."},
    "acknowledged_there": {"who": "Bruno", "person": BRUNO, "contact": "CTO", "seconds": "130"},
    "answered_too_late": {"who": "Bruno", "person": "", "contact": "CTO", "status": "resolved"},
    "answered_by_nobody": {"contact": "CTO"},
    "page_resolved": {"who": "Bruno", "person": "", "contact": "CTO"},
    "on_call_problem": {
        "contact": "On-Call Engineer",
        "why": "The PagerDuty schedule PSCH001 has nobody on call now.",
    },
}
"""The texts of an example for each notice."""

TOLD = frozenset({"channel_failed", "update_overdue"})
"""Those that are for the incidents channel only; some of the others are said there too."""

ANSWERS: dict[str, dict[str, str]] = {
    "remediation_asked": {
        "by": "U0BRUNO",
        "reference": "R1",
        "sentence": "Only an approver may approve R1: the DevOps Lead. Nothing was approved.",
        "title": "Scale to 8 tasks",
        "why": "the database is being restored",
    },
    "remediation_approved": {
        "by": "U0BRUNO",
        "reference": "R1",
        "sentence": "Only an approver may approve R1: the DevOps Lead. Nothing was approved.",
        "title": "Scale to 8 tasks",
        "why": "the database is being restored",
    },
    "remediation_alone": {
        "by": "3",
        "reference": "R1",
        "sentence": "it is paused",
        "title": "Scale to 8 tasks",
        "why": "3",
    },
    "remediation_rejected": {
        "by": "U0BRUNO",
        "reference": "R1",
        "sentence": "Only an approver may approve R1: the DevOps Lead. Nothing was approved.",
        "title": "Scale to 8 tasks",
        "why": "the database is being restored",
    },
    "remediation_withdrawn": {
        "by": "U0BRUNO",
        "reference": "R1",
        "sentence": "Only an approver may approve R1: the DevOps Lead. Nothing was approved.",
        "title": "Scale to 8 tasks",
        "why": "the database is being restored",
    },
    "remediation_ran": {
        "by": "U0BRUNO",
        "reference": "R1",
        "sentence": "Only an approver may approve R1: the DevOps Lead. Nothing was approved.",
        "title": "Scale to 8 tasks",
        "why": "the database is being restored",
    },
    "remediation_checked": {
        "by": "U0BRUNO",
        "reference": "R1",
        "sentence": "Only an approver may approve R1: the DevOps Lead. Nothing was approved.",
        "title": "Scale to 8 tasks",
        "why": "the database is being restored",
    },
    "remediation_refused": {
        "by": "U0BRUNO",
        "reference": "R1",
        "sentence": "Only an approver may approve R1: the DevOps Lead. Nothing was approved.",
        "title": "Scale to 8 tasks",
        "why": "the database is being restored",
    },
    "remediations_off": {
        "by": "U0BRUNO",
        "reference": "R1",
        "sentence": "Only an approver may approve R1: the DevOps Lead. Nothing was approved.",
        "title": "Scale to 8 tasks",
        "why": "the database is being restored",
    },
    "remediations_off_already": {
        "by": "U0BRUNO",
        "reference": "R1",
        "sentence": "Only an approver may approve R1: the DevOps Lead. Nothing was approved.",
        "title": "Scale to 8 tasks",
        "why": "the database is being restored",
    },
    "remediations_on": {
        "by": "U0BRUNO",
        "reference": "R1",
        "sentence": "Only an approver may approve R1: the DevOps Lead. Nothing was approved.",
        "title": "Scale to 8 tasks",
        "why": "the database is being restored",
    },
    "remediations_on_wanted": {
        "by": "U0BRUNO",
        "reference": "R1",
        "sentence": "Only an approver may approve R1: the DevOps Lead. Nothing was approved.",
        "title": "Scale to 8 tasks",
        "why": "the database is being restored",
    },
    "remediations_on_already": {
        "by": "U0BRUNO",
        "reference": "R1",
        "sentence": "Only an approver may approve R1: the DevOps Lead. Nothing was approved.",
        "title": "Scale to 8 tasks",
        "why": "the database is being restored",
    },
    "declared": {
        "severity": "P0",
        "title": "API is down",
        "called": "CTO, DevOps Lead",
        "missing": "",
        "everyone": "all hands",
        "similar": "41",
        "private": "",
    },
    "declared_before": {
        "severity": "P0",
        "title": "API is down",
        "seconds": "20",
        "by": ANA,
        "at": LATER,
        "key": "command:1.2",
        "said": "{}",
    },
    "acknowledged": {"seconds": "130", "target_seconds": "300", "channel": "C0ROOM"},
    "acknowledged_already": {},
    "looking": {"title": "API COMPLETELY DOWN"},
    "looking_already": {"title": "API COMPLETELY DOWN"},
    "by_hand": {
        "title": "If recent deployment - ROLLBACK IMMEDIATELY",
        "why": "the script rollback-production.sh changes something, by its name",
        "command": "./scripts/rollback-production.sh",
    },
    "asked_before": {
        "title": "Search the logs",
        "sent": "POST https://logs.example.com/api/_search with data",
        "file": "",
        "line": "151",
    },
    "playbook_chosen": {"title": "DATABASE UNAVAILABLE"},
    "playbook_already": {"title": "DATABASE UNAVAILABLE"},
    "joined": {"channel": "C0ROOM"},
    "joined_already": {"channel": ""},
    "commander_changed": {"person": BRUNO},
    "commander_already": {"person": BRUNO},
    "command_offered": {"person": BRUNO},
    "role_assigned": {"person": BRUNO, "role": "scribe"},
    "updated": {"next": LATER},
    "draft_outdated": {},
    "snoozed": {"until": LATER, "promise": LATER},
    "snoozed_already": {},
    "nothing_to_snooze": {},
    "status_changed": {"status": "identified"},
    "impact_changed": {"impact": "Nobody can pay", "impact_before": ""},
    "impact_already": {},
    "item_owned": {"text": "Document root cause"},
    "item_owned_already": {},
    "status_already": {"status": "identified"},
    "severity_changed": {"to": "P1", "every": "900", "called": ""},
    "severity_already": {"severity": "P0"},
    "renamed": {"title": "Checkout is down"},
    "pinned": {},
    "noted_already": {},
    "noted": {"text": "Rollback started"},
    "resolved": {},
    "resolved_already": {"by": BRUNO, "at": LATER},
    "reopened": {},
    "open_already": {},
    "cancelled": {},
    "cancelled_already": {},
    "followed": {"title": "API is down", "inside": ""},
    "followed_already": {"title": "API is down", "inside": "yes"},
    "unfollowed": {},
    "not_followed": {},
    "merged": {"into": "INC-7", "channel": "C0ROOM"},
    "merged_already": {"into": "INC-7"},
    "items_open": {"items": "Conduct post-mortem meeting\nDocument root cause"},
    "closed": {},
    "closed_already": {},
    "paged": {
        "to": "CTO",
        "person": "",
        "persons": "U0DEVIKA",
        "text": "",
        "remarks": "I don't know who “@zorro” is. Mention people with @, as Slack offers them.",
        "empty": "incident-response",
    },
    "nobody_there": {"channel": "incident-response"},
    "paged_already": {"to": "CTO"},
    "escalated": {"step": "1"},
    "still_on_it": {},
    "refused": {"sentence": "INC-42 is already resolved. Nothing was changed."},
    "unanswered": {},
}
"""The texts of an example for each result that is answered."""

UNSPOKEN = {"ticked", "unticked", "ticked_already", "unticked_already", "updated_meanwhile"} | {
    "noticed", "nothing_new", "other_version"
}  # fmt: skip
"""Results without words: the checklist or the form shows them, nobody asked, or nobody knows what it was."""


def chapters() -> Iterator[tuple[str, Iterator[Sample]]]:
    """(chapter, its samples): each with a title."""
    view, over = worlds.view(), worlds.views()["resolved"]
    yield "People are called", _calls(view, over)
    yield "In the incident's channel", _room(view)
    yield "In the incidents channel", _announced(view, over)
    yield "One line in the incident's channel", _notices(view)
    yield "It is over", _ending(over)
    yield "Only the person who asked sees it", _looks(view, over)
    yield "What came of a request, for the person who asked", _outcomes(view)
    yield "What is asked back", _questions(view)
    yield "Bad input and faults", _faults(view)
    yield "Forms and the home", _forms(view, over)


def _calls(view: IncidentViewModel, over: IncidentViewModel) -> Iterator[Sample]:
    yield "The direct message of a page", alert.render_page(view, "U0DEVIKA")
    yield "The same when it is over", alert.render_page(over, "U0DEVIKA")
    yield (
        "The same when the severity does not call them any more",
        alert.render_page(worlds.milder(view), "U0DEVIKA"),
    )
    yield (
        "The direct message of a page that others joined",
        alert.render_page(worlds.joined(view), "U0DEVIKA"),
    )
    yield "The mention of who was not reached", alert.render_mention(view, (BRUNO, "U0DEVIKA"), ())
    reach = (("AWS Support", "+1 555 0199"),)
    yield "How to reach who is not called", alert.render_mention(view, (), reach)
    lacking = (
        ("AWS Support", "P0", "no contact method"),
        ("Senior engineers", "P1", "no contact has that name"),
    )
    yield (
        "What is to be mended of the contacts, in the incidents channel",
        notices.render_unreachable(lacking),
    )
    called = worlds.being_called(view)
    yield "The alert while people are called", alert.render_alert(called)
    refused = "PagerDuty refused (403). Call CTO: +15550100"
    yield "The last rung: a number to dial", page_progress.render_phone_fallback(refused)
    yield "Nobody did anything for a while", page_progress.render_check_in(view)
    yield "Command is offered", roles.render_offer(view, BRUNO, ANA)
    yield (
        "A shift hands over",
        roles.render_offer(view, BRUNO, ANA, "The rollback runs. Check the error rate."),
    )
    offer = SettleOffer(incident=42, offer="offer:42:1", person=BRUNO, by=ANA, words="The rollback runs.")
    yield "The same once it is accepted", roles.render_settled_offer(worlds.view(commander=BRUNO), offer)
    yield "The same when it is not open any more", roles.render_settled_offer(view, offer)


def _room(view: IncidentViewModel) -> Iterator[Sample]:
    yield "The alert", alert.render_alert(view)
    for part in playbook.render_incident_playbook(view):
        yield "The playbook", part
    for name, look in looks().items():
        yield f"What the diagnostics found: {name}", diagnostic_run.render_run(view, look)
    for each in MIXED[:3]:
        yield (
            "The evidence of one step, in the thread",
            finding.render_evidence(view, looks()["mixed"], each, None),
        )
    if (unasked := finding.render_manual_commands(view, looks()["nothing could be asked"])) is not None:
        yield "What was not asked, by hand", unasked
    yield "An update is due", update_messages.render_reminder(view, _reminder(view, 0, 0))
    yield (
        "An update is due, and there is no news",
        update_messages.render_reminder(view, replace(_reminder(view, 0, 0), draft="")),
    )
    promised = _reminder(view, 0, 0).promise
    done = replace(view, situation=replace(view.situation, updates=(worlds.posted(),)))
    yield "A reminder, once the update was posted", update_messages.render_settled_reminder(done, promised)
    yield "An update is due after downtime", update_messages.render_reminder(view, _reminder(view, 0, 2))
    asked = AskForUpdate(incident=42, person=BRUNO, role="deputy", promise=_reminder(view, 2, 0).promise)
    yield "An update is overdue, for one person", update_messages.render_update_request(view, asked)
    yield "An update is overdue, for everybody", update_messages.render_reminder(view, _reminder(view, 2, 0))
    yield "A status update", update_messages.render_update(view, worlds.posted())
    yield (
        "A status update with a new status and impact",
        update_messages.render_update(_changed(view), worlds.posted()),
    )


def _announced(view: IncidentViewModel, over: IncidentViewModel) -> Iterator[Sample]:
    yield "The announcement", alert.render_announcement(view)
    yield "Everybody is called", notices.render_everyone(view, "all hands")
    yield "Everybody is called by hand", notices.render_everyone(view, f"<@{BRUNO}> asked for everyone")
    yield "Very much is declared at once", notices.render_flood(ANA, [(n, n * 0.04) for n in range(42, 67)])
    for words in sorted(TOLD):
        yield _title(words), notices.render_announcement(view, _notice(words))
    watched = worlds.posted(status=Status.MONITORING)
    yield "A status update while it is watched", update_messages.render_published_update(view, watched)
    yield "The resolution", resolution.render_published(over)


def _notices(view: IncidentViewModel) -> Iterator[Sample]:
    for words in sorted(NOTICES.keys() - TOLD):
        yield _title(words), notices.render_notice(view, _notice(words))


def _ending(over: IncidentViewModel) -> Iterator[Sample]:
    yield "An update, for who follows", follower_messages.render_update(over, over.situation.updates[0])
    yield (
        "Another severity, for who follows",
        follower_messages.render_news(over, _news("severity", "severity_changed")),
    )
    impact = follower_messages.render_news(over, _news("impact", "impact_changed"))
    yield "Another impact, for who follows", impact
    yield "The end, for who follows", follower_messages.render_news(over, ResolvedNews(by=ANA))
    yield (
        "A false alarm, for who follows",
        follower_messages.render_news(over, CancelledNews(by=ANA, reason="a test")),
    )
    merged = replace(over, situation=replace(over.situation, merged=MergeTarget(7, "C0ROOM")))
    yield (
        "A merged one, for who follows",
        follower_messages.render_news(merged, MergedNews(by=ANA, reason="merged into INC-7")),
    )
    yield "The alert of a merged one", alert.render_alert(merged)
    yield "The resolution", resolution.render_resolution(over)
    yield "The checklist", checklist_message.render_checklist(over)
    theirs = replace(over.situation.items[5], owner=BRUNO, due_on=date(2026, 11, 25))
    items = (*over.situation.items[:5], theirs, *over.situation.items[6:])
    owned = replace(over, situation=replace(over.situation, items=items))
    yield "The checklist, when somebody owns an item", checklist_message.render_checklist(owned)
    yield "An item is somebody's now", item_owners.render_owner_message(owned, theirs)
    yield "Items still open at the end of a window", checklist_message.render_reminder(over, 3600)


def _looks(view: IncidentViewModel, over: IncidentViewModel) -> Iterator[Sample]:
    yield "The status card", replies.render_card(view)
    yield (
        "The open incidents",
        incident_list.render_list(
            IncidentList(
                open=[view.incident],
                over=[over.incident],
                counts={"P0": 1, "P3": 480},
                times=worlds.TIMES,
            )
        ),
    )
    yield "No open incidents", incident_list.render_list(IncidentList())
    yield "The timeline", timeline.render_timeline(view)
    yield "For who comes late", timeline.render_catchup(view)
    found = replace(view.situation, evidence=MIXED[:7], roles={IncidentRole.SCRIBE: BRUNO})
    yield "For who comes late, with what was found", timeline.render_catchup(replace(view, situation=found))
    yield "The checklist", replies.render_checklist_reply(over)
    yield "The playbooks that there are", playbook.render_overview(view.runbook, view.runbook_url)
    yield "Who is on call", on_call_messages.render_on_call(worlds.standings())
    yield "Schedules and calendars are asked", on_call_messages.render_asking()
    yield "Help", command_help(list_help())


def _outcomes(view: IncidentViewModel) -> Iterator[Sample]:
    for did, facts in ANSWERS.items():
        yield _title(did), replies.render_reply(_answer(did, facts))


def _notice(words: str) -> Notice:
    return parse_notice(words, NOTICES[words].items())


def _news(what: str, words: str) -> follower_messages.LineNews:
    news = parse_news(what, NOTICES[words].items())
    assert not isinstance(news, UpdateNews)
    return news


def _answer(did: str, facts: Mapping[str, str]) -> CommandResult:
    return parse_result({"did": did, "incident": 42, "facts": facts})


def _questions(view: IncidentViewModel) -> Iterator[Sample]:
    incident = view.incident
    shift = TellOfShift(incident=42, person=ANA, ends=int(LATER), next="U0DEVIKA", named="Devika Rao")
    offered = replace(
        view, situation=replace(view.situation, incident=replace(incident, offered_to="U0DEVIKA"))
    )
    yield "The commander's shift ends", shift_handover.render_for_commander(offered, shift)
    yield (
        "The commander's shift ends, and nobody follows",
        shift_handover.render_for_commander(view, replace(shift, next="")),
    )
    yield "Who is on call next", shift_handover.render_for_next(offered, replace(shift, person="U0DEVIKA"))
    yield "Cancel?", confirmations.confirm_cancel(incident, ANA, "the probe was broken", incident.declared_at)
    yield "It is kept", confirmations.render_kept("INC-42")
    yield "The question is too old", confirmations.render_expired("cancel INC-42")
    yield (
        "Merge?",
        merge_messages.confirm_merge(incident, replace(incident, number=7), ANA, incident.declared_at),
    )
    why = "Which incident? This isn't an incident's channel. Nothing was changed."
    yield "Which incident?", confirmations.ask_which_incident(why, "resolve", "Rolled back", [incident])
    long = "Rolled back.\nWatching the error rate."
    yield "Which incident, when none is open?", confirmations.ask_which_incident(why, "note", "Seen it", [])
    yield "Which of several?", confirmations.ask_which_incident(why, "update", long, [incident, incident])


def _faults(view: IncidentViewModel) -> Iterator[Sample]:
    yield "A near miss", replies.render_unknown_word("reslove", "resolve")
    yield "A word that is like no other", replies.render_unknown_word("xyzzy", None)
    yield (
        "Somebody was not understood",
        replies.render_refusal(
            "“alex” could be Alex One (@alexone) or Alex Two (@alextwo): which one? Nothing was changed."
        ),
    )
    yield (
        "A rule says no",
        replies.render_refusal("There is no INC-99. See /incident list. Nothing was changed."),
    )
    yield (
        "A rule says no, and gives the words back",
        replies.render_refusal(
            "There is no INC-99. See `/incident list`. Nothing was changed.", "Rolled back to 1.42"
        ),
    )
    yield (
        "Done to another incident than that of the channel",
        replies.prefix_incident(replies.render_reply(_answer("updated", ANSWERS["updated"])), 42, 41),
    )
    yield "The runbook cannot be read", notices.render_runbook_problem("TOCSIN_RUNBOOK: runbook.md is empty.")
    yield (
        "The database is away",
        emergency.render_database_down(view.runbook, BOOK, in_doubt=False, numbers=True),
    )
    yield (
        "The database went away in the middle",
        emergency.render_database_down(view.runbook, BOOK, in_doubt=True),
    )
    yield "Who is on call is not to be found out", on_call_messages.render_unknown()
    yield (
        "A form could not be opened",
        unopened_forms.render_unopened_form(
            modals.build_declare_form(
                view.runbook, severity="P1", title="Checkout returned 503", origin="C0GENERAL"
            ),
            "Slack did not answer in time",
        ),
    )
    typed = "/incident update The API is back"
    yield "A command that came too late", late_requests.render_too_late(typed, True, "command:1")
    yield "What came too late is done after all, and the channel says what came of it", replies.render_done()
    yield (
        "A form that came too late and could not be kept",
        late_requests.render_too_late("Update INC-42", False, ""),
    )
    yield "A fault of ours", replies.render_failure("7f3a9c21")


def _forms(view: IncidentViewModel, over: IncidentViewModel) -> Iterator[Sample]:
    yield "Declare", modals.build_declare_form(view.runbook, severity="p0", title="", origin="C0")
    yield (
        "Declare, when a word may be a part of the title",
        modals.build_declare_form(
            view.runbook,
            severity="P1",
            title="private network unreachable",
            origin="C0",
            private=True,
            unsure=("private",),
        ),
    )
    yield (
        "Declare, when it may be a drill",
        modals.build_declare_form(
            view.runbook, severity="", title="Drill: x", origin="C0", drill=True, unsure=("drill",)
        ),
    )
    yield "Only the severity is missing", modals.build_severity_form(view.runbook, "API is down", "C0")
    declared = _answer("declared", ANSWERS["declared"])
    yield "After declaring", modals.build_declared(replies.render_reply(declared))
    yield "Post update", modals.build_update_form(view, text="", notice="")
    opened = {"incident": 42, "notice": "", "seen": 0, "status": "investigating"}
    yield (
        "Post update, when another was posted meanwhile",
        modals.build_conflict_form(view, text="Rolled back to the version of Friday.", carried=opened),
    )
    yield "Impact", modals.build_impact_form(view)
    yield "Owner and due date", item_owners.build_owner_form(over, over.situation.items[5])
    yield "Customer copy", modals.build_customer_copy(view, worlds.posted().id)
    yield "Fill in what a step's command needs", step_inputs_modal.build_step_form(view, NEEDING, "")
    seen = replace(view, situation=replace(view.situation, evidence=MIXED[:7]))
    yield "The alert, with what was found", alert.render_alert(seen)
    yield (
        "Resolve, while not all is fine",
        modals.build_resolve_form(seen, text="", postmortem=view.incident.declared_at),
    )
    refused = replies.render_refusal("INC-42 is already cancelled. Nothing was changed.")
    form = modals.build_resolve_form(seen, text="Rolled back", postmortem=view.incident.declared_at)
    yield "Resolve, when its button could not do what it says", modals.add_answer(form, refused)
    running = tuple(replace(each, verdict=None) for each in MIXED[:2])
    still = replace(view, situation=replace(view.situation, evidence=(*running, *MIXED[5:7])))
    yield (
        "Resolve, while checks still run",
        modals.build_resolve_form(still, text="", postmortem=view.incident.declared_at),
    )
    yield (
        "Resolve",
        modals.build_resolve_form(view, text="", postmortem=view.incident.declared_at + timedelta(hours=24)),
    )
    yield (
        "The home",
        home.render_home(
            home.Seen(
                IncidentList([view.incident], over=[over.incident], counts={"P0": 3}, times=worlds.TIMES),
                mine=[view.incident],
                followed=[view.incident],
                waiting=[(over.incident, 11)],
                on_call=on_call_messages.contact_lines(worlds.standings()),
            )
        ),
    )
    owned = [
        (over.incident, "Document root cause", date(2026, 11, 25)),
        (over.incident, "Create action items", None),
    ]
    yield "The home of who owns items", home.render_home(home.Seen(owned=owned))
    yield "The home of a quiet day", home.render_home(home.Seen())
    yield (
        "The home while the database is away",
        home.render_unavailable(view.runbook, BOOK, "does not answer"),
    )


def _changed(view: IncidentViewModel) -> IncidentViewModel:
    """The same where the update came with a new status and impact."""
    at = worlds.posted().at
    status = TimelineEntry(
        at, ANA, parse_detail(EntryKind.STATUS_CHANGED, {"before": "investigating", "to": "identified"})
    )
    impact = TimelineEntry(at, ANA, parse_detail(EntryKind.IMPACT_CHANGED, NOTICES["impact_changed"]))
    entries = (*view.situation.entries, status, impact)
    return replace(view, situation=replace(view.situation, entries=entries))


def _title(words: str) -> str:
    return words.replace("_", " ").capitalize()


def _reminder(view: IncidentViewModel, stage: int, missed: int) -> RemindOfUpdate:
    promised = view.incident.next_update_at
    assert promised is not None
    draft = (
        "Health check: 2 of 6 tasks running (4/6 → 2/6).\nAcknowledged by Bruno Keller.\nRolled back at 03:10"
    )
    return RemindOfUpdate(
        incident=42, promise=int(promised.timestamp()), stage=stage, missed=missed, draft=draft
    )
