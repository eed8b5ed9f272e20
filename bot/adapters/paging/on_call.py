"""Looks up who is on call now: in a PagerDuty schedule, a Slack user group or a calendar."""

import asyncio
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from bot.adapters.paging.ical import MAIL, MAX_TEXT, CalendarUnusable, Schedule, Shift, parse_schedule
from bot.adapters.paging.paging_gateway import PagingGateway
from bot.adapters.paging.thread_pool import WorkNotStarted, WorkTimedOut
from bot.contacts import ContactBook, Handle, HandleKind, OnCallSource, OnCallSourceKind
from bot.domain.page_provider import CachedCalendar, OnCallPerson, OnCallResult, merge_people
from bot.settings.setting_lookup import find_setting

FETCH_TIMEOUT_S = 5.0
"""Seconds for a source: less than the lease of the effect that asks it."""


class OnCallGateway:
    """The OnCall port."""

    def __init__(self, book: ContactBook, pagers: PagingGateway) -> None:
        self._book = book
        self._pagers = pagers

    async def on_call(
        self, source: OnCallSource, at: datetime, last: CachedCalendar | None = None
    ) -> OnCallResult:
        """Who is on call at this instant."""
        match source.kind:
            case OnCallSourceKind.GROUP:
                return OnCallResult(
                    (
                        OnCallPerson(
                            "everybody of the user group", (Handle(HandleKind.SLACK_GROUP, source.value),)
                        ),
                    )
                )
            case OnCallSourceKind.SCHEDULE:
                return await self._schedule(source.value, at)
            case OnCallSourceKind.CALENDAR:
                return await self._calendar(source.value, at, last)

    async def _schedule(self, schedule: str, at: datetime) -> OnCallResult:
        from httpx2 import HTTPError
        from pagerduty import Error

        from bot.adapters.paging.pagerduty_http import PagerDutyHttpError, ResponseLimitExceeded

        what = f"The PagerDuty schedule {schedule}"
        try:
            people = await self._pagers.threads.run(
                lambda: self._pagers.duty.on_call(schedule, at), FETCH_TIMEOUT_S
            )
        except PagerDutyHttpError as answer:
            return OnCallResult(problem=f"{what} cannot be read ({answer.status}).")
        except (Error, HTTPError, ResponseLimitExceeded, WorkNotStarted, WorkTimedOut):
            return OnCallResult(problem=f"{what} cannot be read: PagerDuty did not answer.")
        except ValueError:
            return OnCallResult(problem=f"{what} cannot be read: the answer was not understood.")
        return OnCallResult(people, "" if people else f"{what} has nobody on call now.")

    async def _calendar(self, place: str, at: datetime, last: CachedCalendar | None) -> OnCallResult:
        zone = self._book.hours.zone if self._book.hours else "UTC"
        what = f"The on-call calendar {_redact_address(place)}"
        problem = ""
        try:
            text = await self._text(place)
            schedule = await self._pagers.threads.run(lambda: parse_schedule(text, at, zone), FETCH_TIMEOUT_S)
            copy = CachedCalendar(text, at)
        except (CalendarUnusable, WorkNotStarted, WorkTimedOut) as error:
            why = str(error) or "reading it took too long"
            if last is None:
                return OnCallResult(problem=f"{what} cannot be used: {why}.")
            problem = f"{what} cannot be used: {why}. This is from {_age(at - last.read_at)} ago."
            schedule, copy = await asyncio.to_thread(parse_schedule, last.text, at, zone), last
        people = merge_people(
            person for shift in schedule.shifts for person in list_on_call_people(shift, self._book)
        )
        gaps = (_describe_missing(what, people), _describe_unusable(what, schedule))
        return OnCallResult(people, " ".join(filter(None, (problem, *gaps))), copy)

    async def _text(self, place: str) -> str:
        """A calendar's text, by its path or address or by a setting that holds one. Raises CalendarUnusable."""
        if "://" not in place and not place.endswith(".ics"):
            try:
                secret = find_setting(place)
            except OSError as error:
                raise CalendarUnusable(f"{place} cannot be read: {error.strerror}") from None
            if secret is None:
                raise CalendarUnusable(f"{place} is not set")
            place = re.sub(r"^webcals?:", "https:", secret.get_secret_value())
        if "://" in place:
            return await _fetch(place)
        try:
            return await asyncio.to_thread(_read, Path(place))
        except OSError as error:
            raise CalendarUnusable(error.strerror or "it cannot be read") from None


def _describe_missing(what: str, people: Sequence[OnCallPerson]) -> str:
    """Whom a calendar does not give, in a sentence: nobody is on call, or people whom the contacts file lacks."""
    if not people:
        return f"{what} has nobody on call now."
    unknown = [person.name for person in people if not person.handles]
    if not unknown:
        return ""
    names = " and ".join(f"“{name[:80]}”" for name in unknown)
    return f"{what} names {names}, whom the contacts file does not know."


def _describe_unusable(what: str, schedule: Schedule) -> str:
    """The events of a calendar that cannot be used, in a sentence; empty when there are none."""
    if not schedule.unusable:
        return ""
    title, why = schedule.unusable[0]
    others = len(schedule.unusable) - 1
    more = f" and {others} more" if others else ""
    return f"{what} has an event that cannot be used, “{title}”: {why}{more}."


