"""Merges an incident into another one with the same cause, and takes it out again."""

from dataclasses import dataclass

from bot.domain.effects import (
    ArchiveChannel,
    Effect,
    MovePeople,
    PostNotice,
    SetTopic,
    TellIncidentsChannel,
)
from bot.domain.incident import Incident, MergeTarget, Status
from bot.domain.notices import CancelledNews, MergedInNotice, MergedNews, MergedNotice, UnmergedNotice
from bot.domain.page_attempts import EscalationState
from bot.domain.policy import ARCHIVE_AFTER
from bot.domain.results import CommandResult, MergedAlreadyResult, MergedResult
from bot.domain.timeline_details import MergedDetail, MergedInDetail, UnmergedDetail
from bot.errors import RuleViolation
from bot.ports import Transaction
from bot.services.acknowledge import build_alert_refreshes, build_notice
from bot.services.check_in import settle_check_in
from bot.services.command_offers import settle_offer
from bot.services.context import ServiceContext, UserRequest
from bot.services.diagnostic_runs import stop_diagnostic_runs
from bot.services.followers import notify_and_drop_followers
from bot.services.incident_guards import build_not_found, must_be_open
from bot.services.meeting_arrangement import call_off_meeting
from bot.services.offer_refreshes import refresh_offers
from bot.services.overdue_update import settle_reminders
from bot.services.page_acknowledgement import end_provider_pages
from bot.services.publication_draft import settle_drafts
from bot.services.remediation_request import void_unbegun
from bot.services.slack_pages import refresh_pages
from bot.services.unit_of_work import run_idempotent


async def merge(desk: ServiceContext, request: UserRequest, number: int, into: int) -> CommandResult:
    """Close an incident into another one, where its people are invited. `merged`, `merged_already` or `refused`."""

    async def change(tx: Transaction) -> CommandResult:
        incident, other = await _both(tx, request, number, into)
        before = None if incident.status.is_open else await tx.find_merge_target(number)
        if before == into:
            return MergedAlreadyResult(number, into=other.reference)
        if before is not None:
            raise RuleViolation(
                f"{incident.reference} was merged into INC-{before} before. Nothing was changed."
            )
        must_be_mergeable(incident, other)
        news = MergedNews(reason=MergeTarget(into).words, by=request.actor)
        effects = await stand_down(desk, tx, request, incident, news)
        await tx.merge(number, into, request.actor)
        await tx.add_entry(number, request.actor, _build_merged(other))
        await tx.add_entry(into, request.actor, _build_merged_in(incident))
        told = MergedNotice(
            actor=request.actor, into=other.reference, title=other.title, channel=other.channel or ""
        )
        here = MergedInNotice(
            actor=request.actor,
            source=incident.reference,
            title=incident.title,
            channel=incident.channel or "",
        )
        await tx.enqueue(
            [
                *effects,
                build_notice(incident, request, told),
                build_notice(other, request, here),
                MovePeople(incident=number, into=into, change=request.change),
                TellIncidentsChannel.say(number, desk.channel_name, told, request.change),
            ]
        )
        await tx.enqueue([ArchiveChannel(incident=number, change=request.change)], later=ARCHIVE_AFTER)
        await settle_drafts(desk, tx, number, request.actor, request.change)
        return MergedResult(number, into=other.reference, channel=other.channel or "")

    return await run_idempotent(desk, request, change)


async def _both(tx: Transaction, request: UserRequest, number: int, into: int) -> tuple[Incident, Incident]:
    """Both incidents, locked in the order of their numbers, so that a merge the other way waits for this one."""
    if number == into:
        raise RuleViolation(f"INC-{number} cannot be merged into itself. Nothing was changed.")
    found = {locked: await tx.lock(locked, request.actor) for locked in sorted((number, into))}
    incident, other = found[number], found[into]
    if incident is None or other is None:
        raise build_not_found(number if incident is None else into)
    return incident, other


