"""Declares an incident: one transaction writes it and all effects that follow."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta

from bot.domain import policy
from bot.domain.effects import Effect
from bot.domain.incident import Incident, NewIncident
from bot.domain.results import CommandResult, DeclaredBeforeResult, DeclaredResult
from bot.domain.timeline_details import DeclaredDetail, NoteAddedDetail
from bot.errors import RuleViolation
from bot.ports import Transaction
from bot.runbook import Runbook, Severity, find_playbook_or_general
from bot.services.context import ServiceContext, UserRequest
from bot.services.declaration_flood import report_flood
from bot.services.diagnostic_runs import enqueue_playbook, request_first_run
from bot.services.duplicate_declaration import ANSWER_TIMEOUT, build_question, find_same_words, fold_words
from bot.services.escalation import schedule_first_escalation
from bot.services.first_attempts import PageCause, start_page_attempts
from bot.services.first_pages import (
    build_drill_notice,
    build_first_effects,
    enqueue_announcement,
    plan_first_pages,
)
from bot.services.page_grouping import RINGS_FOR, hold_pages, plan_holds
from bot.services.paging import is_deferrable
from bot.services.publication_draft import offer_first_draft
from bot.services.unit_of_work import run_idempotent
from bot.text.truncation import cut, is_blank, join_lines, take_beginning

LOOK_AT = 50
"""How many of the newest open incidents are compared when a new one may be the same."""

TITLE_LENGTH = 150
DRILL = "DRILL: "
TEXT_LENGTH = 3000


@dataclass(frozen=True, slots=True)
class Declaration:
    """What the declarer typed. Only severity and title are needed; a `private` incident is visible to its members only,
    a `drill` pages nobody.

    `playbook` is an id; None means the one that fits the title, empty means none. `quote` and `link` are the words and
    the address of the message that it comes from.
    """

    severity: str
    title: str
    playbook: str | None = None
    impact: str = ""
    affected_users: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    quote: str = ""
    link: str = ""
    private: bool = False
    drill: bool = False


async def declare(
    desk: ServiceContext, request: UserRequest, said: Declaration, asked_at: datetime | None = None
) -> CommandResult:
    """Declare an incident. The outcome is `declared`; `declared_before`, which asks whether it is another one, when the
    same person declared the same words a moment ago and was not asked yet (at `asked_at`); or `refused`, when the
    runbook has no such severity or the question is too old."""
    return await run_idempotent(desk, request, lambda tx: _declare(desk, tx, request, said, asked_at))


async def _declare(
    desk: ServiceContext,
    tx: Transaction,
    request: UserRequest,
    said: Declaration,
    asked_at: datetime | None,
) -> CommandResult:
    runbook = desk.runbook_versions.current.runbook
    severity = find_severity(runbook, said.severity)
    title = join_lines(said.title)
    if is_blank(title):
        raise RuleViolation(
            "An incident needs a title: a few words about what is wrong. Nothing was recorded."
        )
    lately = await tx.list_recent_declarations(request.actor, RINGS_FOR, said.drill, fold_words(title))
    if asked_at is not None:
        _must_be_asked_lately(await tx.now(), asked_at, said)
    elif (same := find_same_words(lately, format_drill_title(title, said.drill))) is not None:
        return build_question(same, request, await tx.now(), asdict(said))
    playbook = _choose_playbook(runbook, said, title, severity)
    known = [] if said.drill else await tx.list_open_titles(request.actor, LOOK_AT)
    similar = policy.find_similar_incident(title, playbook, known)
    incident = await tx.insert_incident(_new(desk, request, said, severity, playbook))
    plan = plan_first_pages(desk, runbook, severity, incident)
    if said.private:
        plan = replace(plan, everyone="")
    await _add_first_entries(tx, request, said, incident, plan)
    await tx.change(
        incident.number,
        **schedule_first_escalation(desk, runbook, incident, severity, incident.declared_at),
    )
    is_empty = bool(plan.everyone) and await tx.find_member_count(desk.channel_name) == 0
    await request_first_run(tx, incident)
    flood = await report_flood(desk, tx, request, incident, lately)
    reached, held = await _start_first_pages(desk, tx, incident, severity, plan, flood)
    await offer_first_draft(desk, tx, incident, severity.rank)
    if said.drill:
        await tx.enqueue([build_drill_notice(desk, runbook, incident, severity)])
    result = _build_result(said, incident, plan, reached, held)
    return replace(result, similar=similar, empty=desk.channel_name if is_empty else "")


def _choose_playbook(runbook: Runbook, said: Declaration, title: str, severity: Severity) -> str | None:
    """The id of the playbook that was chosen, else of the one that fits the title."""
    if said.playbook is not None:
        return said.playbook
    best = find_playbook_or_general(runbook, title, severity.id)
    return best.id if best else None


async def _start_first_pages(
    desk: ServiceContext,
    tx: Transaction,
    incident: Incident,
    severity: Severity,
    plan: policy.PagingPlan,
    flood: Sequence[Effect],
) -> tuple[Sequence[str], Sequence[str]]:
    """Page the first contacts. Gives who is reached beside Slack, and the contacts who are not rung at once.

    From here on another declaration that pages the same people waits for this one.
    """
    holds = await plan_holds(desk, tx, incident, plan, is_new=True)
    silence = policy.compute_silence_timeout(severity.response)
    cause = PageCause("declared", by_severity=True)
    pages, reached = await start_page_attempts(
        tx, incident, plan, silence, cause, is_new=True, held=holds.ways
    )
    await tx.add_pages(incident.number, plan.people)
    held = await hold_pages(tx, incident, plan.people, holds, "declared")
    await tx.enqueue([*pages, *build_first_effects(incident, plan, holds.pages), *held, *flood])
    await enqueue_announcement(desk, tx, incident)
    await enqueue_playbook(tx, incident.number)
    return reached, holds.list_held_contacts(plan.people)


async def declare_another(desk: ServiceContext, request: UserRequest, key: str) -> CommandResult:
    """It is another incident: declare what was asked about in the answer to the request of this `key`, once, however
    often it is said. The outcome is that of `declare`."""
    asked = await desk.store.outcome(key)
    if not isinstance(asked, DeclaredBeforeResult) or asked.by != request.actor:
        raise RuleViolation(
            "This question was for somebody else. Declare it yourself: `/incident declare`. Nothing was declared."
        )
    said = Declaration(**json.loads(asked.said))
    return await declare(desk, UserRequest(f"another:{key}", request.actor), said, asked.at)


def _must_be_asked_lately(now: datetime, asked_at: datetime, said: Declaration) -> None:
    """Raises RuleViolation when the question stood there for so long that much may be different by now."""
    if now - asked_at > ANSWER_TIMEOUT:
        kind = "drill" if said.drill else "declare private" if said.private else "declare"
        raise RuleViolation(
            f"This question is more than {ANSWER_TIMEOUT.seconds // 60} minutes old. Nothing was declared. "
            f"If you still want to: `/incident {kind} {said.severity} {join_lines(said.title)}`"
        )


def _new(
    desk: ServiceContext, request: UserRequest, said: Declaration, severity: Severity, playbook: str | None
) -> NewIncident:
    edition = desk.runbook_versions.current
    return NewIncident(
        title=shorten_title(join_lines(said.title), said.drill),
        severity=severity.id,
        commander=request.actor,
        edition=edition.sha,
        cadence=find_cadence(desk, edition.runbook, severity),
        playbook=playbook or None,
        impact=cut(said.impact, TEXT_LENGTH),
        affected_users=cut(said.affected_users, TEXT_LENGTH),
        fields=said.fields,
        private=said.private,
        drill=said.drill,
    )


async def _add_first_entries(
    tx: Transaction, request: UserRequest, said: Declaration, incident: Incident, called: policy.PagingPlan
) -> None:
    """The timeline's first entries. What does not fit into a title is kept all the same."""
    number, actor, title = incident.number, request.actor, join_lines(said.title)
    await tx.add_entry(
        number,
        actor,
        DeclaredDetail(severity=incident.severity, title=incident.title, everyone=called.everyone),
    )
    if incident.title != format_drill_title(title, said.drill):
        await tx.add_entry(number, actor, NoteAddedDetail(text=cut(title, TEXT_LENGTH)))
    if said.link:
        await tx.add_entry(number, actor, NoteAddedDetail(text=said.quote, link=said.link))


