"""Everything that the templates can draw of one view, by name."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.effects import AskForUpdate, RemindOfUpdate
from bot.incident import Outcome, Status
from bot.listed import Listed
from bot.ports import Message
from bot.step import Kind, Meaning
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
from tests.templates.looks import NEEDING, looks

PEOPLE = tuple(f"U0PERSON{n}" for n in range(300))


def messages(view: View) -> Iterator[tuple[str, Message]]:
    """Every message about an incident."""
    yield "alert", alert.alert(view)
    yield "announcement", alert.announcement(view)
    for person in ("U0BRUNO", "U0DEVIKA", "U0NOBODY"):
        yield f"page {person}", alert.page(view, person)
    contacts = tuple((f"Contact {n} {view.incident.title}", "no Slack handle") for n in range(40))
    yield "mention", alert.mention(view, PEOPLE[:2], contacts[:1])
    yield "mention of many", alert.mention(view, PEOPLE, contacts)
    yield "missing only", alert.mention(view, (), contacts[:1])
    for number, part in enumerate(playbook.playbook_messages(view)):
        yield f"playbook {number}", part
    for stage in range(3):
        for missed in range(3):
            yield f"reminder {stage} {missed}", updates.reminder(view, reminder(view, stage, missed))
    yield "asked for the update", updates.asked_for(view, demand(view))
    for posted in view.situation.updates[-1:]:
        for status in (Status.INVESTIGATING, Status.IDENTIFIED, Status.MONITORING):
            given = replace(posted, status=status)
            yield f"update {status}", updates.update(view, given)
            yield f"published update {status}", updates.published_update(view, given)
        yield "update without a next", updates.update(view, replace(posted, next_update_at=None))
    yield "resolution", resolution.resolution(view)
    yield "published resolution", resolution.published_resolution(view)
    if view.situation.items:
        yield "checklist", checklist.checklist(view)
        all_done = tuple(replace(item, done_at=item.due_at, done_by="U0ANA") for item in view.situation.items)
        done = replace(view, situation=replace(view.situation, items=all_done))
        yield "checklist done", checklist.checklist(done)
        yield "checklist reminder", checklist.checklist_reminder(view, 3600)
    for words in notices.SENTENCES:
        yield f"notice {words}", notices.notice(view, words, detail(view))
        yield f"told {words}", notices.told(view, words, detail(view))
    yield "offer", roles.offer(view, "U0BRUNO", "U0ANA")
    yield "phone", ladder.phone(f"{view.incident.title} refused. Call CTO: +15550100")
    yield "ask if still", ladder.ask_if_still(view)
    yield "everyone", notices.everyone(view, "all hands")
    yield "timeline", history.timeline(view)
    yield "catchup", history.catchup(view)
    yield "card", answers.card(view)
    yield "checklist of", answers.checklist_of(view)
    for name, look in {**looks(), **looks(view.incident.impact)}.items():
        yield f"evidence {name}", evidence.message_of(view, look)
        if (unasked := findings.by_hand(view, look)) is not None:
            yield f"by hand {name}", unasked
        for each in look.results[:3]:
            yield f"evidence of {name} {each.place}", findings.detail(view, look, each, "F0CHART001")
    yield from said(view)


def demand(view: View) -> AskForUpdate:
    """Somebody is asked for the overdue update."""
    return AskForUpdate(incident=42, person="U0BRUNO", role="deputy", promise=reminder(view).promise)


def reminder(view: View, stage: int = 0, missed: int = 0, draft: str = "") -> RemindOfUpdate:
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


def detail(view: View) -> Mapping[str, str]:
    """What the effects that name a sentence may carry, all at once."""
    words = view.incident.impact or "some words"
    named = {"contact": words, "why": words, "what": words, "reason": words, "text": words}
    people = {
        "people": "U0BRUNO",
        "actor": "U0ANA",
        "person": "U0BRUNO",
        "commander": "U0ANA",
        "channel": "C0ROOM",
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
    )


def said(view: View) -> Iterator[tuple[str, Message]]:
    """The answers to the person who asked."""
    words = view.incident.title
    numbers = dict.fromkeys(("next", "until", "promise", "at"), "1795400000") | {
        "similar": "41",
        "target_seconds": "300",
    }
    lists = {"items": "\n".join([words] * 30), "everyone": "all hands", "by": "U0ANA", "channel": "C0ROOM"}
    facts = Anything({**detail(view), **numbers, **lists, "why": words})
    for did in answers.WORDS:
        yield f"answer {did}", answers.answer(Outcome(did, 42, facts))
        yield f"answer {did} about none", answers.answer(Outcome(did, None, facts))
    yield "refused", answers.refused(words)
    yield "unknown word", answers.unknown_word(words, None)
    yield "near miss", answers.unknown_word(words, "declare")
    yield "store away", answers.store_away(view.runbook, False)
    yield "in doubt", answers.store_away(view.runbook, True)
    yield "failure", answers.failure("ab12cd34")
    yield "form failed", answers.form_failed()
    yield "playbooks", playbook.overview(view.runbook, view.runbook_url)
    yield "on call", duty.on_call(worlds.standings(words))
    yield "nobody on call", duty.on_call([])
    yield "asking who is on call", duty.asking()
    yield "on call unknown", duty.unknown()
    yield "help", answers.help()
    yield "no incidents", listing.listing(Listed())
    yield (
        "incidents",
        listing.listing(
            Listed(
                open=[view.incident] * 20,
                over=[view.incident] * 5,
                counts={view.incident.severity: 500},
                times=worlds.TIMES,
            )
        ),
    )


def homes(view: View) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every home tab."""
    incident = view.incident
    yield "nothing", home.home([], {}, [], [])
    yield "some", home.home([incident] * 3, {incident.severity: 3}, [incident] * 3, [(incident, 3)])
    yield "many", home.home([incident] * 25, {incident.severity: 500}, [incident] * 16, [(incident, 3)] * 16)
    yield "away", home.away(view.runbook, "is read-only")


