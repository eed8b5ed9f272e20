"""One example of every message, form and page that people see, in the order in which an incident shows them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.effects import AskForUpdate, RemindOfUpdate
from bot.incident import Outcome, Status
from bot.listed import Listed
from bot.ports import Message
from templates import (
    alert,
    answers,
    checklist,
    duty,
    evidence,
    filling,
    findings,
    history,
    home,
    ladder,
    listing,
    modals,
    notices,
    playbook,
    resolution,
    roles,
    updates,
)
from templates.view import View
from tests.templates import worlds
from tests.templates.looks import MIXED, NEEDING, looks

Sample = tuple[str, Message | dict[str, Any]]
ANA, BRUNO = "U0ANA", "U0BRUNO"
LATER = str(int((worlds.START + timedelta(minutes=30)).timestamp()))

NOTICES: dict[str, dict[str, str]] = {
    "acknowledged": {"actor": BRUNO, "seconds": "130", "uncalled": "yes"},
    "commander_changed": {"person": BRUNO},
    "role_assigned": {"person": BRUNO, "role": "scribe"},
    "status_changed": {"actor": ANA, "before": "investigating", "to": "identified"},
    "severity_changed": {"actor": ANA, "before": "P1", "to": "P0", "every": "900", "called": "CTO"},
    "renamed": {"actor": ANA, "before": "API is down", "to": "Checkout is down"},
    "page_failed": {"contact": "CTO", "why": "Slack refused chat.postMessage: channel_not_found"},
    "channel_failed": {"why": "Slack refused conversations.create: restricted_action"},
    "effect_failed": {"what": "pin the alert", "why": "Slack refused pins.add: missing_scope"},
    "moved": {"channel": "C0ROOM"},
    "channel_lost": {"channel": "C0ROOM", "how": "archived"},
    "channel_back": {"channel": "C0ROOM"},
    "update_overdue": {"minutes": "11", "commander": ANA, "missed": "0"},
    "update_asked": {"minutes": "16", "role": "deputy", "people": BRUNO, "to": "", "commander": ANA},
    "cancelled": {"actor": ANA, "reason": "a test of the alarm"},
    "reopened": {"actor": ANA, "before": "resolved", "called": "CTO, DevOps Lead"},
    "closed": {"actor": ANA, "left": "2", "reason": "the rest is in the tracker"},
    "page_requested": {
        "actor": ANA,
        "to": "CTO",
        "person": "",
        "text": "The database is gone",
        "people": BRUNO,
    },
    "would_be_called": {
        "names": "CTO, DevOps Lead",
        "missing": "AWS Support (no handle)",
        "everyone": "all hands",
    },
    "escalated": {"why": "Nobody has acknowledged.", "to": "DevOps Lead", "known": "CTO", "line": "0"},
    "still_on_it": {"actor": BRUNO},
    "business_day": {"person": ANA},
    "no_way_left": {"contact": "CTO", "why": "PagerDuty refused (403)."},
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
"""An example for each sentence of `notices.SENTENCES`."""

TOLD = frozenset({"channel_failed", "update_overdue"})
"""Those that are for the incidents channel only; some of the others are said there too."""

ANSWERS: dict[str, dict[str, str]] = {
    "declared": {
        "severity": "P0",
        "title": "API is down",
        "called": "CTO, DevOps Lead",
        "missing": "",
        "everyone": "all hands",
        "similar": "41",
        "private": "",
    },
    "acknowledged": {"seconds": "130", "target_seconds": "300", "channel": "C0ROOM"},
    "acknowledged_already": {},
    "looking": {"title": "API COMPLETELY DOWN"},
    "looking_already": {"title": "API COMPLETELY DOWN"},
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
    "items_open": {"items": "Conduct post-mortem meeting\nDocument root cause"},
    "closed": {},
    "closed_already": {},
    "paged": {"to": "CTO", "person": "", "text": ""},
    "paged_already": {"to": "CTO"},
    "escalated": {"step": "1"},
    "still_on_it": {},
    "refused": {"sentence": "INC-42 is resolved already. Nothing was changed."},
    "unanswered": {},
}
"""An example for each outcome of `answers.WORDS`."""


def chapters() -> Iterator[tuple[str, Iterator[Sample]]]:
    """(chapter, its samples): each with a title."""
    view, over = worlds.view(), worlds.views()["resolved"]
    yield "People are called", _calls(view)
    yield "In the incident's channel", _room(view)
    yield "In the incidents channel", _announced(view, over)
    yield "One line in the incident's channel", _notices(view)
    yield "It is over", _ending(over)
    yield "Only the person who asked sees it", _looks(view, over)
    yield "What came of a request, for the person who asked", _outcomes(view)
    yield "Bad input and faults", _faults(view)
    yield "Forms and the home", _forms(view, over)


def _calls(view: View) -> Iterator[Sample]:
    yield "The direct message of a page", alert.page(view, "U0DEVIKA")
    missing = (("On-Call Engineer", "no Slack handle"),)
    yield "The mention", alert.mention(view, (BRUNO, "U0DEVIKA"), missing)
    called = worlds.being_called(view)
    yield "The alert while people are called", alert.alert(called)
    refused = "PagerDuty refused (403). Call CTO: +15550100"
    yield "The last rung: a number to dial", ladder.phone(refused)
    yield "Nobody did anything for a while", ladder.ask_if_still(view)
    yield "Command is offered", roles.offer(view, BRUNO, ANA)
    yield (
        "A shift hands over",
        roles.offer(view, BRUNO, ANA, "The rollback runs. Look at the error rate."),
    )


def _room(view: View) -> Iterator[Sample]:
    yield "The alert", alert.alert(view)
    for part in playbook.playbook_messages(view):
        yield "The playbook", part
    for name, look in looks().items():
        yield f"What the diagnostics found: {name}", evidence.message_of(view, look)
    for each in MIXED[:3]:
        yield "The evidence of one step, in the thread", findings.detail(view, looks()["mixed"], each, None)
    if (unasked := findings.by_hand(view, looks()["nothing could be asked"])) is not None:
        yield "What was not asked, by hand", unasked
    yield "An update is due", updates.reminder(view, _reminder(view, 0, 0))
    yield "An update is due after downtime", updates.reminder(view, _reminder(view, 0, 2))
    asked = AskForUpdate(incident=42, person=BRUNO, role="deputy", promise=_reminder(view, 2, 0).promise)
    yield "An update is overdue, for one person", updates.asked_for(view, asked)
    yield "An update is overdue, for everybody", updates.reminder(view, _reminder(view, 2, 0))
    yield "A status update", updates.update(view, worlds.posted())


def _announced(view: View, over: View) -> Iterator[Sample]:
    yield "The announcement", alert.announcement(view)
    yield "Everybody is called", notices.everyone(view, "all hands")
    for words in sorted(TOLD):
        yield _title(words), notices.told(view, words, NOTICES[words])
    watched = worlds.posted(status=Status.MONITORING)
    yield "A status update while it is watched", updates.published_update(view, watched)
    yield "The resolution", resolution.published_resolution(over)


def _notices(view: View) -> Iterator[Sample]:
    for words in sorted(NOTICES.keys() - TOLD):
        yield _title(words), notices.notice(view, words, NOTICES[words])


def _ending(over: View) -> Iterator[Sample]:
    yield "The resolution", resolution.resolution(over)
    yield "The checklist", checklist.checklist(over)
    yield "Items still open at the end of a window", checklist.checklist_reminder(over, 3600)


def _looks(view: View, over: View) -> Iterator[Sample]:
    yield "The status card", answers.card(view)
    yield (
        "The open incidents",
        listing.listing(
            Listed(
                open=[view.incident],
                over=[over.incident],
                counts={"P0": 1, "P3": 480},
                times=worlds.TIMES,
            )
        ),
    )
    yield "No open incidents", listing.listing(Listed())
    yield "The timeline", history.timeline(view)
    yield "For who comes late", history.catchup(view)
    yield "The checklist", answers.checklist_of(over)
    yield "The playbooks that there are", playbook.overview(view.runbook, view.runbook_url)
    yield "Who is on call", duty.on_call(worlds.standings())
    yield "Schedules and calendars are asked", duty.asking()
    yield "Help", answers.help()


def _outcomes(view: View) -> Iterator[Sample]:
    for did, facts in ANSWERS.items():
        yield _title(did), answers.answer(Outcome(did, view.incident.number, facts))


def _faults(view: View) -> Iterator[Sample]:
    yield "A near miss", answers.unknown_word("reslove", "resolve")
    yield "A word that is like no other", answers.unknown_word("xyzzy", None)
    yield "A rule says no", answers.refused("There is no INC-99. See /incident list. Nothing was changed.")
    yield "The runbook cannot be read", notices.runbook_unreadable("TOCSIN_RUNBOOK: runbook.md is empty.")
    yield "The database is away", answers.store_away(view.runbook, in_doubt=False)
    yield "The database went away in the middle", answers.store_away(view.runbook, in_doubt=True)
    yield "Who is on call is not to be found out", duty.unknown()
    yield "A form could not be opened", answers.form_failed()
    yield "A fault of ours", answers.failure("7f3a9c21")


def _forms(view: View, over: View) -> Iterator[Sample]:
    yield "Declare", modals.declare(view.runbook, severity="p0", title="", origin="C0")
    yield "Only the severity is missing", modals.declare_severity_only(view.runbook, "API is down", "C0")
    declared = Outcome("declared", 42, ANSWERS["declared"])
    yield "After declaring", modals.declared(answers.answer(declared))
    yield "Post update", modals.update(view, text="", notice="")
    opened = {"incident": 42, "notice": "", "seen": 0, "status": "investigating"}
    yield (
        "Post update, when another was posted meanwhile",
        modals.update_meanwhile(view, text="Rolled back to the version of Friday.", carried=opened),
    )
    yield "Customer copy", modals.customer_copy(view, worlds.posted().id)
    yield "Fill in what a step's command needs", filling.fill_step(view, NEEDING, "")
    seen = replace(view, situation=replace(view.situation, evidence=MIXED[:7]))
    yield "The alert, with what was found", alert.alert(seen)
    yield (
        "Resolve, while not all is fine",
        modals.resolve(seen, text="", postmortem=view.incident.declared_at),
    )
    running = tuple(replace(each, verdict=None) for each in MIXED[:2])
    still = replace(view, situation=replace(view.situation, evidence=(*running, *MIXED[5:7])))
    yield (
        "Resolve, while checks still run",
        modals.resolve(still, text="", postmortem=view.incident.declared_at),
    )
    yield "Resolve", modals.resolve(view, text="", postmortem=view.incident.declared_at + timedelta(hours=24))
    yield "The home", home.home([view.incident], {"P0": 1}, [view.incident], [(over.incident, 11)])
    yield "The home of a quiet day", home.home([], {}, [], [])
    yield "The home while the database is away", home.away(view.runbook, "does not answer")


def _title(words: str) -> str:
    return words.replace("_", " ").capitalize()


def _reminder(view: View, stage: int, missed: int) -> RemindOfUpdate:
    promised = view.incident.next_update_at
    assert promised is not None
    draft = "Acknowledged, people are on it."
    return RemindOfUpdate(
        incident=42, promise=int(promised.timestamp()), stage=stage, missed=missed, draft=draft
    )
