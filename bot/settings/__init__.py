"""Settings: read once from the environment (or files in a secrets folder), checked all at once."""

import logging
import os
import re
from datetime import timedelta
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings

from bot.errors import SettingsProblem
from bot.settings.monitored_systems import CONFIG
from bot.settings.remediation_settings import SystemSettings
from bot.settings.setting_lookup import find_secrets_folder, find_setting
from bot.text.bridge_url import explain_unusable_bridge

log = logging.getLogger(__name__)

DEFAULT_CHANNEL = "incident-response"
"""Where incidents are announced when neither a setting nor the runbook names a channel."""

ROOT = Path(__file__).resolve().parents[2]
IS_CLONE = (ROOT / "pyproject.toml").is_file()
"""Whether this is a clone; else a package, in whose folder nothing is written."""


def find_data_folder() -> Path:
    """Where the private database lives: beside the clone's `tocsin`, else where this user's state belongs."""
    if IS_CLONE:
        return ROOT / ".tocsin"
    state = os.environ.get("XDG_STATE_HOME", "")
    return (Path(state) if state.startswith("/") else Path.home() / ".local" / "state") / "tocsin"


DURATION = re.compile(r"^(\d+)\s*([smhd])$")
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class StoreSettings(BaseSettings):
    """Where the database is: all that the commands beside a bot need."""

    model_config = CONFIG

    database_url: SecretStr | None = Field(None, alias="TOCSIN_DATABASE_URL")
    database_direct_url: SecretStr | None = Field(None, alias="TOCSIN_DATABASE_DIRECT_URL")
    data_dir: Path = Field(default_factory=find_data_folder, alias="TOCSIN_DATA_DIR")
    postgres_bin: Path | None = Field(None, alias="TOCSIN_POSTGRES_BIN")
    keep_months: int | None = Field(None, alias="TOCSIN_KEEP_MONTHS", ge=1)


