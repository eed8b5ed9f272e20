"""Which contacts the pages of an incident reach."""

from collections.abc import Iterable

from bot.domain import policy
from bot.domain.incident import Situation
from bot.domain.page_attempts import PageAttempt, SlackPage, is_paged_as
from bot.services.context import ServiceContext


def is_for(desk: ServiceContext, call: SlackPage | PageAttempt, name: str) -> bool:
    """Whether this page reaches the contact: it was paged as such, or as another one with the same handle."""
    return is_paged_as(call.contact, name) or _handle(call) in _handles(desk, name)


def is_paged(desk: ServiceContext, situation: Situation, name: str) -> bool:
    """Whether somebody was paged as this contact, or all of its handles were used for others already."""
    if any(is_paged_as(call.contact, name) for call in situation.calls):
        return True
    own = _handles(desk, name)
    asked = (call for call in situation.calls if isinstance(call, SlackPage) or call.requested_at is not None)
    return bool(own) and name not in desk.on_call and own <= set(map(_handle, asked))


def _handle(call: SlackPage | PageAttempt) -> str:
    return f"slack:{call.person}" if isinstance(call, SlackPage) else call.handle


def _handles(desk: ServiceContext, name: str) -> set[str]:
    texts = desk.contacts.get(name, ())
    in_slack = {text for text in texts if text.startswith("slack:")}
    return in_slack | {handle.shown for handle in policy.select_non_slack_handles(texts)}


def find_slack_people(desk: ServiceContext, pages: Iterable[SlackPage], names: Iterable[str]) -> list[str]:
    """The people paged in Slack as these contacts, to be mentioned; not for contacts that are looked up."""
    known, listed = list(pages), [name for name in names if name not in desk.on_call]
    return list(dict.fromkeys(page.person for name in listed for page in known if is_for(desk, page, name)))


def select_paged_in_slack(desk: ServiceContext, situation: Situation, names: Iterable[str]) -> list[str]:
    """Those of these contacts whom a page in Slack reaches, whoever was paged by it."""
    return [name for name in names if any(is_for(desk, page, name) for page in situation.pages)]


def select_failed_pages(
    desk: ServiceContext, situation: Situation, names: Iterable[str], people: Iterable[str]
) -> list[SlackPage]:
    """The pages in Slack of these contacts and people that reached nobody."""
    listed, persons = list(names), set(people)
    return [
        page
        for page in situation.pages
        if page.failed and (page.person in persons or any(is_for(desk, page, name) for name in listed))
    ]
