"""Everything that the templates can draw of one view, by name."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from bot.contacts import ContactBook
from bot.domain.action_item import ActionState
from bot.domain.earlier_incident import EarlierIncident
from bot.domain.effects import AskForUpdate, RemindOfUpdate, TellOfShift
from bot.domain.incident import MergeTarget, Status
from bot.domain.incident_list import IncidentList
from bot.domain.meeting import MeetingState, OfferedTimes
from bot.domain.notices import NEWS, NOTICES, MergedNews, UpdateNews, parse_news, parse_notice
from bot.domain.playbook import ParsedStep, StepKind
from bot.domain.remediation import Remediation, RemediationKind, RemediationState
from bot.domain.remediation_plan import Change, Plan
from bot.domain.results import RESULTS, parse_result
from bot.domain.review import QUESTIONS, ReviewAnswer, ReviewRecords
from bot.domain.runbook_draft import RunbookDraft
from bot.domain.runbook_hunk import RunbookHunk
from bot.domain.text_fields import list_text_fields
from bot.domain.timeline_details import LearningsSharedDetail
from bot.ports import SlackPayload
from bot.ports.action_repository import ListedAction
from bot.services.remediation_offers import RemediationOffer
from bot.text.person_placeholders import mark_person
from handlers.slack.command_parser import list_help
from templates import (
    action_views,
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
    remediation_answers,
    remediation_message,
    replies,
    resolution,
    review_messages,
    roles,
    runbook_draft,
    shift_handover,
    step_inputs_modal,
    timeline,
    unopened_forms,
    update_messages,
)
from templates.action_form import build_action_form
from templates.earlier_incidents import render_earlier_incidents
from templates.help import command_help
from templates.incident_times import render_times
from templates.incident_view import IncidentViewModel
from templates.meeting_form import MeetingDraft, build_meeting_form
from templates.meeting_messages import render_meeting, render_meeting_message
from templates.review_document import format_review
from templates.shared_learnings import build_learnings_form, render_learnings
from tests.action_samples import DRAFT, OWN
from tests.meeting_samples import build_full_meeting
from tests.templates import worlds
from tests.templates.looks import NEEDING, looks
from tests.templates.public_samples import public_drafts, public_forms

MOST_HUNKS = 20


def build_draft(words: str) -> RunbookDraft:
    """As many changes of a runbook as there can be, with these words in each."""
    hunk = RunbookHunk(words * 9, 1, ("", f"> {words * 9}"), kind="remediation")
    return replace(DRAFT, text="# Runbook\n", hunks=(hunk,) * MOST_HUNKS)


PEOPLE = tuple(f"U0PERSON{n}" for n in range(300))


def messages(view: IncidentViewModel) -> Iterator[tuple[str, SlackPayload]]:
    """Every message about an incident."""
    yield "alert", alert.render_alert(view)
    yield "announcement", alert.render_announcement(view)
    for person in ("U0BRUNO", "U0DEVIKA", "U0NOBODY"):
        yield f"page {person}", alert.render_page(view, person)
    yield "page that others joined", alert.render_page(worlds.joined(view, 40), "U0DEVIKA")
    yield "alert while a page waits", alert.render_alert(worlds.joined(view))
    for declared in ([], [(42, 0.0)], [(n, n * 0.1) for n in range(42, 142)]):
        yield f"flood of {len(declared)}", notices.render_flood("U0ANA", declared)
    contacts = tuple((f"Contact {n} {view.incident.title}", "no Slack handle") for n in range(40))
    yield "mention", alert.render_mention(view, PEOPLE[:2], contacts[:1])
    yield "mention of many", alert.render_mention(view, PEOPLE, contacts)
    yield "missing only", alert.render_mention(view, (), contacts[:1])
    yield "unreached", notices.render_unreachable([(name, view.headline, why) for name, why in contacts])
    for number, part in enumerate(playbook.render_incident_playbook(view)):
        yield f"playbook {number}", part
    for stage in range(3):
        for missed in range(3):
            yield (
                f"reminder {stage} {missed}",
                update_messages.render_reminder(view, reminder(view, stage, missed), 0),
            )
    theirs = tuple(
        replace(each, owner="U0BRUNO", due_on=date(2026, 11, 25)) for each in view.situation.items[:300]
    )
    for item in theirs[:2]:
        yield f"told of item {item.position}", item_owners.render_owner_message(view, item)
    title = view.incident.title
    action = replace(OWN, text=title, incident=view.incident.number)
    yield (
        "learnings",
        render_learnings(
            view, "U0ANA", LearningsSharedDetail(share="x", channels=("C0GENERAL",), text=(title * 40)[:3000])
        ),
    )
    alike = EarlierIncident(1, title, action.added_at, (title * 9,) * 3, True, True, [action] * 9)
    yield "earlier incidents", render_earlier_incidents([alike] * 3, action.added_at)
    yield "times", render_times(view.situation)
    meeting = build_full_meeting(view.incident, title)
    cancelled = replace(meeting, state=MeetingState.CANCELLED)
    for each in (meeting, cancelled):
        yield f"meeting {each.state}", render_meeting(view, each, is_working_time=False)
        yield f"meeting message {each.state}", render_meeting_message(view, each, each.guests[0])
    answers = [
        ReviewAnswer(question.id, "U0BRUNO", f"{title} " * 60, view.incident.declared_at)
        for question in QUESTIONS
    ]
    yield "review", review_messages.render_review_state(view, answers)
    told = replace(view.situation, entries=view.situation.entries[:20])
    document = format_review(told, ReviewRecords(answers, [action]), {})
    yield "review document", review_messages.render_review_page(view, document)
    yield "runbook draft", runbook_draft.render_draft(view, build_draft(title), "docs/runbook.md")
    for state in ActionState:
        yield (
            f"action item {state}",
            action_views.render_action(replace(action, state=state, ended_by="U0BRUNO")),
        )
    listed = [
        ListedAction(replace(action, number=number), title, view.incident.channel) for number in range(1, 51)
    ]
    yield "open action items", action_views.render_open_actions(listed, date(2026, 11, 28), left_out=True)
    yield (
        "action item due",
        action_views.render_reminder(view, action, "U0ANA", date(2026, 11, 27), gone=True),
    )
    with_owners = replace(view, situation=replace(view.situation, items=theirs))
    yield "checklist with owners", checklist_message.render_checklist(with_owners)
    at = view.incident.declared_at
    yield (
        "cancel?",
        confirmations.confirm_cancel(view.incident, "U0BRUNO", f"{view.incident.title} " * 40, at),
    )
    yield (
        "merge?",
        merge_messages.confirm_merge(view.incident, replace(view.incident, number=7), "U0BRUNO", at),
    )
    for words in ("", view.incident.title, f"{view.incident.title}\n" * 60):
        yield "which incident", confirmations.ask_which_incident("Which?", "resolve", words, [view.incident])
        yield (
            "which of many",
            confirmations.ask_which_incident("Which?", "update", words, [view.incident] * 5),
        )
        yield "words given back", replies.render_refusal("There is no INC-9.", words)
    yield "elsewhere", replies.prefix_incident(replies.render_card(view), 42, 41)
    yield "asked for the update", update_messages.render_update_request(view, demand(view))
    yield "asked for no update", update_messages.render_settled_request(view, demand(view).promise)
    for posted in view.situation.updates[-1:]:
        for status in (Status.INVESTIGATING, Status.IDENTIFIED, Status.MONITORING):
            given = replace(posted, status=status)
            yield f"update {status}", update_messages.render_update(view, given)
            yield f"published update {status}", update_messages.render_published_update(view, given)
        yield (
            "update without a next",
            update_messages.render_update(view, replace(posted, next_update_at=None)),
        )
    for posted in view.situation.updates[-1:]:
        yield "followed update", follower_messages.render_update(view, posted)
    for what, kind in NEWS.items():
        news = parse_news(what, fill(kind, detail(view)).items())
        if not isinstance(news, UpdateNews):
            yield f"followed {what}", follower_messages.render_news(view, news)
    offered = replace(view.incident, offered_to="U0BRUNO")
    shift = TellOfShift(
        incident=42, person="U0BRUNO", ends=1795400000, next="U0BRUNO", named=view.incident.title
    )
    for shown in (view, replace(view, situation=replace(view.situation, incident=offered))):
        yield "shift of the next", shift_handover.render_for_next(shown, shift)
        for after in (shift, replace(shift, next=""), replace(shift, next="", named="")):
            yield "shift of the commander", shift_handover.render_for_commander(shown, after)
    merged = replace(view, situation=replace(view.situation, merged=MergeTarget(7, "C0ROOM")))
    yield "alert of a merged one", alert.render_alert(merged)
    into = MergedNews(reason=MergeTarget(7).words, by="U0ANA")
    yield "followed, merged", follower_messages.render_news(merged, into)
    yield "resolution", resolution.render_resolution(view)
    yield "published resolution", resolution.render_published(view)
    if view.situation.items:
        yield "checklist", checklist_message.render_checklist(replace(view, learns=True))
        all_done = tuple(replace(item, done_at=item.due_at, done_by="U0ANA") for item in view.situation.items)
        done = replace(view, situation=replace(view.situation, items=all_done))
        yield "checklist done", checklist_message.render_checklist(done)
        yield "checklist reminder", checklist_message.render_reminder(view, 3600)
    for words, notice_kind in NOTICES.items():
        notice = parse_notice(words, fill(notice_kind, detail(view)).items())
        yield f"notice {words}", notices.render_notice(view, notice)
        yield f"told {words}", notices.render_announcement(view, notice)
    yield "offer", roles.render_offer(view, "U0BRUNO", "U0ANA")
    yield "phone", page_progress.render_phone_fallback(f"{view.incident.title} refused. Call CTO: +15550100")
    yield "ask if still", page_progress.render_check_in(view)
    asked = view.incident.declared_at.timestamp()
    yield "asked if still", page_progress.render_settled_check_in(view, asked)
    yield "everyone", notices.render_everyone(view, "all hands")
    yield "timeline", timeline.render_timeline(view)
    yield "catchup", timeline.render_catchup(view)
    yield "card", replies.render_card(view)
    yield "checklist of", replies.render_checklist_reply(view)
    for name, look in {**looks(), **looks(view.incident.impact)}.items():
        yield f"evidence {name}", diagnostic_run.render_run(view, look)
        if (unasked := finding.render_manual_commands(view, look)) is not None:
            yield f"by hand {name}", unasked
        for result in look.results[:3]:
            yield (
                f"evidence of {name} {result.place}",
                finding.render_evidence(view, look, result, "F0CHART001"),
            )
    yield from remediations(view)
    yield from public_drafts(view)
    yield from said(view)


def remediations(view: IncidentViewModel) -> Iterator[tuple[str, SlackPayload]]:
    """Every card of a remediation and what is told of it."""
    words = view.incident.impact or view.incident.title
    many = (words,) * 12
    plan = Plan(
        target=words,
        title=words,
        changes=(Change("Task definition", words, "api:41"),) * 12,
        meanwhile=words,
        affected=words,
        undo=words,
        command=f"{words}\n" * 3,
        supports=many,
        against=many,
        unchecked=many,
        red_lines=many,
        details=many,
        strict="it scales down",
        reverse={"to": "6"},
        measure="0/6",
    )
    at = view.incident.declared_at
    found = Remediation(
        id=7, incident=42, number=3, kind=RemediationKind.ECS_ROLLBACK, parameters={}, asked_by="U0ANA",
        state=RemediationState.PROPOSED, asked_at=at, reason=words, plan=plan, expires_at=at, approved_by="U0BRUNO",
        approved_at=at, started_at=at, why=f"{mark_person('U0BRUNO')} {words}",
        receipt={"measure": words}, verdict=words,
    )  # fmt: skip
    names = remediation_message.format_approvers(
        ("slack:U0BRUNO", "slack:S0OPS", words, *["CTO"] * 9), {"S0OPS": words}
    )
    for state in RemediationState:
        for by_hand in (False, True):
            shown = replace(found, state=state, is_by_hand=by_hand)
            yield f"remediation {state} {by_hand}", remediation_message.render_card(view, shown, names, words)
    yield (
        "remediation checked",
        remediation_message.render_card(view, replace(found, checked_by="U0ANA"), names),
    )
    yield "remediation being read", remediation_message.render_card(view, replace(found, plan=None), names)
    alone = replace(found, alone=words)
    yield "remediation that may go alone", remediation_message.render_card(view, found, names, "", at)
    yield "remediation of one alone", remediation_message.render_card(view, alone, names)
    for what in ("page", "alone"):
        yield (
            f"remediation approver {what}",
            remediation_message.render_approver_message(view, alone, what, view.where),
        )
    yield "break-glass", remediation_message.render_break_glass(view, alone)
    yield "remediation told", remediation_message.render_outcome_message(view, found)
    yield "remediations off", remediation_answers.render_switch(False, ("U0ANA",), words)
    yield "remediations on", remediation_answers.render_switch(True, ("U0ANA", "U0BRUNO"), "")
    offers = [RemediationOffer(kind, words, {"service": words}, words, 7) for kind in RemediationKind] * 5
    by_hand_kinds = frozenset({RemediationKind.BY_HAND})
    yield "offers", remediation_answers.render_offers(view, offers, [found], by_hand_kinds)
    yield "no offers", remediation_answers.render_offers(view, [], [], by_hand_kinds)


def demand(view: IncidentViewModel) -> AskForUpdate:
    """Somebody is asked for the overdue update."""
    return AskForUpdate(incident=42, person="U0BRUNO", role="deputy", promise=reminder(view).promise)


def reminder(view: IncidentViewModel, stage: int = 0, missed: int = 0, draft: str = "") -> RemindOfUpdate:
    """A reminder of the promise that the incident has now."""
    promised = view.incident.next_update_at or view.incident.declared_at + timedelta(minutes=15)
    draft = draft or view.incident.impact or "No change since the last update."
    number = view.incident.number
    return RemindOfUpdate(
        incident=number, promise=int(promised.timestamp()), stage=stage, missed=missed, draft=draft
    )


class Anything(dict[str, str]):
    """Facts that have some words for every name that was not given."""

    def __missing__(self, name: str) -> str:
        return self["why"]


def detail(view: IncidentViewModel) -> Mapping[str, str]:
    """What the effects that name a sentence may carry, all at once."""
    words = view.incident.impact or "some words"
    named = dict.fromkeys(("contact", "why", "what", "reason", "text", "impact", "affected_users"), words)
    people = {
        "people": "U0BRUNO",
        "persons": "U0BRUNO U0DEVIKA",
        "others": "U0ANA U0BRUNO",
        "actor": "U0ANA",
        "by": "U0ANA",
        "person": "U0BRUNO",
        "commander": "U0ANA",
        "channel": "C0ROOM",
        "publishers": "commander U0ANA\ndeputy U0BRUNO",
        "link": "https://status.acme.example/incidents/4be1.html",
    }
    return Anything(
        **named,
        **people,
        seconds="130",
        minutes="11",
        missed="2",
        left="3",
        every="900",
        how="removed",
        line="118",
        until="1795400000",
        target_seconds="300",
        step="2",
        of="3",
    )


def fill(kind: type[object], texts: Mapping[str, str]) -> dict[str, str]:
    """A text for every field of a result, notice or news."""
    people = MORE_PEOPLE.get(kind.__name__, {})
    return {field.name: people.get(field.name) or texts[field.name] for field in list_text_fields(kind)}


MORE_PEOPLE = {"CommanderChangedNotice": {"before": "U0ANA"}, "ActionAddedResult": {"owner": "U0BRUNO"}}
"""Texts that are people here, and something else in others."""


def said(view: IncidentViewModel) -> Iterator[tuple[str, SlackPayload]]:
    """The answers to the person who asked."""
    words = view.incident.title
    numbers = dict.fromkeys(("next", "until", "promise", "at"), "1795400000") | {
        "similar": "41",
        "cut": "200",
        "step": "2",
        "target_seconds": "300",
    }
    lists = {"items": "\n".join([words] * 30), "everyone": "all hands", "by": "U0ANA", "channel": "C0ROOM"}
    facts = Anything({**detail(view), **numbers, **lists, "why": words})
    for did, kind in RESULTS.items():
        for number in (42, None):
            kept = {"did": did, "incident": number, "facts": fill(kind, facts)}
            answer = replies.render_reply(parse_result(kept))
            if answer.text:
                yield f"answer {did} {number}", answer
    yield "refused", replies.render_refusal(words)
    yield "unknown word", replies.render_unknown_word(words, None)
    yield "near miss", replies.render_unknown_word(words, "declare")
    yield "store away", emergency.render_database_down(view.runbook, ContactBook(), False)
    yield "in doubt", emergency.render_database_down(view.runbook, ContactBook(), True)
    yield "failure", replies.render_failure("ab12cd34")
    yield (
        "form failed",
        unopened_forms.render_unopened_form(
            modals.build_update_form(view, text=words[:3000], notice=""), "Slack did not answer in time"
        ),
    )
    yield "too late, a command", late_requests.render_too_late(words, True, f"view:V1:{words[:100]}")
    yield "too late, a button", late_requests.render_too_late(words, False, "")
    yield "playbooks", playbook.render_overview(view.runbook, view.runbook_url)
    yield "on call", on_call_messages.render_on_call(worlds.standings(words))
    yield "nobody on call", on_call_messages.render_on_call([])
    yield "asking who is on call", on_call_messages.render_asking()
    yield "on call unknown", on_call_messages.render_unknown()
    yield "help", command_help(list_help())
    yield "no incidents", incident_list.render_list(IncidentList())
    yield (
        "incidents",
        incident_list.render_list(
            IncidentList(
                open=[view.incident] * 20,
                over=[view.incident] * 5,
                counts={view.incident.severity: 500},
                times=worlds.TIMES,
            )
        ),
    )


def homes(view: IncidentViewModel) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every home tab."""
    incident = view.incident
    each = [replace(incident, number=incident.number + more) for more in range(30)]
    some = IncidentList(each[:3], each[27:], each[:3], {incident.severity: 3}, worlds.TIMES)
    many = IncidentList(each, each[25:], each[:5], {incident.severity: 500})
    line = ("CTO: " + incident.title,)
    yield "nothing", home.render_home(home.Seen())
    yield "some", home.render_home(home.Seen(some, each[1:3], each[2:4], [(incident, 3)], on_call=[line]))
    waiting = [(incident, 3)] * 16
    yield "many", home.render_home(home.Seen(many, each[:15], each[5:20], waiting, on_call=[line] * 200))
    yield "a guest's", home.render_home(home.Seen(some, may_change=False))
    owned = [(incident, "Document " + incident.title, date(2026, 11, 25)), (incident, "Review", None)]
    yield "owned", home.render_home(home.Seen(owned=owned * 9))
    yield "away", home.render_unavailable(view.runbook, ContactBook(), "is read-only")