class Settings(StoreSettings, SystemSettings):
    """Every name that Tocsin itself reads."""

    slack_bot_token: SecretStr = Field(alias="SLACK_BOT_TOKEN")
    slack_app_token: SecretStr | None = Field(None, alias="SLACK_APP_TOKEN")
    slack_signing_secret: SecretStr | None = Field(None, alias="SLACK_SIGNING_SECRET", validate_default=True)
    slack_api_url: str = Field("https://slack.com/api/", alias="SLACK_API_URL")
    runbook: Path = Field(ROOT / "templates" / "runbook.md", alias="TOCSIN_RUNBOOK")
    runbook_url: str = Field("", alias="TOCSIN_RUNBOOK_URL")
    call_url: str = Field("", alias="TOCSIN_CALL_URL")
    contacts: Path | None = Field(None, alias="TOCSIN_CONTACTS")
    channel: str = Field("", alias="TOCSIN_CHANNEL")
    heartbeat_url: str = Field("", alias="TOCSIN_HEARTBEAT_URL")
    pagerduty_api_key: SecretStr | None = Field(None, alias="PAGERDUTY_API_KEY")
    pagerduty_from: str = Field("", alias="PAGERDUTY_FROM")
    pagerduty_service: str = Field("", alias="PAGERDUTY_SERVICE")
    pagerduty_webhook_secret: SecretStr | None = Field(None, alias="PAGERDUTY_WEBHOOK_SECRET")
    pagerduty_api_url: str = Field("https://api.pagerduty.com", alias="PAGERDUTY_API_URL")
    pagerduty_events_url: str = Field("https://events.pagerduty.com", alias="PAGERDUTY_EVENTS_URL")
    http: str = Field("127.0.0.1:3000", alias="TOCSIN_HTTP")
    update_every: timedelta | None = Field(None, alias="TOCSIN_UPDATE_EVERY")
    still_on_it: timedelta = Field(timedelta(minutes=30), alias="TOCSIN_STILL_ON_IT")

    @field_validator("slack_bot_token")
    @classmethod
    def _bot_token(cls, value: SecretStr) -> SecretStr:
        if not value.get_secret_value().startswith("xoxb-"):
            raise ValueError("must be a bot token: it begins with xoxb-")
        return value

    @field_validator("slack_app_token")
    @classmethod
    def _app_token(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not value.get_secret_value().startswith("xapp-"):
            raise ValueError("must be an app-level token: it begins with xapp-")
        return value

    @field_validator("slack_signing_secret")
    @classmethod
    def _secret_over_http(cls, value: SecretStr | None, others: ValidationInfo) -> SecretStr | None:
        # A token that is wrong is not among the others: then Socket Mode is meant all the same.
        if value is None and others.data.get("slack_app_token", "wrong") is None:
            raise ValueError(f"is not set. {WHERE['SLACK_SIGNING_SECRET']}".rstrip("."))
        return value

    @field_validator("slack_api_url", "runbook_url")
    @classmethod
    def _address(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("must be an address that begins with https://")
        return value

    @field_validator("call_url")
    @classmethod
    def _call(cls, value: str) -> str:
        if value and (why := explain_unusable_bridge(value)):
            raise ValueError(why)
        return value

    @field_validator("slack_api_url")
    @classmethod
    def _ends_with_slash(cls, value: str) -> str:
        return value if value.endswith("/") else value + "/"

    @field_validator("pagerduty_api_url", "pagerduty_events_url")
    @classmethod
    def _safe_address(cls, value: str) -> str:
        host = urlsplit(value).hostname or ""
        if not value.startswith("https://") and not (
            value.startswith("http://") and host in ("127.0.0.1", "localhost", "::1")
        ):
            raise ValueError("must be an address that begins with https://")
        return value.rstrip("/")

    @field_validator("pagerduty_service")
    @classmethod
    def _pagerduty_id(cls, value: str) -> str:
        if value and not re.fullmatch(r"[A-Z][A-Z0-9]{3,19}", value):
            raise ValueError("must be a service's id, such as PABC123: the end of its page's address")
        return value

    @field_validator("pagerduty_from")
    @classmethod
    def _mail(cls, value: str) -> str:
        if value and not re.fullmatch(r"[^@\s]+@[^@\s]+", value):
            raise ValueError("must be the e-mail address of a PagerDuty user")
        return value

    @field_validator("channel")
    @classmethod
    def _channel(cls, value: str) -> str:
        name = value.removeprefix("#")
        if (
            name
            and not re.fullmatch(r"[a-z0-9_-]{1,80}", name)
            and not re.fullmatch(r"[CG][A-Z0-9]{6,}", name)
        ):
            raise ValueError("must be a channel's name (a-z, 0-9, - and _) or its id (C…)")
        return name

    @field_validator("http")
    @classmethod
    def _host_port(cls, value: str) -> str:
        host, _, port = value.rpartition(":")
        if not host or not port.isdigit() or int(port) > 65535:
            raise ValueError("must be host:port, such as 127.0.0.1:3000")
        return value

    @field_validator("update_every", "still_on_it", mode="before")
    @classmethod
    def _duration(cls, value: object) -> object:
        if isinstance(value, str):
            found = DURATION.match(value.strip())
            if not found:
                raise ValueError("must be a number and s, m, h or d, such as 15m or 90s")
            return timedelta(**{UNITS[found[2]]: int(found[1])})
        return value

    @field_validator("update_every", "still_on_it")
    @classmethod
    def _not_too_often(cls, value: timedelta | None) -> timedelta | None:
        if value is not None and value < timedelta(seconds=5):
            raise ValueError("must be 5s or more")
        return value

    @property
    def address(self) -> tuple[str, int]:
        """Host and port of the HTTP server."""
        host, _, port = self.http.rpartition(":")
        return host.strip("[]"), int(port)

    def has(self, name: str) -> bool:
        """Whether a setting has a value: one of these, or any other by its name."""
        for field, about in type(self).model_fields.items():
            if about.alias == name:
                return bool(getattr(self, field))
        return find_setting(name) is not None


def list_setting_names() -> tuple[str, ...]:
    """The names of all settings, as the environment spells them."""
    return tuple(str(field.alias) for field in Settings.model_fields.values())


Some = TypeVar("Some", bound=BaseSettings)


def read_settings() -> Settings:
    """Read the environment and `TOCSIN_SECRETS_DIR` (default /run/secrets), where each setting may be a file.

    Raises SettingsProblem with one sentence for each setting that is missing or wrong.
    """
    return read_some(Settings)


def read_store_settings() -> StoreSettings:
    """The same for a command that needs the database only."""
    return read_some(StoreSettings)


def read_some(kind: type[Some]) -> Some:
    """The same for those of one kind."""
    folder = find_secrets_folder()
    try:
        return kind(_secrets_dir=folder if folder.is_dir() else None)
    except ValidationError as error:
        raise SettingsProblem([_sentence(problem, kind) for problem in error.errors()]) from None


def _sentence(problem: object, kind: type[BaseSettings]) -> str:
    assert isinstance(problem, dict)
    field = kind.model_fields.get(str(problem["loc"][0]))  # by which a default that is wrong is told
    name = str(field.alias) if field else str(problem["loc"][0])
    if problem["type"] == "missing":
        return f"{name} is not set. {WHERE.get(name, '')}".rstrip()
    if said := PLAIN.get(problem["type"]):
        return f"{name} {said.format_map(problem.get('ctx', {}))}."
    return f"{name} {str(problem['msg']).removeprefix('Value error, ')}."


PLAIN = {
    "bool_parsing": "must be yes or no",
    "int_parsing": "must be a whole number",
    "greater_than_equal": "must be {ge} or more",
    "less_than_equal": "must be {le} at most",
}
"""What is said in place of pydantic's own words, by its kind of fault."""

WHERE = {
    "SLACK_BOT_TOKEN": "Copy the Bot User OAuth Token (xoxb-…) from your Slack app, OAuth & Permissions.",
    "SLACK_SIGNING_SECRET": "Copy it from your Slack app, Basic Information, App Credentials; "
    "for Socket Mode set SLACK_APP_TOKEN instead.",
}
