"""The settings of the mail server by which invitations go out."""

import re
from dataclasses import dataclass
from email.utils import parseaddr
from urllib.parse import unquote, urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings

from bot.settings.monitored_systems import CONFIG

LOCAL = ("127.0.0.1", "localhost", "::1")
PORTS = {"smtp": 587, "smtps": 465}
SHAPES = "must be smtp://user:password@smtp.example.com:587 or smtps://user:password@smtp.example.com:465"
ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})*")
"""An e-mail address that every mail server takes: nothing in it ends a header or a command."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """A mail server. Without TLS from the first byte STARTTLS is required, but on this machine; `user` is empty where
    it wants none."""

    host: str
    port: int
    is_tls: bool
    user: str = ""
    password: str = ""

    @property
    def is_local(self) -> bool:
        return self.host in LOCAL


def parse_mail_server(value: str) -> MailServer:
    """What the setting names. Raises ValueError."""
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        raise ValueError(SHAPES) from None
    if parts.scheme not in PORTS or not parts.hostname or parts.path not in ("", "/") or parts.query:
        raise ValueError(SHAPES)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if bool(user) != bool(password):
        raise ValueError(f"has a user without a password, or a password without a user: it {SHAPES}")
    return MailServer(parts.hostname, port or PORTS[parts.scheme], parts.scheme == "smtps", user, password)


class MailSettings(BaseSettings):
    """With what mail is sent, and from whom. One is not used without the other."""

    model_config = CONFIG

    smtp_url: SecretStr | None = Field(None, alias="TOCSIN_SMTP_URL")
    mail_from: str = Field("", alias="TOCSIN_MAIL_FROM", validate_default=True)

    @field_validator("smtp_url")
    @classmethod
    def _server(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            parse_mail_server(value.get_secret_value())
        return value

    @field_validator("mail_from")
    @classmethod
    def _sender(cls, value: str, others: ValidationInfo) -> str:
        server = others.data.get("smtp_url", "wrong")
        if value and server is None:
            raise ValueError("is set, and TOCSIN_SMTP_URL is not: without a mail server nothing can be sent")
        if not value and server is not None and server != "wrong":
            raise ValueError("is not set: it is the address that invitations come from")
        if value and (not ADDRESS.fullmatch(parseaddr(value)[1]) or not value.isprintable()):
            raise ValueError(
                "must be an e-mail address: incidents@example.com or Tocsin <incidents@example.com>"
            )
        return value
