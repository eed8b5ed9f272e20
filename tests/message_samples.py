"""One example of every message, form and page that people see, in the order in which an incident shows them."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta

from bot.domain.effects import AskForUpdate, RemindOfUpdate, SettleOffer, TellOfShift
from bot.domain.incident import EntryKind, IncidentRole, MergeTarget, Status, StatusUpdate, TimelineEntry
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
from handlers.slack.command_parser import list_help
from templates import (
    alert,
    checklist_message,
    confirmations,
    diagnostic_run,
    finding,
    follower_messages,
    incident_list,
    item_owners,
    merge_messages,
    notices,
    on_call_messages,
    page_progress,
    playbook,
    replies,
    resolution,
    roles,
    shift_handover,
    timeline,
    update_messages,
)
from templates.help import command_help
from templates.incident_view import IncidentViewModel
from templates.public_draft import render_public_draft
from tests import action_samples
from tests.form_samples import Sample, list_faults, list_forms
from tests.notice_facts import ANA, BRUNO, LATER, NOTICES
from tests.templates import worlds
from tests.templates.looks import MIXED, looks
from tests.templates.public_samples import draft as public_draft

TOLD = frozenset({"channel_failed", "update_overdue"})
"""Those that are for the incidents channel only; some of the others are said there too."""

REMEDIATION_FACTS = {
    "by": "U0BRUNO",
    "reference": "R1",
    "sentence": "Only an approver may approve R1: the DevOps Lead. Nothing was approved.",
    "title": "Scale to 8 tasks",
    "why": "the database is being restored",
}

ANSWERS: dict[str, dict[str, str]] = {
    "public_drafted": {},
    "public_accepted": {"pages": "Acme status"},
    "public_seconded": {},
    "public_rehearsed": {"pages": "Acme status"},
    "public_withheld": {},
    "public_held_back": {"concerns": "“prod-db-01” is a host or an address\n“Bruno Keller” names a person"},
    "public_decided_already": {"state": "accepted", "by": "U0BRUNO"},
    "public_not_yours": {"publishers": "communications lead U0DEVIKA\ncommander U0ANA"},
    "remediation_asked": REMEDIATION_FACTS,
    "remediation_approved": REMEDIATION_FACTS,
    "remediation_alone": {
        "by": "3",
        "reference": "R1",
        "sentence": "it is paused",
        "title": "Scale to 8 tasks",
        "why": "3",
    },
    "remediation_rejected": REMEDIATION_FACTS,
    "remediation_withdrawn": REMEDIATION_FACTS,
    "remediation_ran": REMEDIATION_FACTS,
    "remediation_called": REMEDIATION_FACTS,
    "remediation_checked": REMEDIATION_FACTS,
    "remediation_refused": REMEDIATION_FACTS,
    "remediations_off": REMEDIATION_FACTS,
    "remediations_off_already": REMEDIATION_FACTS,
    "remediations_on": REMEDIATION_FACTS,
    "remediations_on_wanted": REMEDIATION_FACTS,
    "remediations_on_already": REMEDIATION_FACTS,
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
    "role_assigned_already": {"person": BRUNO, "role": "scribe"},
    "command_offered_already": {"person": BRUNO},
    "renamed_already": {},
    "updated": {"next": LATER},
    "draft_outdated": {},
    "snoozed": {"until": LATER, "promise": LATER},
    "snoozed_already": {},
    "nothing_to_snooze": {},
    "status_changed": {"status": "identified"},
    "impact_changed": {"impact": "Nobody can pay", "impact_before": ""},
    "impact_already": {},
    **action_samples.ANSWERS,
    "item_owned": {"text": "Document root cause"},
    "item_owned_already": {},
    "status_already": {"status": "identified"},
    "severity_changed": {"to": "P1", "every": "900", "called": ""},
    "severity_already": {"severity": "P0"},
    "renamed": {"title": "Checkout is down"},
    "times_corrected": {"began": "1795420800", "reason": "the alert came late"},
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
    updated, declared = (_answer(did, ANSWERS[did]) for did in ("updated", "declared"))
    yield "Bad input and faults", list_faults(view, updated)
    yield "Forms and the home", list_forms(view, over, declared)


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
    still = page_progress.render_settled_check_in(
        worlds.views()["resolved"], view.incident.declared_at.timestamp()
    )
    yield "The same once it is over", still
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
    yield "An update is due", update_messages.render_reminder(view, _reminder(view, 0, 0), 0)
    yield (
        "An update is due, and there is no news",
        update_messages.render_reminder(view, replace(_reminder(view, 0, 0), draft=""), 0),
    )
    promised = _reminder(view, 0, 0).promise
    done = replace(view, situation=replace(view.situation, updates=(_late_update(view),)))
    yield "A reminder, once the update was posted", update_messages.render_settled_reminder(done, promised)
    yield "An update is due after downtime", update_messages.render_reminder(view, _reminder(view, 0, 2), 0)
    asked = AskForUpdate(incident=42, person=BRUNO, role="deputy", promise=_reminder(view, 2, 0).promise)
    yield "An update is overdue, for one person", update_messages.render_update_request(view, asked)
    yield (
        "The same once the update was posted",
        update_messages.render_settled_request(done, asked.promise),
    )
    yield (
        "An update is overdue, for everybody",
        update_messages.render_reminder(view, _reminder(view, 2, 0), 8),
    )
    yield "A draft for customers", render_public_draft(public_draft(view))
    yield "A status update", update_messages.render_update(view, worlds.posted())
    yield (
        "A status update with a new status and impact",
        update_messages.render_update(_changed(view), worlds.posted()),
    )


def _late_update(view: IncidentViewModel) -> StatusUpdate:
    """An update that came after it was due."""
    return replace(worlds.posted(), at=view.incident.declared_at + timedelta(minutes=17))


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
    learning = checklist_message.render_checklist(replace(over, learns=True))
    yield "The checklist, where the runbook may learn", learning
    yield "An item is somebody's now", item_owners.render_owner_message(owned, theirs)
    yield from action_samples.list_messages(over)
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
