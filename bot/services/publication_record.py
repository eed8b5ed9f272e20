"""Records what came of publishing a text at a page, and tells the room."""

from bot.domain.effects import Effect, PostNotice, PublishText, RefreshChecklist, RefreshPublicDraft
from bot.domain.incident import Incident, Status
from bot.domain.notices import NotPublishedNotice, PublishedNotice
from bot.domain.public_update import ComponentState, PublicUpdate
from bot.domain.timeline_details import NotPublishedDetail, PublishedDetail
from bot.ports import Transaction
from bot.ports.publication_repository import PostedText
from bot.services.acknowledge import build_alert_refreshes
from bot.services.context import ServiceContext

CUT = " It was too long for the page and was cut."
KEPT = " Under maintenance there, and left so: {names}."


async def record_published(
    desk: ServiceContext, tx: Transaction, update: PublicUpdate, page: str, posted: PostedText
) -> None:
    """A text is public at a page: kept with the provider's ids, told with the link."""
    number, is_end = update.incident, update.status is Status.RESOLVED
    incident = await tx.lock(number)
    assert incident is not None
    await tx.add_public_post(update.id, page, posted.update_id, posted.link)
    await tx.set_page_incident(number, page, update.opening, posted.incident_id, posted.link)
    await tx.set_public_incident(number, update.promised_at, is_end)
    title = desk.status_pages.get(page, page)
    await tx.add_entry(number, "", PublishedDetail(page=title, link=posted.link, status=update.status))
    restored = tuple(
        desk.component_names.get(f"{page}:{id}", id)
        for id, state in update.list_components(page).items()
        if is_end
        and state == ComponentState.OPERATIONAL
        and desk.component_names.get(f"{page}:{id}", id) not in posted.in_maintenance
    )
    notice = PublishedNotice(
        page=title + _describe_what_differs(posted),
        link=posted.link,
        status=update.status,
        by=update.accepted_by[-1] if update.accepted_by else "",
        promised=update.promised_at,
        restored=restored,
    )
    effects = _tell(update, page, PostNotice.say(number, notice, f"{update.id}:{page}"))
    if is_end:
        effects.append(
            RefreshChecklist(incident=number, count=incident.resolutions, change=f"public:{update.id}:{page}")
        )
    await tx.enqueue(effects)


def _describe_what_differs(posted: PostedText) -> str:
    kept = KEPT.format(names=", ".join(posted.in_maintenance)) if posted.in_maintenance else ""
    return (CUT if posted.is_cut else "") + kept


async def record_not_published(
    desk: ServiceContext, tx: Transaction, update: PublicUpdate, page: str, why: str
) -> None:
    """A text could not be published at a page: said in the room, once."""
    number = update.incident
    await tx.lock(number)
    await tx.add_public_post(update.id, page, why=why)
    title = desk.status_pages.get(page, page)
    await tx.add_entry(number, "", NotPublishedDetail(page=title, why=why))
    notice = NotPublishedNotice(page=title, why=why)
    await tx.enqueue(_tell(update, page, PostNotice.say(number, notice, f"{update.id}:{page}")))


async def record_closed_there(
    desk: ServiceContext, tx: Transaction, update: PublicUpdate, page: str, provider_id: str, why: str
) -> None:
    """Somebody ended the incident at the provider: it is not opened there again."""
    await record_not_published(
        desk, tx, update, page, f"the incident was {why} there by somebody; it stays so."
    )
    await tx.close_page_incident(update.incident, page, update.opening, provider_id, why)


def _tell(update: PublicUpdate, page: str, said: PostNotice) -> list[Effect]:
    change = f"{update.id}:{page}"
    return [
        said,
        *build_alert_refreshes(update.incident, f"public:{change}"),
        RefreshPublicDraft(incident=update.incident, update=update.id, change=page),
    ]


def may_be_public(incident: Incident) -> bool:
    """Whether anything of it may go out: asked again right before each call."""
    return not incident.private and not incident.drill


async def handle_dead_text(desk: ServiceContext, tx: Transaction, effect: PublishText, why: str) -> None:
    """It can never be published: said in the room."""
    update = await tx.lock_public_update(effect.update)  # its incident is held already
    assert update is not None
    await record_not_published(desk, tx, update, effect.page, f"{why}.")
