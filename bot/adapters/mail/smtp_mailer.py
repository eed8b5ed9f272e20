"""Sends invitations by SMTP (RFC 5321), encrypted, each over a connection of its own. Blocking; run in threads."""

import contextlib
import smtplib
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from bot.adapters.mail.invitation_mail import build_mail, get_host
from bot.adapters.paging.thread_pool import ThreadPool, WorkNotStarted, WorkTimedOut
from bot.ports.mail import Invitation, MailAnswerLost, MailBusy, MailRefused
from bot.settings.mail_settings import ADDRESS, MailServer

T = TypeVar("T")
AT_ONCE = 4
"""Mails at the same time."""

TIMEOUT_S = 5.0
"""Seconds for one mail, the connection included: less than the lease of an effect."""

AWAY = "The mail server cannot be reached."


class SmtpMailer:
    """The Mailer port on one mail server. `sender` are the name and the address of who sends."""

    def __init__(
        self,
        server: MailServer,
        sender: tuple[str, str],
        tls: Callable[[], ssl.SSLContext] = ssl.create_default_context,
        within: float = TIMEOUT_S,
    ) -> None:
        self._server, self._sender, self._tls, self._within = server, sender, tls, within
        self._threads = ThreadPool(AT_ONCE)

    async def send(self, invitation: Invitation) -> None:
        if not ADDRESS.fullmatch(invitation.address):
            raise MailRefused("The e-mail address in Slack is none that mail can be sent to.")
        mail = build_mail(invitation, self._sender)
        await self._run(lambda: self._deliver(invitation.address, mail))

    async def examine(self) -> str:
        return await self._run(self._greet)

    async def _run(self, work: Callable[[], T]) -> T:
        try:
            return await self._threads.run(work, self._within)
        except WorkNotStarted:
            raise MailBusy("The mail server was not asked in time.") from None
        except WorkTimedOut:
            raise MailAnswerLost("The mail server did not answer in time.") from None

    def _greet(self) -> str:
        with self._connect() as smtp:
            smtp.noop()
            return f"{self._server.host}:{self._server.port}"

    def _deliver(self, address: str, mail: bytes) -> None:
        with self._connect() as smtp:
            with _translate():
                _judge(
                    smtp.mail(self._sender[1])[0], "The mail server does not take mail from TOCSIN_MAIL_FROM"
                )
                _judge(smtp.rcpt(address)[0], "The mail server refuses the address")
            try:
                code, _ = smtp.data(mail)
            except smtplib.SMTPDataError as early:  # before anything of the mail was sent
                code = early.smtp_code
            except (OSError, smtplib.SMTPException):
                raise MailAnswerLost("The mail server did not say whether it took the mail.") from None
            _judge(code, "The mail server refuses the mail")

    @contextlib.contextmanager
    def _connect(self) -> Iterator[smtplib.SMTP]:
        """A connection that is encrypted and knows who we are."""
        with _translate():
            smtp = self._open(time.monotonic() + self._within)
        try:
            yield smtp
        finally:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                smtp.quit()
            smtp.close()

    def _open(self, deadline: float) -> smtplib.SMTP:
        server, name = self._server, get_host(self._sender)
        if server.is_tls:
            smtp: smtplib.SMTP = _TimedSmtpOverTls(
                server.host, server.port, name, timeout=self._within, context=self._tls()
            )
        else:
            smtp = _TimedSmtp(server.host, server.port, name, timeout=self._within)
        try:
            smtp.deadline = deadline  # type: ignore[attr-defined] # both classes have it
            smtp.ehlo_or_helo_if_needed()
            if not (server.is_tls or server.is_local):
                smtp.starttls(context=self._tls())
            if server.user:
                smtp.login(server.user, server.password)
        except BaseException:
            smtp.close()
            raise
        return smtp


class _Deadline:
    """Each answer is waited for until the deadline of the whole mail, and no longer."""

    deadline = float("inf")
    sock: socket.socket | None

    def getreply(self) -> tuple[int, bytes]:
        if self.sock is not None and self.deadline != float("inf"):
            self.sock.settimeout(max(0.05, self.deadline - time.monotonic()))
        return super().getreply()  # type: ignore[misc,no-any-return] # smtplib's


class _TimedSmtp(_Deadline, smtplib.SMTP):
    """In plain, or until STARTTLS."""


class _TimedSmtpOverTls(_Deadline, smtplib.SMTP_SSL):
    """Encrypted from the first byte."""


@contextlib.contextmanager
def _translate() -> Iterator[None]:
    """What goes wrong before the mail is handed over: surely not sent."""
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise MailRefused(
            f"The mail server's certificate is not to be trusted ({error.verify_message})."
        ) from None
    except smtplib.SMTPAuthenticationError as error:
        _judge(error.smtp_code, "The mail server does not take the user or the password")
        raise MailRefused("The mail server does not take the user or the password.") from None
    except smtplib.SMTPNotSupportedError:
        raise MailRefused("The mail server offers no encryption, or no login.") from None
    except smtplib.SMTPResponseException as error:
        _judge(error.smtp_code, "The mail server refuses the connection")
        raise MailBusy(AWAY) from None
    except (OSError, smtplib.SMTPException):
        raise MailBusy(AWAY) from None


def _judge(code: int, words: str) -> None:
    """Nothing where the server agrees. What it says itself is not repeated: it names addresses."""
    if 200 <= code < 400:
        return
    if 500 <= code < 600:
        raise MailRefused(f"{words} ({code}).")
    raise MailBusy(f"{words} for now ({code})." if code > 0 else AWAY)
