"""The settings of the status pages on which customers are told."""

import re
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings

from bot.settings.monitored_systems import CONFIG, ROLE

SERVE = "serve"
BUCKET = re.compile(r"s3://(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(?P<prefix>[\w./-]*))?")
MAX_COMPONENTS, MAX_NAME = 50, 75


class StatusPageSettings(BaseSettings):
    """Our own page, and those at providers."""

    model_config = CONFIG

    status_page: str = Field("", alias="TOCSIN_STATUS_PAGE")
    status_url: str = Field("", alias="TOCSIN_STATUS_URL")
    status_name: str = Field("Status", alias="TOCSIN_STATUS_NAME", max_length=100)
    status_components: str = Field("", alias="TOCSIN_STATUS_COMPONENTS")
    status_approval: int = Field(1, alias="TOCSIN_STATUS_APPROVAL", ge=1, le=2)
    status_page_aws_role: str = Field("", alias="TOCSIN_STATUS_PAGE_AWS_ROLE")
    statuspage_api_key: SecretStr | None = Field(None, alias="STATUSPAGE_API_KEY")
    statuspage_page_id: str = Field("", alias="STATUSPAGE_PAGE_ID")
    statuspage_api_url: str = Field("https://api.statuspage.io", alias="STATUSPAGE_API_URL")
    incident_io_api_key: SecretStr | None = Field(None, alias="INCIDENT_IO_API_KEY")
    incident_io_page_id: str = Field("", alias="INCIDENT_IO_STATUS_PAGE_ID")
    incident_io_api_url: str = Field("https://api.incident.io", alias="INCIDENT_IO_API_URL")

    @field_validator("status_page")
    @classmethod
    def _place(cls, value: str) -> str:
        if value.startswith("s3:") and not BUCKET.fullmatch(value):
            raise ValueError("must be a folder, s3://bucket/prefix or serve")
        if "://" in value and not value.startswith("s3://"):
            raise ValueError(
                "must be a folder, s3://bucket/prefix or serve; the page's address is TOCSIN_STATUS_URL"
            )
        return value

    @field_validator("status_url")
    @classmethod
    def _public_address(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("must be an address that begins with https://")
        return value.rstrip("/")

    @field_validator("status_components")
    @classmethod
    def _names(cls, value: str) -> str:
        names = split_component_names(value)
        if len(names) > MAX_COMPONENTS or any(len(name) > MAX_NAME for name in names):
            raise ValueError(f"takes {MAX_COMPONENTS} names with commas, of {MAX_NAME} characters each")
        return value

    @field_validator("status_page_aws_role")
    @classmethod
    def _writer(cls, value: str) -> str:
        if value and not ROLE.fullmatch(value):
            raise ValueError("must be a role's ARN: arn:aws:iam::123456789012:role/tocsin-status-page")
        return value

    @field_validator("statuspage_page_id")
    @classmethod
    def _page_id(cls, value: str) -> str:
        if value and not re.fullmatch(r"[a-z0-9]{4,40}", value):
            raise ValueError(
                "must be the page's id, such as kctbh9vrtdwd: it stands under Manage account, API"
            )
        return value

    @field_validator("incident_io_page_id")
    @classmethod
    def _incident_io_page_id(cls, value: str) -> str:
        if value and not re.fullmatch(r"[A-Za-z0-9]{8,40}", value):
            raise ValueError(
                "must be the page's id, such as 01FCNDV6P870EA6S7TK1DSYDG0: `GET /v2/status_pages` lists them"
            )
        return value

    @field_validator("statuspage_api_url", "incident_io_api_url")
    @classmethod
    def _api(cls, value: str) -> str:
        return check_api_address(value)


def check_api_address(value: str) -> str:
    """An address to which a key may go. Raises ValueError."""
    host = urlsplit(value).hostname or ""
    if not value.startswith("https://") and not (
        value.startswith("http://") and host in ("127.0.0.1", "localhost", "::1")
    ):
        raise ValueError("must be an address that begins with https://")
    return value.rstrip("/")


def split_component_names(text: str) -> tuple[str, ...]:
    """The names that a setting lists with commas, each once."""
    return tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
