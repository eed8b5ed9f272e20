"""The mail server: a real one on this machine, well and unwell; and what a calendar finds in a mail."""

import socket
import ssl
import subprocess
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import icalendar
import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword

from bot.adapters.mail import open_mailer
from bot.adapters.mail.invitation_mail import build_calendar, build_mail
from bot.adapters.mail.smtp_mailer import SmtpMailer
from bot.errors import SettingsProblem
from bot.ports.mail import Invitation, MailAnswerLost, MailBusy, MailRefused
from bot.settings import read_some
from bot.settings.mail_settings import MailServer, MailSettings, parse_mail_server
from tests.mailbox import Mailbox, serve_mail

AT = datetime(2026, 12, 2, 9, 30, tzinfo=UTC)
SENDER = ("Tocsin", "incidents@team.example")
MAIL = Invitation(
    uid="inc-42-review.1f2e",
    message="inc-42-review.1f2e.0.U0BRUNO",
    sequence=0,
    is_cancelled=False,
    address="bruno@team.example",
    name="Bruno Keller",
    title="Post-mortem of INC-42: API is down",
    subject="Post-mortem of INC-42: API is down",
    text="Post-mortem\nWhen: Wed 2 Dec",
    place="https://call.example/42",
    starts_at=AT,
    ends_at=AT + timedelta(minutes=45),
    changed_at=AT - timedelta(days=1),
)
HOSTILE = 'A; b, c \\ "d"\r\nBcc: evil@example.com\r\nEND:VEVENT\x00 ünï🔥 ' + "long " * 60


def test_every_calendar_reads_the_same_event() -> None:
    mail = message_from_bytes(build_mail(MAIL, SENDER), policy=policy.default)
    plain, calendar = mail.iter_parts()
    assert (plain.get_content_type(), calendar.get_content_type()) == ("text/plain", "text/calendar")
    assert calendar.get_param("method") == "REQUEST" and mail.get_content_subtype() == "alternative"
    text = calendar.get_content()
    parsed = icalendar.Calendar.from_ical(text)
    event: Any = parsed.walk("VEVENT")[0]
    assert parsed["METHOD"] == "REQUEST" and event["STATUS"] == "CONFIRMED"
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (MAIL.starts_at, MAIL.ends_at)
    assert event["UID"] == "inc-42-review.1f2e@team.example" and event["SEQUENCE"] == 0
    assert event["ORGANIZER"] == "mailto:incidents@team.example"
    assert event["ATTENDEE"] == "mailto:bruno@team.example" and event["ATTENDEE"].params["RSVP"] == "TRUE"
    assert "DTSTART:20261202T093000Z" in text
    assert build_mail(MAIL, SENDER) == build_mail(MAIL, SENDER)


def test_hostile_words_stay_words_in_headers_and_in_the_calendar() -> None:
    hostile = replace(MAIL, title=HOSTILE, subject=HOSTILE, name=HOSTILE, text=HOSTILE)
    raw = build_mail(hostile, SENDER)
    mail = message_from_bytes(raw, policy=policy.default)
    assert mail["Bcc"] is None and [each.addr_spec for each in mail["To"].addresses] == ["bruno@team.example"]
    assert all(len(line) <= 78 and not line.endswith(b"\r") for line in raw.split(b"\r\n"))
    assert raw.isascii() and b"\n" not in raw.replace(b"\r\n", b"")
    written = build_calendar(hostile, SENDER)
    assert all(len(line.encode()) <= 75 for line in written.split("\r\n"))
    (event,) = icalendar.Calendar.from_ical(written).walk("VEVENT")
    assert len(icalendar.Calendar.from_ical(written).subcomponents) == 1
    assert str(event["SUMMARY"]).startswith('A; b, c \\ "d" Bcc: evil@example.com END:VEVENT')
    assert "BCC" not in event


async def test_a_mail_arrives_and_a_cancelled_meeting_says_so() -> None:
    box = Mailbox()
    with serve_mail(box) as port:
        mailer = SmtpMailer(MailServer("127.0.0.1", port, is_tls=False), SENDER)
        await mailer.send(MAIL)
        await mailer.send(replace(MAIL, sequence=1, is_cancelled=True))
        assert await mailer.examine() == f"127.0.0.1:{port}"
    assert [mail["Message-ID"] for mail in box.mails] == ["<inc-42-review.1f2e.0.U0BRUNO@team.example>"] * 2
    _, calendar = box.mails[1].iter_parts()
    assert calendar.get_param("method") == "CANCEL" and "STATUS:CANCELLED" in calendar.get_content()


@pytest.mark.parametrize(
    ("refusal", "error", "words"),
    [
        ("550 5.1.1 no such user bruno@team.example", MailRefused, "refuses the address (550)"),
        ("451 greylisted", MailBusy, "refuses the address for now (451)"),
    ],
)
async def test_a_refused_recipient_is_a_sentence_without_the_address(
    refusal: str, error: type[Exception], words: str
) -> None:
    box = Mailbox()
    box.refusal = refusal
    with serve_mail(box) as port, pytest.raises(error) as raised:
        await SmtpMailer(MailServer("127.0.0.1", port, is_tls=False), SENDER).send(MAIL)
    assert words in str(raised.value) and "@" not in str(raised.value)