def list_on_call_people(shift: Shift, book: ContactBook) -> Iterator[OnCallPerson]:
    """The people of an event: those who attend it, and besides whom its title names where somebody attends whom the
    contacts file does not know: Slack may not know that address either. Else the title's addresses, or the title with
    no handles."""
    known, strangers = _split_attendees(shift, book)
    yield from known
    if known and not strangers:
        return
    titled = [
        name for name in _find_titled_contacts(shift.summary, book) if not (strangers and book.sources(name))
    ]
    yield from _list_strangers(shift, strangers, titled)
    yield from (_build_titled_person(shift, contact, strangers, book) for contact in titled)
    if not (strangers or titled):
        yield from _list_by_title(shift)


Attendee = tuple[str, str]
"""The name and the e-mail address of somebody who attends; either may be empty."""


def _split_attendees(shift: Shift, book: ContactBook) -> tuple[list[OnCallPerson], list[Attendee]]:
    """Those whom the contacts file knows, and the others."""
    known: list[OnCallPerson] = []
    strangers: list[Attendee] = []
    for name, mail in shift.people:
        if (contact := _contact(name, mail, book)) is not None:
            known.append(OnCallPerson(contact, book.ways(contact), shift.ends))
        else:
            strangers.append((name, mail))
    return known, strangers


def _list_strangers(
    shift: Shift, strangers: Iterable[Attendee], titled: Sequence[str]
) -> Iterator[OnCallPerson]:
    """Those who attend and are none of the contacts that the title names."""
    for name, mail in strangers:
        if not any(_is_about(contact, name, mail) for contact in titled):
            yield OnCallPerson(name or mail, _by_mail(mail), shift.ends)


def _build_titled_person(
    shift: Shift, contact: str, strangers: Iterable[Attendee], book: ContactBook
) -> OnCallPerson:
    """A contact whom the title names; without a handle in Slack, first by the address that they attend with."""
    ways = book.ways(contact)
    if not any(way.text.startswith("slack:") for way in ways):
        own = (mail for name, mail in strangers if _is_about(contact, name, mail))
        ways = (*(handle for mail in own for handle in _by_mail(mail)), *ways)
    return OnCallPerson(contact, ways, shift.ends)


def _list_by_title(shift: Shift) -> Iterator[OnCallPerson]:
    """The addresses in the title, or the title with no handles."""
    mails = MAIL.findall(shift.summary)
    if not mails:
        yield OnCallPerson(shift.summary or "an event without a title", (), shift.ends)
    yield from (OnCallPerson(mail, _by_mail(mail), shift.ends) for mail in mails)


def _by_mail(mail: str) -> tuple[Handle, ...]:
    return (Handle(HandleKind.SLACK_EMAIL, mail),) if mail else ()


def _contact(name: str, mail: str, book: ContactBook) -> str | None:
    """The contact who goes by this name or has this address."""
    for contact, handles in book.handles.items():
        mails = (handle.value.casefold() for handle in handles if handle.kind is HandleKind.SLACK_EMAIL)
        if handles and (contact.casefold() == name.casefold() or (mail and mail.casefold() in mails)):
            return contact
    return None


def _find_titled_contacts(title: str, book: ContactBook) -> Iterator[str]:
    """The contacts that a title names, the longest name first: “Ana Maria” is not “Ana” too."""
    title = title.casefold()
    for name in sorted(book.handles, key=len, reverse=True):
        whole = rf"(?<!\w){re.escape(name.casefold())}(?!\w)"
        if re.search(whole, title):
            title = re.sub(whole, " ", title)
            yield name


def _is_about(contact: str, name: str, mail: str) -> bool:
    """Whether who attends by this name or address is this contact, by the words of both: `devika.rao@…`, `d.rao@…`."""
    words, other = (
        re.findall(r"[^\W\d_]+", text.casefold()) for text in (contact, name or mail.partition("@")[0])
    )
    if not (words and other):
        return False
    return set(words) <= set(other) or set(other) <= set(words) or "".join(other) in _shorten_name(words)


def _shorten_name(words: Sequence[str]) -> Iterator[str]:
    """How addresses spell a name of several words: `devikarao`, `drao`, `devikar`, `dr`, and the other way round."""
    for first, last in ((words[0], words[-1]), (words[-1], words[0])) if len(words) > 1 else ():
        for before, behind in ((first, last), (first[0], last), (first, last[0]), (first[0], last[0])):
            yield before + behind


async def _fetch(address: str) -> str:
    import httpx

    body = bytearray()
    try:
        async with (
            asyncio.timeout(FETCH_TIMEOUT_S),
            httpx.AsyncClient(timeout=FETCH_TIMEOUT_S, follow_redirects=False) as client,
            client.stream("GET", address) as answer,
        ):
            if answer.status_code != 200:
                raise CalendarUnusable(f"its server answered {answer.status_code}")
            async for piece in answer.aiter_bytes():
                body += piece
                if len(body) > MAX_TEXT:
                    raise CalendarUnusable("it is too large")
    except (TimeoutError, httpx.TimeoutException):
        raise CalendarUnusable("its server did not answer in time") from None
    except (httpx.HTTPError, httpx.InvalidURL):
        raise CalendarUnusable("its server cannot be reached") from None
    return body.decode("utf-8-sig", "replace")


def _read(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(MAX_TEXT + 1).decode("utf-8-sig", "replace")


def _redact_address(place: str) -> str:
    """A calendar's name without what may be secret in its address."""
    return urlsplit(place).hostname or "calendar" if "://" in place else Path(place).name


def _age(span: timedelta) -> str:
    minutes = int(span.total_seconds()) // 60
    if minutes < 120:
        return f"{minutes} minutes"
    return f"{minutes // 60} hours" if minutes < 2880 else f"{minutes // 1440} days"
