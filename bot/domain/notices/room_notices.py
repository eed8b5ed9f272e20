"""Notices about the incident's channel, overdue updates, and what could not be done."""

from bot.domain.notices.incident_notice import IncidentNotice
from bot.domain.text_fields import People, text_record


@text_record
class MovedNotice(IncidentNotice):
    """The incident continues in this channel."""

    words = "moved"
    channel: str


@text_record
class ChannelLostNotice(IncidentNotice):
    """The channel cannot be used any more; `how` is a name in the sentences' LOST."""

    words = "channel_lost"
    channel: str
    how: str


@text_record
class ChannelBackNotice(IncidentNotice):
    """The lost channel can be used again."""

    words = "channel_back"
    channel: str


@text_record
class ChannelFailedNotice(IncidentNotice):
    """The channel could not be created."""

    words = "channel_failed"
    why: str


ChannelNotice = MovedNotice | ChannelLostNotice | ChannelBackNotice | ChannelFailedNotice


@text_record
class EffectFailedNotice(IncidentNotice):
    """Something could not be done."""

    words = "effect_failed"
    what: str
    why: str


@text_record
class UpdateOverdueNotice(IncidentNotice):
    """The status update is late; `missed` of them fell into a time when the bot was offline."""

    words = "update_overdue"
    minutes: int
    commander: str
    missed: int


@text_record
class UpdateAskedNotice(IncidentNotice):
    """Somebody is asked for the overdue update by their role: `people`, or the contact `to`."""

    words = "update_asked"
    minutes: int
    role: str
    people: People
    to: str
    commander: str


@text_record
class RestoredNotice(IncidentNotice):
    """The database was restored from a backup: `held` names whose pages are held back, `lost` the incidents that are
    not in it."""

    words = "restored"
    held: str
    lost: str


@text_record
class RemediationNewsNotice(IncidentNotice):
    """What came of a remediation, in a sentence that may mention people."""

    words = "remediation_news"
    reference: str
    title: str
    sentence: str


WorkNotice = (
    EffectFailedNotice | UpdateOverdueNotice | UpdateAskedNotice | RestoredNotice | RemediationNewsNotice
)
