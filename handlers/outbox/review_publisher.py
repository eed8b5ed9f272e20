"""Brings the review of an incident, and its row of the incident log, into one pull request."""

import asyncio
import posixpath
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import cast

from bot.domain.effects import ProposeReview, compute_backoff_s
from bot.domain.incident import Situation
from bot.domain.proposal import ProposalState, ReviewProposal
from bot.errors import SlackOutcomeUnknown
from bot.ports import LeasedEffect
from bot.ports.code_host import BranchMoved, HostAnswerLost, HostBusy, HostRefused, ReviewPlace
from bot.services import review_proposal as record
from bot.services.review_source import read_review
from handlers.outbox.effect_context import EffectContext, RetryLater, needs_reconciliation
from handlers.outbox.effect_result import EffectResult
from handlers.outbox.proposals import Proposal, propose
from templates import incident_log
from templates.review_content import ReviewLayout
from templates.review_document import format_review, is_sealed, seal

GIVE_UP_AFTER = timedelta(hours=1)
"""For how long a host that is away is tried."""

TOLD_AT = 3
"""The attempt at which the room is told that a host is away."""

EDITED = "somebody changed {path} there: I leave it to people from now on. The incident log is still kept."


async def propose_review(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    """As the review reads now. What an earlier attempt may have done is read first."""
    effect, desk, place = cast(ProposeReview, row.effect), hands.services, hands.repositories.review
    situation = (await hands.load_view(effect.incident, at_once=True)).situation
    incident = situation.incident
    if place is None or not desk.proposes.may_propose(incident.private, incident.drill):
        return EffectResult()
    needs_reconciliation(row)  # too early, what was sent last may still arrive
    entries = len(situation.entries)
    proposal = situation.proposal or ReviewProposal(ProposalState.WAITING)
    if proposal.has_ended:
        return EffectResult()
    wanted = await _build_proposal(hands, place, situation)
    try:
        pull = await propose(place.host, wanted.proposal)
    except HostRefused as refusal:
        why = str(refusal)
        return EffectResult(
            on_commit=lambda tx: record.record_refused(desk, tx, effect.incident, why, entries)
        )
    except (HostBusy, HostAnswerLost) as away:
        return await _try_later(hands, row, away, entries)
    why = EDITED.format(path=wanted.path) if wanted.was_edited else ""
    return EffectResult(
        on_commit=lambda tx: record.record_proposed(desk, tx, effect.incident, pull, why, entries)
    )


class _WantedReview:
    """The proposal of one review; after it was read, whether people had changed the file."""

    def __init__(self, path: str, document: str) -> None:
        self.path, self._document = path, document
        self.was_edited = False
        self.proposal: Proposal

    def rewrite(self, before: str | None) -> str:
        """Never over what people wrote."""
        self.was_edited = before is not None and not is_sealed(before)
        return before if before is not None and self.was_edited else self._document


async def _build_proposal(hands: EffectContext, place: ReviewPlace, situation: Situation) -> _WantedReview:
    incident, store = situation.incident, hands.services.store
    path = place.build_path(incident.number, incident.declared_at.astimezone(UTC).year)
    shown = posixpath.splitext(posixpath.basename(path))[0]
    document, pictures = await _write_review(hands, situation, shown)
    wanted = _WantedReview(path, seal(document))
    folder = posixpath.join(posixpath.dirname(path), shown)
    names = (
        posixpath.join(place.folder, name) for name in (incident_log.MARKDOWN_NAME, incident_log.CSV_NAME)
    )
    markdown, table = names
    log_row = incident_log.build_row(situation, posixpath.relpath(path, place.folder or "."))
    wanted.proposal = Proposal(
        branch=f"tocsin/{incident.reference.lower()}-review",
        mark=f"tocsin {store.installation} {incident.reference} review",
        title=f"Review of {incident.reference}",
        body=(
            f"The post-incident review of {incident.reference} and its row of the incident log, written by Tocsin."
            " What people add in Slack comes as a further commit, until this is merged."
        ),
        message=f"Review of {incident.reference}",
        files={
            path: wanted.rewrite,
            markdown: lambda before: incident_log.replace_markdown_row(before, log_row),
            table: lambda before: incident_log.replace_csv_row(before, log_row),
        },
        pictures={posixpath.join(folder, name): picture for name, picture in pictures.items()},
        must_be_private=True,
    )
    return wanted


async def _write_review(
    hands: EffectContext, situation: Situation, folder: str
) -> tuple[str, Mapping[str, bytes]]:
    """The document, and the pictures that it shows by their names. `folder` is theirs as seen from the document."""
    desk = hands.services
    source = await read_review(desk, situation.incident)
    drawn = {chart: await desk.store.chart(chart.look, chart.place) for chart in source.records.charts}
    pictures = {chart.name: picture for chart, picture in drawn.items() if picture is not None}
    records = replace(
        source.records, charts=[chart for chart in source.records.charts if chart.name in pictures]
    )
    async with desk.store.transaction() as tx:
        names: Mapping[str, str] = await tx.find_names(records.list_people(situation))
    layout = ReviewLayout(source.headings, source.zone, hands.identity.url, folder)
    return await asyncio.to_thread(format_review, situation, records, names, layout), pictures


async def _try_later(
    hands: EffectContext, row: LeasedEffect, away: HostBusy | HostAnswerLost, entries: int
) -> EffectResult:
    """Again, for an hour; the room is told once that it is tried."""
    number, desk = cast(ProposeReview, row.effect).incident, hands.services
    if datetime.now(UTC) - row.first_sent_at > GIVE_UP_AFTER:
        why = f"{away} I tried for an hour and stopped."
        return EffectResult(on_commit=lambda tx: record.record_refused(desk, tx, number, why, entries))
    if isinstance(away, BranchMoved):
        raise RetryLater(str(away))
    if row.attempts == TOLD_AT:
        async with desk.store.transaction() as tx:
            await record.record_away(desk, tx, number, f"{away} I keep trying.")
    if isinstance(away, HostAnswerLost):
        raise SlackOutcomeUnknown(str(away))
    raise RetryLater(str(away), max(away.delay, timedelta(seconds=compute_backoff_s(row.attempts))))
