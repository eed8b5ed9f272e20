"""A remediation that was approved: begun once, then looked at until it is settled, then judged.

`begin` commits before the call goes out: whoever finds `executing` without a receipt looks, and never calls again.
"""

from datetime import datetime, timedelta

from bot.domain.effects import Effect
from bot.domain.incident import Incident
from bot.domain.remediation import RULES, Remediation, RemediationKind, RemediationState
from bot.domain.remediation_plan import Plan, explain_difference
from bot.domain.timeline_details import RemediationEndedDetail
from bot.ports import Transaction
from bot.ports.remediation import Observation, Receipt, Refusal
from bot.services.context import ServiceContext
from bot.services.remediation_check import build_check_key, judge, request_check
from bot.services.remediation_records import (
    build_news,
    build_refresh,
    enter_state,
    is_carried_out,
)
from bot.text.person_placeholders import mark_person

ANSWERS = {True: "accepted", False: "refused", None: "none"}

BEGIN_WITHIN = timedelta(minutes=2)
"""What was approved longer ago is not begun: nobody expects it any more."""

WATCH_EVERY = timedelta(seconds=3)
"""How often it is looked at what an accepted call does; its message is edited when something moved."""

FOUND_WITHIN = timedelta(seconds=60)
"""A call whose answer was lost can be seen at the other side within this time, if it was done."""

GUARDED_EVERY = timedelta(seconds=15)
"""How often it is looked whether what was rolled back is deployed again."""

CHECKED_AFTER = timedelta(seconds=3)
"""So long what was changed has time to recover before the diagnostics run again."""

UNJUDGED = {
    True: "Whether it helped cannot be told: the diagnostics run for something else.",
    False: "The incident was over by then: the diagnostics did not run again.",
}
"""What is said where the diagnostics did not run after it, by whether the incident is open."""

JUDGED_WITHIN = timedelta(seconds=90)
"""So long after the end the diagnostics are waited for."""


async def _lock(tx: Transaction, known: Remediation) -> tuple[Incident, Remediation]:
    incident = await tx.lock(known.incident)
    found = await tx.lock_remediation(known.id)
    assert incident is not None and found is not None and found.incident == incident.number
    return incident, found


async def begin(desk: ServiceContext, known: Remediation, read: Plan | Refusal) -> Remediation | None:
    """Commit that it is carried out now, if nothing that it depends on has changed; else it is void.

    Gives it as it stands when the one call may go out, None when nothing goes out.
    """
    async with desk.store.transaction() as tx:
        incident, found = await _lock(tx, known)
        if found.state is not RemediationState.APPROVED:
            return None
        if found.is_drill:
            await _play(tx, found)
            return None
        now = await tx.now()
        if why := await _explain_void(desk, tx, incident, found, read, now):
            shown = await enter_state(
                tx, found, RemediationState.VOID, "", why, settled_at="now", look_at=None
            )
            await tx.enqueue([*shown, *build_news(found, "void", f"Void: {why} Nothing was done.")])
            return None
        shown = await enter_state(
            tx,
            found,
            RemediationState.EXECUTING,
            found.approved_by or "",
            started_at="now",
            watch_until=now + RULES[found.kind].watched_for,
        )
        await tx.enqueue(shown)
    return await desk.store.find_remediation(known.id)


async def _play(tx: Transaction, found: Remediation) -> None:
    sentence = "A drill: it was approved, and nothing was carried out."
    shown = await enter_state(tx, found, RemediationState.DONE, "", sentence, settled_at="now", look_at=None)
    await tx.enqueue([*shown, *build_news(found, "done", sentence)])