def _build_result(
    said: Declaration,
    incident: Incident,
    called: policy.PagingPlan,
    reached: Iterable[str],
    held: Iterable[str],
) -> DeclaredResult:
    """What the declarer is told. `reached` are paged beside Slack, `held` are not rung at once."""
    names = dict.fromkeys([*(name for name, _ in (*called.people, *called.lookups)), *reached])
    title = join_lines(said.title)
    is_cut = incident.title != format_drill_title(title, said.drill)
    return DeclaredResult(
        incident.number,
        severity=incident.severity,
        title=incident.title,
        called=", ".join(names),
        missing=", ".join(name for name, _ in called.unreachable),
        everyone=called.everyone,
        similar=None,
        cut=len(title) if is_cut else None,
        private=said.private,
        drill=said.drill,
        empty="",
        held=", ".join(held),
    )


def format_drill_title(title: str, drill: bool) -> str:
    """The title with a mark when it is a drill, for lists, channel names, forms and topics."""
    return f"{DRILL}{title}" if drill and not title.startswith(DRILL) else title


def shorten_title(title: str, drill: bool = False) -> str:
    """The title, cut between letters where it is longer than titles may be."""
    title = format_drill_title(title, drill)
    return title if len(title) <= TITLE_LENGTH else f"{take_beginning(title, TITLE_LENGTH - 1).rstrip()}…"


def find_severity(runbook: Runbook, typed: str) -> Severity:
    """The runbook's severity for what was typed. Raises RuleViolation with the ones there are."""
    severity = runbook.severity(typed)
    there_are = ", ".join(severity.id for severity in runbook.severities)
    if not typed.strip():
        raise RuleViolation(f"Choose a severity: {there_are}. Nothing was changed.")
    if severity is None:
        raise RuleViolation(f"The runbook has no severity {typed}. It has {there_are}. Nothing was recorded.")
    return severity


def find_cadence(desk: ServiceContext, runbook: Runbook, severity: Severity) -> timedelta | None:
    """How often updates are promised; None for a severity that is answered on the next business day."""
    if is_deferrable(severity):
        return None
    return desk.update_every or severity.update_every or runbook.update_every
