"""Effects that say one line about an incident."""

from dataclasses import dataclass
from typing import Self

from bot.domain.effects.base import ANNOUNCED, ENSURED, OPENED, ROOM, AboutIncident, Effect
from bot.domain.notices import Detail, Notice, dump_detail, parse_notice


@dataclass(frozen=True, kw_only=True)
class NoticeEffect(AboutIncident):
    """Base of the effects that say one line: `words` names the notice, `detail` has its texts."""

    words: str
    detail: Detail
    change: str

    @property
    def notice(self) -> Notice:
        """What is said. Raises KeyError when this version does not know it."""
        return parse_notice(self.words, self.detail)


@dataclass(frozen=True, kw_only=True)
class PostNotice(NoticeEffect, key="notice:{incident}:{words}:{change}", lane=ROOM, after=OPENED):
    """Say one line in the incident's channel."""

    @classmethod
    def say(cls, incident: int, notice: Notice, change: str) -> Self:
        return cls(incident=incident, words=notice.words, detail=dump_detail(notice), change=change)


@dataclass(frozen=True, kw_only=True)
class TellIncidentsChannel(
    NoticeEffect, key="told:{incident}:{words}:{change}", lane=ANNOUNCED, after=ENSURED
):
    """Say one line about the incident in the incidents channel."""

    channel_name: str

    @classmethod
    def say(cls, incident: int, channel_name: str, notice: Notice, change: str) -> Self:
        words, detail = notice.words, dump_detail(notice)
        return cls(incident=incident, channel_name=channel_name, words=words, detail=detail, change=change)


@dataclass(frozen=True, kw_only=True)
class TellThread(NoticeEffect, key="thread:{incident}:{words}:{change}", after="announcement:{incident}"):
    """Say one line where the incident was worked on without a channel."""

    @classmethod
    def say(cls, incident: int, notice: Notice, change: str) -> Self:
        return cls(incident=incident, words=notice.words, detail=dump_detail(notice), change=change)


@dataclass(frozen=True, kw_only=True)
class DrawDigest(Effect, key="draw-digest:{month}", after=ENSURED):
    """Bring the picture of a month's statistics (`2026-11`) to Slack, then tell them."""

    month: str
    channel_name: str


@dataclass(frozen=True, kw_only=True)
class PostDigest(Effect, key="digest:{month}", after=ENSURED):
    """Tell the statistics of a month (`2026-11`) in the incidents channel; `file` is their picture."""

    month: str
    channel_name: str
    file: str = ""