def forms(view: View) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every modal."""
    words = view.incident.title
    if view.runbook.severities:
        for severity in ("", view.incident.severity):
            yield (
                f"declare {severity}",
                modals.declare(view.runbook, severity=severity, title="", origin="C0"),
            )
            yield (
                f"declare {severity} words",
                modals.declare(view.runbook, severity=severity, title=words, origin="C0"),
            )
        quoted = modals.declare(
            view.runbook,
            severity="",
            title=words * 4,
            origin="C0",
            quote=words * 40,
            link="https://x.example/1",
        )
        yield "declare from a message", quoted
        yield "severity only", modals.declare_severity_only(view.runbook, words, "C0")
    yield "update", modals.update(view, text="", notice="")
    yield (
        "update when another was posted meanwhile",
        modals.update_meanwhile(
            view, text=words * 9, carried={"incident": 42, "notice": "", "seen": 0, "status": "x"}
        ),
    )
    yield "update with draft", modals.update(view, text=view.incident.impact * 2, notice="reminder:42:1:0")
    moment = view.incident.declared_at + timedelta(hours=24)
    yield "resolve", modals.resolve(view, text=view.incident.impact * 2, postmortem=moment)
    yield "fill in", filling.fill_step(view, NEEDING, "")
    gaps = tuple(f"<{words} {n}>" for n in range(filling.MOST_GAPS))
    meaning = Meaning(Kind.DIAGNOSTIC, words, needs=gaps)
    hostile = replace(NEEDING, title=words, command=words * 40, meaning=meaning)
    yield "fill in much", filling.fill_step(view, hostile, f"{words[:40]}.md")
    for number in (7, 39, 1000):
        yield f"customer copy {number}", modals.customer_copy(view, number)
    yield (
        "declared",
        modals.declared(next(message for name, message in said(view) if name == "answer declared")),
    )
