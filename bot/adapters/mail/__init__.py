"""The mail server by which invitations go out, by the settings."""

from email.utils import parseaddr

from bot.ports.mail import Mailer
from bot.settings.mail_settings import MailSettings, parse_mail_server


def open_mailer(settings: MailSettings) -> Mailer | None:
    """The one that the settings name; None without one."""
    if settings.smtp_url is None or not settings.mail_from:
        return None
    from bot.adapters.mail.smtp_mailer import SmtpMailer

    return SmtpMailer(parse_mail_server(settings.smtp_url.get_secret_value()), parseaddr(settings.mail_from))
