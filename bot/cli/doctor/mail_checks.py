"""Whether invitations could go out by e-mail: the server is greeted, nothing is sent."""

from collections.abc import AsyncIterator

from bot.adapters.mail import open_mailer
from bot.cli.doctor.lines import CheckLine, Level, Patient, judge
from bot.ports.mail import MailAnswerLost, MailBusy, MailRefused

SECTION = "Mail"


async def check_mail(patient: Patient) -> AsyncIterator[CheckLine]:
    """One line."""
    mailer = open_mailer(patient.settings)
    if mailer is None:
        yield CheckLine(SECTION, Level.GREEN, "none: post-mortem meetings are told by direct messages")
        return
    try:
        where, why = await mailer.examine(), ""
    except (MailRefused, MailBusy, MailAnswerLost) as trouble:
        where, why = "", str(trouble)
    mend = "Set TOCSIN_SMTP_URL right, or unset it with TOCSIN_MAIL_FROM." if why else ""
    yield judge(SECTION, why or f"invitations go out by {where}", mend)
