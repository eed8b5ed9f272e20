"""The settings of the repositories to which reviews and improvements of the runbook are proposed."""

import re
from dataclasses import dataclass

from pydantic import Field, SecretStr, ValidationInfo, field_validator

from bot.settings.monitored_systems import CONFIG, MonitoredSettings

FOLDER = "docs/incidents"
"""Where reviews go when the setting names no path."""

GITHUB, GITLAB = "github", "gitlab"
PLACE = re.compile(r"(?P<host>github|gitlab):(?P<name>[\w.-]+(?:/[\w.-]+)+)(?::(?P<path>[^:]*))?")
PATH = re.compile(r"[\w.{}-]+(?:/[\w.{}-]+)*")
LOCAL = re.compile(r"http://(?:127\.0\.0\.1|localhost|\[::1\])(?:[:/]|$)")
HOW = "must be like github:owner/name:docs/incidents or gitlab:group/name:docs/incidents"


@dataclass(frozen=True, slots=True)
class RepositoryAddress:
    """A repository and a path in it: `host` is github or gitlab."""

    host: str
    name: str
    path: str


def parse_repository(text: str) -> RepositoryAddress:
    """What a setting names. Raises ValueError."""
    found = PLACE.fullmatch(text.strip())
    path = (found["path"] or "").strip("/") if found else ""
    parts = path.split("/") if path else []
    if found is None or (path and not PATH.fullmatch(path)) or ".." in parts or ".git" in parts:
        raise ValueError(HOW)
    if found["host"] == GITHUB and found["name"].count("/") != 1:
        raise ValueError(HOW)
    return RepositoryAddress(found["host"], found["name"], path)


class ReviewSettings(MonitoredSettings):
    """Where reviews go, where the runbook stands, and with what both are written. The reading token is none."""

    model_config = CONFIG

    review_repository: str = Field("", alias="TOCSIN_REVIEW_REPOSITORY")
    runbook_repository: str = Field("", alias="TOCSIN_RUNBOOK_REPOSITORY")
    review_token: SecretStr | None = Field(None, alias="TOCSIN_REVIEW_TOKEN")
    review_private: bool = Field(False, alias="TOCSIN_REVIEW_PRIVATE")

    @field_validator("review_repository")
    @classmethod
    def _reviews(cls, value: str) -> str:
        if value:
            path = parse_repository(value).path
            if path.endswith(".md") and "{number}" not in path:
                raise ValueError("names one file for all reviews: write {number} into its name")
        return value

    @field_validator("runbook_repository")
    @classmethod
    def _runbook_place(cls, value: str) -> str:
        if value and not parse_repository(value).path:
            raise ValueError("must end with the runbook's path: github:owner/name:docs/runbook.md")
        return value

    @field_validator("review_token")
    @classmethod
    def _no_reading_token(cls, value: SecretStr | None, others: ValidationInfo) -> SecretStr | None:
        read_with = (others.data.get("github_token"), others.data.get("gitlab_token"))
        if value is not None and value in read_with:
            raise ValueError(
                "is the token that the diagnostics read with: make one of its own that writes to that one repository"
            )
        places = [str(others.data.get(name) or "") for name in ("github_api_url", "gitlab_host")]
        if value is not None and any(
            place.startswith("http://") and not LOCAL.match(place) for place in places
        ):
            raise ValueError("would go out unencrypted: GITHUB_API_URL and GITLAB_HOST begin with https://")
        return value
