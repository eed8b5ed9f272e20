"""Up the ladder: who is called next when nobody answers, and whether those who answered are still on it."""

from datetime import datetime, timedelta

from bot import policy
from bot.calls import Ladder
from bot.contacts import Hours, next_business_day
from bot.effects import AskIfStill, CallEveryone, Effect, PostNotice, RefreshAlert
from bot.errors import Refused
from bot.incident import EntryKind, Incident, Outcome
from bot.lifecycle.answers import answered, contacts_of
from bot.lifecycle.calling import (
    Cause,
    asked_anew,
    called_again,
    in_slack_as,
    is_for,
    next_look,
    summoned,
    waits,
    was_called,
)
from bot.lifecycle.desk import Desk, Request, each_by_itself, held, must_be_open, must_be_real, once
from bot.lifecycle.respond import notice, refreshed
from bot.ports import Transaction
from bot.runbook import Runbook, Rung, Severity, ladder

ANYWHERE = Hours("UTC")
"""Monday to Friday from nine, where the contacts file does not say when the team works."""


def first_look(
    desk: Desk, runbook: Runbook, incident: Incident, severity: Severity, now: datetime
) -> dict[str, object]:
    """The columns of an incident whose severity begins to count now; a drill calls nobody."""
    if incident.drill:
        return {"ladder": Ladder.NONE, "rung": 0, "look_at": None}
    if waits(severity):
        return {
            "ladder": Ladder.WAITING,
            "rung": 0,
            "look_at": next_business_day(desk.book.hours or ANYWHERE, now),
        }
    rungs = ladder(runbook, severity, list(desk.contacts))
    if not rungs:
        return {"ladder": Ladder.NONE, "rung": 0, "look_at": None}
    return {"ladder": Ladder.CLIMBING, "rung": 0, "look_at": now + rungs[0].after}


def _moment(at: datetime) -> str:
    """An instant as a part of a key, so exact that no two steps share it."""
    return f"{at.timestamp():.6f}"


async def climb(desk: Desk) -> int:
    """Take the steps that are due. Gives how many incidents were looked at."""
    return await each_by_itself(desk, "ladder", lambda work, limit: work.due_ladders(limit), _looked_at)


async def _looked_at(desk: Desk, work: Transaction, incident: Incident) -> None:
    now = await work.now()
    if not incident.status.is_open or incident.look_at is None or incident.look_at > now:
        return
    due = _moment(incident.look_at)
    match incident.ladder:
        case Ladder.WAITING:
            await work.change(incident.number, ladder=Ladder.NONE, look_at=None)
            detail = (("person", incident.commander),)
            await work.enqueue(
                [
                    PostNotice(
                        incident=incident.number, words="business_day", detail=detail, change=f"due:{due}"
                    )
                ]
            )
        case Ladder.ANSWERED | Ladder.ASKED:
            await _still_on_it(desk, work, incident, now)
        case Ladder.CLIMBING:
            first = incident.acknowledged_at is None
            why = "Nobody has acknowledged." if first else "Nobody new has answered."
            await work.enqueue(await _climbed(desk, work, incident, now, why, f"rung:{due}"))
        case Ladder.NONE:
            await work.change(incident.number, look_at=None)


async def _still_on_it(desk: Desk, work: Transaction, incident: Incident, now: datetime) -> None:
    """Who answered did something since, or is asked, or was asked and said nothing: then the next ones are called."""
    act, asked = await work.last_acts(incident.number)
    last = max(filter(None, (act, incident.acknowledged_at, incident.declared_at)))
    if incident.ladder is Ladder.ASKED and (asked is None or last <= asked):
        why = "Those who answered have been silent."
        await work.enqueue(await _climbed(desk, work, incident, now, why, f"silent:{_moment(now)}"))
    elif incident.ladder is Ladder.ASKED or now < last + desk.still_after:
        following = max(last + desk.still_after, now + timedelta(seconds=1))
        await work.change(incident.number, ladder=Ladder.ANSWERED, look_at=following)
    else:
        await work.change(incident.number, ladder=Ladder.ASKED, look_at=now + policy.STILL_WITHIN)
        await work.add_entry(incident.number, "", EntryKind.ASKED_IF_STILL)
        await work.enqueue([AskIfStill(incident=incident.number, change=_moment(now))])


