"""The settings of the tracker to which action items go."""

import re
from dataclasses import dataclass

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings

from bot.settings.monitored_systems import CONFIG
from bot.settings.status_page_settings import check_api_address

NAMED = re.compile(r"(?P<kind>github|gitlab):(?P<place>[\w.-]+(?:/[\w.-]+)+)")
JIRA = re.compile(r"jira:(?P<site>https?://[^\s/]+):(?P<place>[A-Z][A-Z0-9_]{1,20})")
SHAPES = "must be github:owner/name, gitlab:group/project or jira:https://acme.atlassian.net:KEY"


@dataclass(frozen=True, slots=True)
class TrackerName:
    """A tracker as the setting names it: its kind, the repository or project, and Jira's site."""

    kind: str
    place: str
    site: str = ""


def parse_tracker(value: str) -> TrackerName:
    """The parts of the setting. Raises ValueError."""
    if found := NAMED.fullmatch(value):
        if found["kind"] == "github" and found["place"].count("/") != 1:
            raise ValueError(SHAPES)
        return TrackerName(found["kind"], found["place"])
    if found := JIRA.fullmatch(value):
        return TrackerName("jira", found["place"], check_api_address(found["site"]))
    raise ValueError(SHAPES)


class TrackerSettings(BaseSettings):
    """One tracker; it is written with its own token, never with one that reads."""

    model_config = CONFIG

    tracker: str = Field("", alias="TOCSIN_TRACKER")
    tracker_token: SecretStr | None = Field(None, alias="TOCSIN_TRACKER_TOKEN")
    tracker_url: str = Field("", alias="TOCSIN_TRACKER_URL")
    tracker_webhook_secret: SecretStr | None = Field(None, alias="TOCSIN_TRACKER_WEBHOOK_SECRET")
    tracker_private: bool = Field(False, alias="TOCSIN_TRACKER_PRIVATE")

    @field_validator("tracker")
    @classmethod
    def _tracker(cls, value: str) -> str:
        if value:
            parse_tracker(value)
        return value

    @field_validator("tracker_url")
    @classmethod
    def _address(cls, value: str) -> str:
        return check_api_address(value) if value else value
