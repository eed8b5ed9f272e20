"""The port of a mail server: invitations to a meeting, one mail for each person."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class MailRefused(Exception):
    """The server does not take it, and would not take it again: the text says why, as a sentence."""


class MailBusy(Exception):
    """Nothing was sent: it may be tried again."""


class MailAnswerLost(Exception):
    """The mail was handed over, and no answer came: it may have gone out or not."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """A mail that asks one person to a meeting, or says that it is cancelled. `uid` stays the same for a meeting, and
    `sequence` rises with each change of it; `message` makes the mail's id, the same whenever it is sent again. `title`
    is what a calendar shows, `subject` that of the mail, `text` what people read who have no calendar."""

    uid: str
    message: str
    sequence: int
    is_cancelled: bool
    address: str
    name: str
    title: str
    subject: str
    text: str
    place: str
    starts_at: datetime
    ends_at: datetime
    changed_at: datetime


class Mailer(Protocol):
    """One mail server. `send` and `examine` raise MailRefused, MailBusy or MailAnswerLost."""

    async def send(self, invitation: Invitation) -> None:
        """Hand one mail over. No server tells whether it has one already: the same mail again has the same id, and a
        calendar that knows its sequence is not changed by it."""

    async def examine(self) -> str:
        """What the server is, in a few words, once it took our name and password. Sends nothing."""