async def _climbed(
    desk: Desk, work: Transaction, incident: Incident, now: datetime, why: str, change: str, actor: str = ""
) -> list[Effect]:
    """Call the people of the next rung, once; above the last one the incidents channel."""
    runbook = await desk.editions.of(incident)
    severity = runbook.severity(incident.severity)
    rungs = ladder(runbook, severity, list(desk.contacts)) if severity else ()
    step = incident.rung
    rung = rungs[step] if step < len(rungs) else None
    following = rungs[step + 1].after - rungs[step].after if step + 1 < len(rungs) else None
    effects, known, reached = await _called(desk, work, incident, severity, rung, why, change)
    if following is not None and not reached:
        following = timedelta(0)  # a step that reaches nobody is not waited for
    await work.change(
        incident.number,
        ladder=Ladder.CLIMBING,
        rung=step + 1,
        look_at=None if following is None else now + following,
    )
    detail = {
        "why": why,
        "to": ", ".join(reached),
        "known": ", ".join(name for name in known if name not in reached),
        "line": str(rung.line if rung else 0),
        "step": str(step + 1),
        "of": str(len(rungs)),
    }
    await work.add_entry(incident.number, actor, EntryKind.ESCALATED, **detail)
    people = " ".join(in_slack_as(desk, await work.pages(incident.number), reached))
    said = PostNotice(
        incident=incident.number,
        words="escalated",
        detail=(*detail.items(), ("people", people)),
        change=change,
    )
    return [*effects, said, RefreshAlert(incident=incident.number, change=change)]


async def _called(
    desk: Desk,
    work: Transaction,
    incident: Incident,
    severity: Severity | None,
    rung: Rung | None,
    why: str,
    change: str,
) -> tuple[list[Effect], list[str], list[str]]:
    """The effects of one rung, which of its names were called before, and which are reached by it."""
    effects: list[Effect] = []
    names = list(rung.names) if rung else []
    known: list[str] = []
    reached: list[str] = []
    if rung and names:
        situation = await work.situation(incident.number)
        assert situation is not None
        known = [name for name in names if was_called(desk, situation, name)]
        sought = asked_anew(desk, incident, known, change)
        others = [name for name in known if name not in desk.on_call]
        effects, again = await called_again(desk, work, situation, others, "has not answered")
        effects += sought
        again += [each.contact for each in sought]
        called = policy.call_out(
            severity.rank if severity else policy.WORST,
            [name for name in names if name not in known],
            rung.unmatched,
            False,
            desk.contacts,
            desk.on_call,
        )
        summoning, new = await summoned(desk, work, incident, called, Cause(change))
        effects += summoning
        mentioned = [name for name in known if any(is_for(desk, page, name) for page in situation.pages)]
        reached = [name for name in names if name in (*again, *new, *mentioned)]
    if rung is None or rung.everyone:
        reached.append("everyone")
        if not incident.private:
            effects.append(
                CallEveryone(
                    incident=incident.number,
                    channel_name=desk.channel_name,
                    why=_for_everyone(incident, why),
                    cause=f":{change}",
                )
            )
    return effects, known, reached


def _for_everyone(incident: Incident, why: str) -> str:
    """Why the incidents channel is called, as the middle of a sentence."""
    return "nobody has answered" if incident.acknowledged_at is None else why[0].lower() + why[1:].rstrip(".")


async def escalate(desk: Desk, request: Request, number: int) -> Outcome:
    """Call the next ones now, without waiting. The outcome is `escalated` or `refused`."""

    async def change(work: Transaction) -> Outcome:
        incident = await held(work, request, number)
        must_be_open(incident)
        must_be_real(incident)
        runbook = await desk.editions.of(incident)
        severity = runbook.severity(incident.severity)
        rungs = ladder(runbook, severity, list(desk.contacts)) if severity else ()
        if severity is not None and waits(severity):
            raise Refused(
                f"{severity.id} waits for the next business day, nobody is called for it. Raise it with "
                "`/incident severity`, or call somebody: `/incident page WHO`. Nobody was called."
            )
        if incident.rung >= max(1, len(rungs)):
            raise Refused(
                "Nobody is left up the ladder. Call somebody by name: `/incident page WHO`. Nobody was called."
            )
        why = "Somebody asked for more people."
        effects = await _climbed(desk, work, incident, await work.now(), why, request.change, request.actor)
        await work.enqueue(effects)
        after = await work.lock(number)
        assert after is not None
        return Outcome("escalated", number, {"step": str(after.rung)})

    return await once(desk, request, change)


async def still_on_it(desk: Desk, request: Request, number: int) -> Outcome:
    """Somebody says that they are still on it. The outcome is `still_on_it`."""

    async def change(work: Transaction) -> Outcome:
        incident = await held(work, request, number)
        must_be_open(incident)
        situation = await work.situation(number)
        assert situation is not None
        severity = (await desk.editions.of(incident)).severity(incident.severity)
        await work.change(number, **next_look(desk, incident, severity, await work.now()))
        await work.add_entry(number, request.actor, EntryKind.STILL_ON_IT)
        own = contacts_of(desk, situation, request.actor)
        await work.enqueue(
            [
                *await answered(work, number, request.change, own),
                notice(incident, request, "still_on_it", actor=request.actor),
                *refreshed(number, request.change),
            ]
        )
        return Outcome("still_on_it", number)

    return await once(desk, request, change)
