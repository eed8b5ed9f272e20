"""One example of every form and home tab, and of what is said of bad input and faults."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from bot.contacts import ContactBook, Handle, HandleKind
from bot.domain.incident_list import IncidentList
from bot.domain.results import CommandResult
from bot.ports import SlackPayload
from bot.ports.action_repository import ListedAction
from templates import (
    alert,
    emergency,
    home,
    item_owners,
    late_requests,
    modals,
    notices,
    on_call_messages,
    replies,
    review_messages,
    runbook_draft,
    step_inputs_modal,
    unopened_forms,
)
from templates.action_form import build_action_form
from templates.incident_view import IncidentViewModel
from templates.shared_learnings import build_learnings_form
from tests import action_samples
from tests.meeting_samples import list_meeting_forms
from tests.templates import worlds
from tests.templates.looks import MIXED, NEEDING

Sample = tuple[str, SlackPayload | dict[str, Any]]
BOOK = ContactBook(
    {"CTO": (Handle(HandleKind.SLACK_USER, "U0BRUNO001"), Handle(HandleKind.PHONE, "+919876543210"))}
)


def list_faults(view: IncidentViewModel, updated: CommandResult) -> Iterator[Sample]:
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
        replies.prefix_incident(replies.render_reply(updated), 42, 41),
    )
    yield "The runbook cannot be read", notices.render_runbook_problem("TOCSIN_RUNBOOK: runbook.md is empty.")
    yield (
        "The database is away",
        emergency.render_database_down(view.runbook, BOOK, in_doubt=False, numbers=True),
    )
    away = emergency.render_database_down(view.runbook, BOOK, in_doubt=False)
    yield (
        "The database is away, and the words are given back",
        replies.repeat_words(away, "Rolled back to 1.42"),
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


def list_forms(view: IncidentViewModel, over: IncidentViewModel, declared: CommandResult) -> Iterator[Sample]:
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
    yield "After declaring", modals.build_declared(replies.render_reply(declared))
    yield "Post update", modals.build_update_form(view, text="", notice="")
    opened = {"incident": 42, "notice": "", "seen": 0, "status": "investigating"}
    yield (
        "Post update, when another was posted meanwhile",
        modals.build_conflict_form(view, text="Rolled back to the version of Friday.", carried=opened),
    )
    yield "Impact", modals.build_impact_form(view)
    yield "The review", review_messages.build_review_form(over, action_samples.REVIEW)
    yield (
        "Changes of the runbook",
        runbook_draft.build_choice_form(action_samples.DRAFT, "docs/runbook.md"),
    )
    learned = build_learnings_form(over, action_samples.REVIEW, [action_samples.OWN])
    yield "Share learnings", learned
    yield from list_meeting_forms(over)
    yield "Add an action item", build_action_form(over)
    yield "Add an action item from a message", build_action_form(over, "we should alert on waiting locks")
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
    actions = [
        ListedAction(action_samples.OWN, "API is down", "C0ROOM"),
        ListedAction(action_samples.BARE, "API"),
    ]
    yield "The home of who owns action items", home.render_home(home.Seen(actions=actions))
    yield "The home of a quiet day", home.render_home(home.Seen())
    yield (
        "The home while the database is away",
        home.render_unavailable(view.runbook, BOOK, "does not answer"),
    )