async def _explain_void(
    desk: ServiceContext,
    tx: Transaction,
    incident: Incident,
    found: Remediation,
    read: Plan | Refusal,
    now: datetime,
) -> str:
    """Why it is not begun after all, in a sentence; empty when it is."""
    if not incident.status.is_open:
        return f"{incident.reference} is {incident.status} by now."
    switch = await tx.find_remediation_switch(hold=True)
    if not switch.is_on:
        return f"remediations were switched off by {mark_person(switch.person)}."
    if not is_carried_out(desk, found.kind):
        return f"{found.kind} is not switched on any more."
    if found.approved_at is None or now - found.approved_at > BEGIN_WITHIN:
        return "it could not be begun within 2 min of its approval."
    if isinstance(read, Refusal):
        return read.sentence
    assert found.plan is not None
    difference = explain_difference(found.plan, read)
    return f"{difference}." if difference else ""


async def record_receipt(desk: ServiceContext, known: Remediation, receipt: Receipt) -> None:
    """What the one call gave back. Without an answer it is unknown, and looked for."""
    async with desk.store.transaction() as tx:
        _, found = await _lock(tx, known)
        if found.state is not RemediationState.EXECUTING:
            return
        now = await tx.now()
        kept = {**found.receipt, **receipt.facts, "answer": ANSWERS[receipt.is_accepted]}
        if receipt.is_accepted:
            await tx.change_remediation(
                found.id, receipt=kept, why=receipt.sentence, look_at=now + timedelta(seconds=1)
            )
            await tx.enqueue([build_refresh(found, "accepted")])
        elif receipt.is_accepted is None:
            await tx.enqueue(await _enter_unknown(tx, found, now, receipt.sentence))
        else:
            sentence = f"Refused: {receipt.sentence} Nothing was done."
            shown = await enter_state(
                tx,
                found,
                RemediationState.FAILED,
                "",
                sentence,
                receipt=kept,
                settled_at="now",
                look_at=None,
            )
            await tx.enqueue([*shown, *build_news(found, "failed", sentence)])


async def _enter_unknown(tx: Transaction, found: Remediation, now: datetime, why: str) -> list[Effect]:
    sentence = f"{why} Whether it was done is being looked for. It is not repeated.".strip()
    return await enter_state(
        tx, found, RemediationState.UNKNOWN, "", sentence, look_at=now + timedelta(seconds=3)
    )


async def record_interruption(desk: ServiceContext, known: Remediation) -> None:
    """Whoever carried it out was stopped before they wrote down what came of it."""
    async with desk.store.transaction() as tx:
        _, found = await _lock(tx, known)
        if found.state is RemediationState.EXECUTING and not found.receipt:
            await tx.enqueue(
                await _enter_unknown(tx, found, await tx.now(), "I was stopped in the middle of it.")
            )


async def record_observation(desk: ServiceContext, known: Remediation, seen: Observation) -> None:
    """What is seen of it now: it goes on, it is settled, or it was not done after all."""
    async with desk.store.transaction() as tx:
        _, found = await _lock(tx, known)
        if found.state not in (RemediationState.EXECUTING, RemediationState.UNKNOWN):
            return
        now = await tx.now()
        kept = {**found.receipt, **seen.facts, **({"measure": seen.measure} if seen.measure else {})}
        is_over = found.watch_until is not None and now >= found.watch_until
        if seen.was_done and (seen.is_settled or is_over):
            await _settle(tx, found, seen, kept)
        elif seen.was_done is False and _is_late(found, now):
            sentence = "It was looked for, and it was not done. Nothing was repeated: ask again if it is still wanted."
            shown = await enter_state(
                tx, found, RemediationState.FAILED, "", sentence, settled_at="now", look_at=None
            )
            await tx.enqueue([*shown, *build_news(found, "failed", sentence)])
        elif seen.was_done is None and is_over:
            await _give_up(tx, found)
        else:
            await tx.change_remediation(
                found.id, receipt=kept, why=seen.sentence or found.why, look_at=now + WATCH_EVERY
            )
            if (kept, seen.sentence or found.why) != (dict(found.receipt), found.why):
                await tx.enqueue([build_refresh(found, f"seen:{int(now.timestamp())}")])


def _is_late(found: Remediation, now: datetime) -> bool:
    return found.started_at is not None and now - found.started_at > FOUND_WITHIN