def must_be_mergeable(incident: Incident, other: Incident) -> None:
    """Raises RuleViolation, with the reason, where the first one cannot be closed into the other."""
    if incident.number == other.number:
        raise RuleViolation(f"{incident.reference} cannot be merged into itself. Nothing was changed.")
    must_be_open(incident)
    must_be_open(other)
    if incident.private != other.private:
        private, public = (incident, other) if incident.private else (other, incident)
        raise RuleViolation(
            f"{private.reference} is private and {public.reference} is not: merging them would show some people what "
            "they may not see. Nothing was changed."
        )
    if incident.drill != other.drill:
        drill, real = (incident, other) if incident.drill else (other, incident)
        raise RuleViolation(f"{drill.reference} is a drill and {real.reference} is not. Nothing was changed.")


def _build_merged(other: Incident) -> MergedDetail:
    return MergedDetail(into=other.reference, title=other.title, channel=other.channel or "")


def _build_merged_in(other: Incident) -> MergedInDetail:
    return MergedInDetail(source=other.reference, title=other.title, channel=other.channel or "")


async def stand_down(
    desk: ServiceContext,
    tx: Transaction,
    request: UserRequest,
    incident: Incident,
    news: CancelledNews | MergedNews,
) -> list[Effect]:
    """The incident ends without a resolution, as the news for its followers say: nobody is paged or reminded any more.
    Gives the effects that show it."""
    number = incident.number
    await tx.change(
        number,
        status=Status.CANCELLED,
        resolved_at="now",
        resolved_by=request.actor,
        close_reason=news.reason,
        next_update_at=None,
        notice_at=None,
        ladder=EscalationState.NONE,
        look_at=None,
        offered_to=None,
    )
    return [
        *await call_off_meeting(tx, request, incident, _explain_end(incident, news)),
        *await end_provider_pages(tx, number, request.change),
        *await stop_diagnostic_runs(tx, await desk.runbook_versions.of(incident), number, "cancelled"),
        *await refresh_offers(tx, number, request.change),
        *await void_unbegun(tx, number, f"{incident.reference} was {news.what}."),
        *build_alert_refreshes(number, request.change),
        *await refresh_pages(tx, number, request.change),
        *await notify_and_drop_followers(tx, number, news, request.change),
        *await settle_reminders(tx, incident),
        *await settle_check_in(tx, incident),
        *await settle_offer(tx, incident),
        SetTopic(incident=number, change=request.change),
    ]


def _explain_end(incident: Incident, news: CancelledNews | MergedNews) -> str:
    """Why there is nothing to meet about."""
    how = news.reason if isinstance(news, MergedNews) else f"cancelled: {news.reason}".rstrip(": ")
    return f"{incident.reference} was {how}"


@dataclass(frozen=True, slots=True)
class MergedPair:
    """How an incident stood that is reopened, and the one that it was merged into."""

    incident: Incident
    into: Incident | None = None

    @property
    def standing(self) -> str:
        return MergeTarget(self.into.number).words if self.into else str(self.incident.status)


async def lock_with_merge_target(tx: Transaction, request: UserRequest, number: int) -> MergedPair:
    """The incident and its merge target, locked. Raises RuleViolation when there is none for whoever asks."""
    into = await tx.find_merge_target(number)
    incident = other = None
    for locked in sorted({number, into or number}):
        if locked == number:
            incident = await tx.lock(number, request.actor)
        else:
            other = await tx.lock(locked)
    if incident is None:
        raise build_not_found(number)
    # Somebody may have merged or reopened it while this waited; an open one only has an older version's row.
    still = not incident.status.is_open and await tx.find_merge_target(number) == into
    return MergedPair(incident, other if still else None)


async def undo_merge(tx: Transaction, request: UserRequest, before: MergedPair) -> list[Effect]:
    """It goes on by itself; nothing where it was not merged. Who was invited to the other one stays there."""
    await tx.unmerge(before.incident.number)
    if before.into is None:
        return []
    own = before.incident
    detail = UnmergedDetail(source=own.reference, title=own.title, channel=own.channel or "")
    await tx.add_entry(before.into.number, request.actor, detail)
    notice = UnmergedNotice(
        actor=request.actor, source=detail.source, title=detail.title, channel=detail.channel
    )
    return [PostNotice.say(before.into.number, notice, request.change)]
