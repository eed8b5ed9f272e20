"""The settings with which approved remediations are carried out: never used for reading."""

import os
from pathlib import Path

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings

from bot.settings.mail_settings import MailSettings
from bot.settings.monitored_systems import CONFIG, ROLE
from bot.settings.review_settings import ReviewSettings
from bot.settings.status_page_settings import StatusPageSettings
from bot.settings.tracker_settings import TrackerSettings
from bot.text.remediation_kinds import APPROVABLE_KINDS


class RemediationSettings(BaseSettings):
    """Which kinds are on, and with what they are carried out."""

    model_config = CONFIG

    remediations: str = Field("", alias="TOCSIN_REMEDIATIONS")
    aws_remediation_role: str = Field("", alias="TOCSIN_AWS_REMEDIATION_ROLE")
    remediation_database_url: SecretStr | None = Field(None, alias="TOCSIN_REMEDIATION_DATABASE_URL")
    remediation_github_token: SecretStr | None = Field(None, alias="TOCSIN_REMEDIATION_GITHUB_TOKEN")
    remediation_google_credentials: Path | None = Field(None, alias="TOCSIN_REMEDIATION_GOOGLE_CREDENTIALS")
    firebase_project: str = Field("", alias="TOCSIN_FIREBASE_PROJECT", pattern=r"^[a-z0-9-]{0,63}$")
    firebase_banner: str = Field(
        "incident_banner", alias="TOCSIN_FIREBASE_BANNER", pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,255}$"
    )
    scale_cap: int = Field(20, alias="TOCSIN_SCALE_CAP", ge=1, le=1000)

    @field_validator("remediations")
    @classmethod
    def _kinds(cls, value: str) -> str:
        named = [word.strip() for word in value.split(",") if word.strip()]
        if wrong := [word for word in named if word not in APPROVABLE_KINDS]:
            raise ValueError(f"has {', '.join(wrong)}. There are {', '.join(APPROVABLE_KINDS)}")
        return value

    @field_validator("aws_remediation_role")
    @classmethod
    def _role(cls, value: str) -> str:
        if value and not ROLE.fullmatch(value):
            raise ValueError("must be a role's ARN: arn:aws:iam::123456789012:role/tocsin-remediation")
        return value


class SystemSettings(ReviewSettings, RemediationSettings, StatusPageSettings, TrackerSettings, MailSettings):
    """What is read, changed and told outside: all that a command needs which looks at it without a bot."""

    def find_aws_place(self) -> tuple[str, str]:
        """The account of the roles that are named, and the region that AWS's own variables name; each may be empty."""
        role = self.aws_role or self.aws_remediation_role
        account = role.split(":")[4] if role.count(":") > 4 else ""
        return account, os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION", "")
