"""What people did with a page at its provider: an answer on the phone counts like one in Slack."""

from bot.calls import Way
from bot.effects import PostNotice, RefreshPage
from bot.incident import EntryKind, Incident, Outcome, Situation
from bot.lifecycle.answers import answered, contacts_of
from bot.lifecycle.calling import next_look
from bot.lifecycle.desk import Desk, Request, once
from bot.lifecycle.respond import refreshed
from bot.lifecycle.waiting import moved_on
from bot.paging import Answered, PageNews
from bot.ports import Transaction


async def heard(desk: Desk, news: PageNews) -> Outcome:
    """Somebody acknowledged or resolved a page at PagerDuty. The outcome is `noticed`, or `nothing_new`."""
    number, way = _meant(desk, news.key)
    if number is None or news.what is Answered.OTHER:
        return Outcome("nothing_new")
    request = Request(f"pagerduty:{news.id}", "")

    async def change(work: Transaction) -> Outcome:
        incident = await work.lock(number)
        situation = await work.situation(number)
        page = await work.way(way)
        if incident is None or situation is None or page is None or page.incident != number:
            return Outcome("nothing_new")
        await _noted(desk, work, request, situation, page, news)
        return Outcome("noticed", number)

    return await once(desk, request, change)


def _meant(desk: Desk, key: str) -> tuple[int | None, int]:
    """The incident and the way that a page's key names, when the page is this installation's."""
    ours, _, rest = key.partition(":way:")
    number, _, way = rest.partition(":")
    if ours != desk.store.installation or not (number.isdigit() and way.isdigit()):
        return None, 0
    return int(number), int(way)


async def _noted(
    desk: Desk, work: Transaction, request: Request, situation: Situation, page: Way, news: PageNews
) -> None:
    incident, number = situation.incident, situation.incident.number
    over = news.what is Answered.RESOLVED
    # Our own acknowledgement and resolution come back as news too. Whose page it is may answer after it went quiet.
    ours = page.ended_at if over else page.acknowledged_at or page.quieted_at
    if ours is not None and (page.acknowledged_at or page.handle != f"pagerduty:user/{news.person}"):
        return
    if not news.person:
        await _by_nobody(desk, work, request, incident, page, over)
        return
    await work.change_way(page.id, *(("acknowledged", "ended") if over else ("acknowledged",)), "settled")
    person = _in_slack(situation, page, news)
    detail = {"who": news.who or "somebody", "contact": page.contact, "person": person or ""}
    if not incident.status.is_open or _is_of_before(situation, page):
        detail["status"] = "" if incident.status.is_open else incident.status
        await _say(work, number, "answered_too_late", request, detail)
        return
    if over:
        await _say(work, number, "page_resolved", request, detail)
    if page.acknowledged_at is None:
        await _answered(desk, work, request, situation, page, detail)


def _is_of_before(situation: Situation, page: Way) -> bool:
    """Whether the page ended before the incident was reopened: its news comes late."""
    reopened = [entry.at for entry in situation.entries if entry.kind is EntryKind.REOPENED]
    return bool(page.ended_at and reopened and page.ended_at < reopened[-1])


async def _by_nobody(
    desk: Desk, work: Transaction, request: Request, incident: Incident, page: Way, over: bool
) -> None:
    """PagerDuty, or a service there, did it by itself: no answer of a person. What it ended is called another way."""
    if over:
        await work.change_way(page.id, "ended")
        await moved_on(desk, work, page, f"PagerDuty closed the page of {page.contact} by itself.")
    elif incident.status.is_open and page.is_waiting:
        await _say(work, incident.number, "answered_by_nobody", request, {"contact": page.contact})


async def _answered(
    desk: Desk, work: Transaction, request: Request, situation: Situation, page: Way, detail: dict[str, str]
) -> None:
    incident = situation.incident
    number, now = incident.number, await work.now()
    seconds = str(int((now - incident.declared_at).total_seconds()))
    actor = detail["person"]
    is_first = incident.acknowledged_at is None
    if is_first:
        by = actor or f"{detail['who']} (PagerDuty)"
        await work.change(number, acknowledged_at="now", acknowledged_by=by)
    severity = (await desk.editions.of(incident)).severity(incident.severity)
    await work.change(number, **next_look(desk, incident, severity, now))
    kept = {"seconds": seconds, "who": detail["who"], "page": page.contact}
    await work.add_entry(number, actor, EntryKind.ACKNOWLEDGED, **kept)
    own = contacts_of(desk, situation, actor) if actor else []
    await work.enqueue(await answered(work, number, request.change, [page.contact, *own]))
    if actor:
        await work.page_acknowledged(number, actor)
        await work.enqueue([RefreshPage(incident=number, person=actor, change=request.change)])
    await work.enqueue(refreshed(number, request.change))
    await _say(work, number, "acknowledged_there", request, {**detail, "seconds": seconds})


async def _say(work: Transaction, number: int, words: str, request: Request, detail: dict[str, str]) -> None:
    await work.enqueue(
        [PostNotice(incident=number, words=words, detail=tuple(detail.items()), change=request.change)]
    )


def _in_slack(situation: Situation, page: Way, news: PageNews) -> str | None:
    """Who that is in Slack: the one person who was called as the contact that has this PagerDuty user."""
    contacts = {each.contact for each in situation.ways if each.handle == f"pagerduty:user/{news.person}"}
    people = {each.person for each in situation.pages if each.contact in contacts}
    return people.pop() if len(people) == 1 else None
