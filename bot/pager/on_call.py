"""Who is on call now, by any source: a schedule, a user group, a calendar. Always an answer, with what is wrong."""

import asyncio
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from bot.contacts import ContactBook, Handle, Kind, Source, SourceKind
from bot.pager.calendar import MAIL, MAX_TEXT, Broken, Shift, roster
from bot.pager.pagers import Pagers
from bot.pager.threads import NotBegun, NotFinished
from bot.paging import Copy, Duty, OnDuty
from bot.settings import named

WITHIN = 5.0
"""Seconds for a source: less than the lease of the effect that asks it."""


class OnCallSources:
    """The OnCall port."""

    def __init__(self, book: ContactBook, pagers: Pagers) -> None:
        self._book = book
        self._pagers = pagers

    async def on_call(self, source: Source, at: datetime, last: Copy | None = None) -> Duty:
        """Who is on call at this instant."""
        match source.kind:
            case SourceKind.GROUP:
                return Duty(
                    (OnDuty("everybody of the user group", (Handle(Kind.SLACK_GROUP, source.value),)),)
                )
            case SourceKind.SCHEDULE:
                return await self._schedule(source.value, at)
            case SourceKind.CALENDAR:
                return await self._calendar(source.value, at, last)

    async def _schedule(self, schedule: str, at: datetime) -> Duty:
        from httpx2 import HTTPError
        from pagerduty import Error

        from bot.pager.wire import TooMuch, Unsuccessful

        what = f"The PagerDuty schedule {schedule}"
        try:
            people = await self._pagers.threads.run(lambda: self._pagers.duty.on_call(schedule, at), WITHIN)
        except Unsuccessful as answer:
            return Duty(problem=f"{what} cannot be read ({answer.status}).")
        except (Error, HTTPError, TooMuch, NotBegun, NotFinished):
            return Duty(problem=f"{what} cannot be read: PagerDuty did not answer.")
        except ValueError:
            return Duty(problem=f"{what} cannot be read: the answer was not understood.")
        return Duty(people, "" if people else f"{what} has nobody on call now.")

    async def _calendar(self, place: str, at: datetime, last: Copy | None) -> Duty:
        problem = ""
        zone = self._book.hours.zone if self._book.hours else "UTC"
        what = f"The on-call calendar {_shown(place)}"
        try:
            text = await self._text(place)
            now = await self._pagers.threads.run(lambda: roster(text, at, zone), WITHIN)
            copy: Copy | None = Copy(text, at)
        except (Broken, NotBegun, NotFinished) as error:
            why = str(error) or "reading it took too long"
            if last is None:
                return Duty(problem=f"{what} cannot be used: {why}.")
            problem = f"{what} cannot be used: {why}. This is from {_age(at - last.read_at)} ago."
            now, copy = await asyncio.to_thread(roster, last.text, at, zone), last
        people = tuple(dict.fromkeys(person for shift in now.shifts for person in on_duty(shift, self._book)))
        if not people:
            problem = f"{problem} {what} has nobody on call now.".strip()
        elif strange := [person.name for person in people if not person.handles]:
            names = " and ".join(f"“{name[:80]}”" for name in strange)
            problem = f"{problem} {what} names {names}, whom the contacts file does not know.".strip()
        if now.unusable:
            title, why = now.unusable[0]
            more = f" and {len(now.unusable) - 1} more" if len(now.unusable) > 1 else ""
            problem = f"{problem} {what} has an event that cannot be used, “{title}”: {why}{more}.".strip()
        return Duty(people, problem, copy)

    async def _text(self, place: str) -> str:
        """A calendar's text, by its path or address or by a setting that holds one. Raises Broken."""
        if "://" not in place and not place.endswith(".ics"):
            try:
                secret = named(place)
            except OSError as error:
                raise Broken(f"{place} cannot be read: {error.strerror}") from None
            if secret is None:
                raise Broken(f"{place} is not set")
            place = re.sub(r"^webcals?:", "https:", secret.get_secret_value())
        if "://" in place:
            return await _fetched(place)
        try:
            return await asyncio.to_thread(_read, Path(place))
        except OSError as error:
            raise Broken(error.strerror or "it cannot be read") from None


def on_duty(shift: Shift, book: ContactBook) -> Iterator[OnDuty]:
    """The people of an event: those who attend it, else whom its title names, else the title with no handles."""
    if shift.people:
        for name, mail in shift.people:
            known = book.ways(name) if name else ()
            mailed = (Handle(Kind.SLACK_EMAIL, mail),) if mail else ()
            yield OnDuty(name or mail, known or mailed, shift.ends)
        return
    title = shift.summary.casefold()
    named = []
    for name in sorted(book.handles, key=len, reverse=True):
        whole = rf"(?<!\w){re.escape(name.casefold())}(?!\w)"
        if re.search(whole, title):
            named.append(name)
            title = re.sub(whole, " ", title)  # “Ana Maria” is not “Ana” too
            yield OnDuty(name, book.ways(name), shift.ends)
    mails = [] if named else MAIL.findall(shift.summary)
    for mail in mails:
        yield OnDuty(mail, (Handle(Kind.SLACK_EMAIL, mail),), shift.ends)
    if not named and not mails:
        yield OnDuty(shift.summary or "an event without a title", (), shift.ends)


async def _fetched(address: str) -> str:
    import httpx

    body = bytearray()
    try:
        async with (
            asyncio.timeout(WITHIN),
            httpx.AsyncClient(timeout=WITHIN, follow_redirects=False) as client,
            client.stream("GET", address) as answer,
        ):
            if answer.status_code != 200:
                raise Broken(f"its server answered {answer.status_code}")
            async for piece in answer.aiter_bytes():
                body += piece
                if len(body) > MAX_TEXT:
                    raise Broken("it is too large")
    except (TimeoutError, httpx.TimeoutException):
        raise Broken("its server did not answer in time") from None
    except (httpx.HTTPError, httpx.InvalidURL):
        raise Broken("its server cannot be reached") from None
    return body.decode("utf-8-sig", "replace")


def _read(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(MAX_TEXT + 1).decode("utf-8-sig", "replace")


def _shown(place: str) -> str:
    """A calendar's name without what may be secret in its address."""
    return urlsplit(place).hostname or "calendar" if "://" in place else Path(place).name


def _age(span: timedelta) -> str:
    minutes = int(span.total_seconds()) // 60
    if minutes < 120:
        return f"{minutes} minutes"
    return f"{minutes // 60} hours" if minutes < 2880 else f"{minutes // 1440} days"