def forms(view: IncidentViewModel) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every modal."""
    words = view.incident.title
    if view.runbook.severities:
        for severity in ("", view.incident.severity):
            yield (
                f"declare {severity}",
                modals.build_declare_form(view.runbook, severity=severity, title="", origin="C0"),
            )
            yield (
                f"declare {severity} words",
                modals.build_declare_form(view.runbook, severity=severity, title=words, origin="C0"),
            )
        quoted = modals.build_declare_form(
            view.runbook,
            severity="",
            title=words * 4,
            origin="C0",
            quote=words * 40,
            link="https://x.example/1",
        )
        yield "declare from a message", quoted
        yield "severity only", modals.build_severity_form(view.runbook, words, "C0")
    yield "an action item", build_action_form(view, words * 9)
    met = replace(view.situation, meeting=build_full_meeting(view.incident, words))
    draft = MeetingDraft(OfferedTimes(()), "America/Argentina/ComodRivadavia", PEOPLE)
    yield "no times for a meeting", build_meeting_form(view, draft)
    offered = OfferedTimes((view.incident.declared_at,) * 4, is_late=True)
    yield "a meeting", build_meeting_form(replace(view, situation=met), replace(draft, offered=offered))
    yield "learnings", build_learnings_form(view, (), ())
    answers = [
        ReviewAnswer(question.id, "U0ANA", words * 40, view.incident.declared_at) for question in QUESTIONS
    ]
    yield "review", review_messages.build_review_form(view, answers * 4)
    yield "changes of the runbook", runbook_draft.build_choice_form(build_draft(view.incident.title), "r.md")
    yield "update", modals.build_update_form(view, text="", notice="")
    yield (
        "update when another was posted meanwhile",
        modals.build_conflict_form(
            view, text=words * 9, carried={"incident": 42, "notice": "", "seen": 0, "status": "x"}
        ),
    )
    yield (
        "update with draft",
        modals.build_update_form(view, text=view.incident.impact * 2, notice="reminder:42:1:0"),
    )
    moment = view.incident.declared_at + timedelta(hours=24)
    yield "resolve", modals.build_resolve_form(view, text=view.incident.impact * 2, postmortem=moment)
    yield "impact", modals.build_impact_form(view)
    yield from public_forms(view)
    for number, item in enumerate(view.situation.items[:2]):
        yield (
            f"owner {number}",
            item_owners.build_owner_form(view, replace(item, owner="U0ANA", due_on=date(2026, 11, 25))),
        )
        yield f"no owner {number}", item_owners.build_owner_form(view, item)
    yield "fill in", step_inputs_modal.build_step_form(view, NEEDING, "")
    gaps = tuple(f"<{words} {n}>" for n in range(step_inputs_modal.MAX_GAPS))
    meaning = ParsedStep(StepKind.DIAGNOSTIC, words, needs=gaps)
    hostile = replace(NEEDING, title=words, command=words * 40, meaning=meaning)
    yield "fill in much", step_inputs_modal.build_step_form(view, hostile, f"{words[:40]}.md")
    for number in (7, 39, 1000):
        yield f"customer copy {number}", modals.build_customer_copy(view, number)
    yield (
        "declared",
        modals.build_declared(next(message for name, message in said(view) if name == "answer declared 42")),
    )