@pytest.mark.parametrize(
    ("answer", "error"), [("554 spam", MailRefused), ("452 full", MailBusy), ("", MailAnswerLost)]
)
async def test_what_becomes_of_a_mail_that_was_handed_over(answer: str, error: type[Exception]) -> None:
    box = Mailbox()
    box.answer = answer
    with serve_mail(box) as port, pytest.raises(error):
        await SmtpMailer(MailServer("127.0.0.1", port, is_tls=False), SENDER).send(MAIL)
    assert len(box.mails) == 1


async def test_a_server_that_is_away_or_silent_is_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        mailer = SmtpMailer(MailServer("127.0.0.1", port, is_tls=False), SENDER, within=0.4)
        begun = time.monotonic()
        with pytest.raises((MailBusy, MailAnswerLost)):
            await mailer.send(MAIL)
        assert time.monotonic() - begun < 3
    with pytest.raises(MailBusy, match="cannot be reached"):
        await SmtpMailer(MailServer("127.0.0.1", port, is_tls=False), SENDER).send(MAIL)


async def test_a_server_elsewhere_must_offer_encryption() -> None:
    box = Mailbox()
    with serve_mail(box) as port:
        elsewhere = _Elsewhere("127.0.0.1", port, is_tls=False)
        with pytest.raises(MailRefused, match="offers no encryption"):
            await SmtpMailer(elsewhere, SENDER).send(MAIL)
    assert box.mails == []


class _Elsewhere(MailServer):
    """A server of this machine that counts as one of another."""

    @property
    def is_local(self) -> bool:
        return False


async def test_encryption_and_password_are_used_and_a_certificate_is_checked(tmp_path: Path) -> None:
    certificate = _build_certificate(tmp_path)
    own = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    own.load_cert_chain(certificate, tmp_path / "key.pem")
    asked: list[LoginPassword] = []

    def authenticate(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        asked.append(data)
        return AuthResult(success=data.password == b"pass:word", handled=False)

    box = Mailbox()
    options = {
        "tls_context": own,
        "require_starttls": True,
        "authenticator": authenticate,
        "auth_required": True,
    }
    with serve_mail(box, **options) as port:
        address = _Elsewhere("127.0.0.1", port, False, "tocsin", "pass:word")

        def trusting() -> ssl.SSLContext:
            return ssl.create_default_context(cafile=str(certificate))

        await SmtpMailer(address, SENDER, trusting).send(MAIL)
        assert len(box.mails) == 1 and asked[0].login == b"tocsin"
        with pytest.raises(MailRefused, match="certificate is not to be trusted"):
            await SmtpMailer(address, SENDER).send(MAIL)
        wrong = _Elsewhere("127.0.0.1", port, False, "tocsin", "wrong")
        with pytest.raises(MailRefused, match="does not take the user or the password"):
            await SmtpMailer(wrong, SENDER, trusting).examine()
    assert len(box.mails) == 1


def _build_certificate(folder: Path) -> Path:
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "key.pem", "-out", "cert.pem"],
        cwd=folder, check=True, capture_output=True,
    )  # fmt: skip
    return folder / "cert.pem"


def test_the_settings_name_a_server() -> None:
    assert parse_mail_server("smtps://a%40b:p%3Aw@mail.example") == MailServer(
        "mail.example", 465, True, "a@b", "p:w"
    )
    assert parse_mail_server("smtp://mail.example").port == 587
    assert open_mailer(read_some(MailSettings)) is None


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"TOCSIN_SMTP_URL": "mail.example:25"}, "TOCSIN_SMTP_URL must be smtp://"),
        ({"TOCSIN_SMTP_URL": "smtp://tocsin@mail.example"}, "a user without a password"),
        ({"TOCSIN_SMTP_URL": "smtp://u:topsecret@mail.example"}, "TOCSIN_MAIL_FROM is not set"),
        ({"TOCSIN_MAIL_FROM": "incidents@team.example"}, "TOCSIN_SMTP_URL is not"),
        (
            {"TOCSIN_SMTP_URL": "smtp://u:topsecret@mail.example", "TOCSIN_MAIL_FROM": "a@b\nBcc: c@d"},
            "must be an e-mail address",
        ),
        (
            {"TOCSIN_SMTP_URL": "smtp://u:topsecret@mail.example", "TOCSIN_MAIL_FROM": "nobody"},
            "must be an e-mail address",
        ),
    ],
)
def test_settings_that_are_wrong_or_half_given_are_one_sentence(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], why: str
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsProblem) as problem:
        read_some(MailSettings)
    (sentence,) = problem.value.problems
    assert why in sentence and "topsecret" not in sentence