async def _settle(tx: Transaction, found: Remediation, seen: Observation, kept: dict[str, str]) -> None:
    failed = seen.is_settled and seen.has_worked is False
    state = RemediationState.FAILED if failed else RemediationState.DONE
    late = "" if seen.is_settled else " It has not settled in the time that it is watched for."
    sentence = f"{seen.sentence}{late}".strip()
    shown = await enter_state(
        tx,
        found,
        state,
        "",
        sentence,
        receipt=kept,
        settled_at="now",
        look_at=(await tx.now()) + CHECKED_AFTER,
    )
    await tx.enqueue(shown)


async def _give_up(tx: Transaction, found: Remediation) -> None:
    sentence = (
        "Whether it was done cannot be told from here. Nothing was repeated. Look at the target; who did that clicks "
        "“Checked”."
    )
    await tx.change_remediation(found.id, why=sentence, look_at=None)
    await tx.enqueue([build_refresh(found, "given-up"), *build_news(found, "unknown", sentence)])


def is_guarded(found: Remediation) -> bool:
    """Whether it is looked after until the incident ends: nobody is to take it back silently."""
    was_done = found.state is RemediationState.DONE and found.started_at is not None
    return was_done and found.kind in MENDS


MENDS = {
    RemediationKind.ECS_ROLLBACK: "Stop it, or roll back again.",
    RemediationKind.SWITCH: "Switch it again, or leave it so.",
}
"""The kinds that are looked after, and what people can do when others have taken them back."""


async def record_return(desk: ServiceContext, known: Remediation, seen: Observation) -> None:
    """Say at once that what was rolled back comes again, and go on looking while the incident is open."""
    async with desk.store.transaction() as tx:
        incident, found = await _lock(tx, known)
        others = await tx.list_remediations(found.incident)
        is_undone = any(other.undo_of == found.id and other.started_at is not None for other in others)
        if not incident.status.is_open or is_undone:
            await tx.change_remediation(found.id, look_at=None)
            return
        look_at = await tx.now() + GUARDED_EVERY
        if not seen.was_done or found.receipt.get("returned") == seen.facts.get("returned"):
            await tx.change_remediation(found.id, look_at=look_at)
            return
        await tx.change_remediation(found.id, look_at=look_at, receipt={**found.receipt, **seen.facts})
        detail = RemediationEndedDetail(
            reference=found.reference, title=found.title, state="undone by others", why=seen.sentence
        )
        await tx.add_entry(found.incident, "", detail)
        change = f"returned:{seen.facts.get('returned', '')}"
        await tx.enqueue(build_news(found, change, f"{seen.sentence} {MENDS[found.kind]}"))


async def record_verdict(desk: ServiceContext, known: Remediation) -> bool:
    """Say whether it helped, as soon as the diagnostics after it have answered. False while they have not."""
    async with desk.store.transaction() as tx:
        incident, found = await _lock(tx, known)
        run = await tx.find_run(build_check_key(known))
        now = await tx.now()
        is_late = found.settled_at is not None and now - found.settled_at > JUDGED_WITHIN
        is_open = incident.status.is_open
        if run is None and is_open and not is_late:
            await request_check(tx, incident, found)
            return False
    if run is not None and not run[1] and not is_late:
        return False
    before = known.plan.measure if known.plan else ""
    verdict = (
        judge(await desk.store.look(run[0]), before, known.receipt.get("measure", ""))
        if run is not None
        else UNJUDGED[is_open]
    )
    if known.state is RemediationState.FAILED:
        verdict = f"{known.why} {verdict}"
    async with desk.store.transaction() as tx:
        _, found = await _lock(tx, known)
        if found.verdict:
            return True
        await tx.change_remediation(found.id, verdict=verdict, look_at=now if is_guarded(found) else None)
        detail = RemediationEndedDetail(
            reference=found.reference, title=found.title, state="judged", why=verdict
        )
        await tx.add_entry(found.incident, "", detail)
        await tx.enqueue([build_refresh(found, "judged"), *build_news(found, found.state.value, verdict)])
    return True
