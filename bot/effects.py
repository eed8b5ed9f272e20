"""Effects: what must be done in the outside world, as frozen values that an outbox row can keep.

An effect is imperative and says only which incident and which thing; what it looks like is decided when it is
performed, from the incident as it stands then. Each class says, as patterns over its own fields:

- `key`: makes it unique for ever, so that a repeated cause cannot have a second effect;
- `lane`: effects of one lane are performed one after the other (default: its key, that is, alone);
- `after`: the key of the effect that must be settled first;
- `urgency`: what goes first when much is due at once (0 first);
- `coalesces`: one waiting effect of the lane serves for all, since it shows whatever is true when it runs.
"""

import json
import random
from dataclasses import asdict, dataclass
from typing import ClassVar

KINDS: dict[str, type["Effect"]] = {}
"""Every effect by its name, as an outbox row's `kind` spells it."""

ROOM = "room:{incident}"
OPENED = "channel:{incident}"
ANNOUNCED = "announce:{incident}"
ENSURED = "incidents-channel:{channel_name}"


@dataclass(frozen=True, kw_only=True)
class Effect:
    """Base of all effects."""

    key_pattern: ClassVar[str] = ""
    lane_pattern: ClassVar[str] = ""
    after_pattern: ClassVar[str] = ""
    urgency: ClassVar[int] = 5
    coalesces: ClassVar[bool] = False

    def __init_subclass__(
        cls, *, key: str = "", lane: str = "", after: str = "", urgency: int = 5, coalesces: bool = False
    ) -> None:
        if key:
            cls.key_pattern, cls.lane_pattern, cls.after_pattern = key, lane or key, after
            cls.urgency, cls.coalesces = urgency, coalesces
            KINDS[cls.__name__] = cls

    @property
    def key(self) -> str:
        return self.key_pattern.format_map(self.__dict__)

    @property
    def lane(self) -> str:
        return self.lane_pattern.format_map(self.__dict__)

    @property
    def after(self) -> str | None:
        return self.after_pattern.format_map(self.__dict__) or None


@dataclass(frozen=True, kw_only=True)
class EnsureIncidentsChannel(Effect, key="incidents-channel:{name}", urgency=1):
    """Create or join the channel where incidents are announced, and keep its id."""

    name: str


@dataclass(frozen=True, kw_only=True)
class AboutIncident(Effect):
    """Base of the effects of one incident, named by its number."""

    incident: int


@dataclass(frozen=True, kw_only=True)
class PageResponder(AboutIncident, key="page:{incident}:{person}", urgency=0):
    """Send one person the direct message with `Acknowledge`."""

    person: str
    contact: str


@dataclass(frozen=True, kw_only=True)
class FindResponders(AboutIncident, key="find:{incident}:{contact}:{handle}", urgency=0):
    """Translate a contact's e-mail address or usergroup into people, then page each."""

    contact: str
    handle: str


@dataclass(frozen=True, kw_only=True)
class RefreshPage(
    AboutIncident,
    key="refresh-page:{incident}:{person}:{change}",
    lane="refresh-page:{incident}:{person}",
    after="page:{incident}:{person}",
    coalesces=True,
):
    """Show in one person's direct message how the page stands now."""

    person: str
    change: str


@dataclass(frozen=True, kw_only=True)
class OpenChannel(AboutIncident, key=OPENED, urgency=1):
    """Create the incident's channel."""


@dataclass(frozen=True, kw_only=True)
class PostAlert(AboutIncident, key="alert:{incident}", lane=ROOM, after=OPENED, urgency=1):
    """Post the runbook's alert with its buttons in the incident's channel."""


@dataclass(frozen=True, kw_only=True)
class PinAlert(AboutIncident, key="pin:{incident}", after="alert:{incident}", urgency=3):
    """Pin the alert."""


@dataclass(frozen=True, kw_only=True)
class InvitePeople(AboutIncident, key="invite:{incident}:{change}", after=OPENED, urgency=2):
    """Bring people into the incident's channel."""

    people: tuple[str, ...]
    change: str


@dataclass(frozen=True, kw_only=True)
class MentionPeople(
    AboutIncident, key="mention:{incident}:{change}", after="invite:{incident}:{change}", urgency=2
):
    """Call the invited people by name in the channel, and name the contacts that could not be reached."""

    people: tuple[str, ...]
    missing: tuple[tuple[str, str], ...]
    change: str


@dataclass(frozen=True, kw_only=True)
class PostPlaybook(AboutIncident, key="playbook:{incident}:{part}", lane=ROOM, after=OPENED):
    """Post one part of the playbook's sections; parts count from 0."""

    part: int


@dataclass(frozen=True, kw_only=True)
class AddBookmark(AboutIncident, key="bookmark:{incident}", after=OPENED):
    """Bookmark the runbook in the incident's channel."""


@dataclass(frozen=True, kw_only=True)
class SetTopic(
    AboutIncident, key="topic:{incident}:{change}", lane="topic:{incident}", after=OPENED, coalesces=True
):
    """Show severity, status and commander in the channel's topic."""

    change: str


@dataclass(frozen=True, kw_only=True)
class RefreshAlert(
    AboutIncident,
    key="refresh-alert:{incident}:{change}",
    lane="refresh-alert:{incident}",
    after="alert:{incident}",
    coalesces=True,
):
    """Bring the alert in the incident's channel up to date."""

    change: str


@dataclass(frozen=True, kw_only=True)
class PostNotice(AboutIncident, key="notice:{incident}:{words}:{change}", lane=ROOM, after=OPENED):
    """Say one line in the incident's channel: `words` names the sentence, `detail` fills it."""

    words: str
    detail: tuple[tuple[str, str], ...]
    change: str


@dataclass(frozen=True, kw_only=True)
class AnnounceIncident(
    AboutIncident, key="announcement:{incident}", lane=ANNOUNCED, after=ENSURED, urgency=2
):
    """Post the alert in the incidents channel, calling everyone there when the declaration says why."""

    channel_name: str


@dataclass(frozen=True, kw_only=True)
class RefreshAnnouncement(
    AboutIncident,
    key="refresh-announcement:{incident}:{change}",
    lane="refresh-announcement:{incident}",
    after="announcement:{incident}",
    coalesces=True,
):
    """Bring the alert in the incidents channel up to date."""

    change: str


@dataclass(frozen=True, kw_only=True)
class CallEveryone(AboutIncident, key="everyone:{incident}", after=ENSURED, urgency=0):
    """Call the incidents channel because no page of this incident could be delivered."""

    channel_name: str
    why: str


@dataclass(frozen=True, kw_only=True)
class TellIncidentsChannel(
    AboutIncident, key="told:{incident}:{words}:{change}", lane=ANNOUNCED, after=ENSURED
):
    """Say one line about the incident in the incidents channel: `words` names the sentence, `detail` fills it."""

    channel_name: str
    words: str
    detail: tuple[tuple[str, str], ...]
    change: str


@dataclass(frozen=True, kw_only=True)
class RemindOfUpdate(AboutIncident, key="reminder:{incident}:{promise}:{stage}", lane=ROOM, after=OPENED):
    """Remind the commander, later the room, that the update promised for `promise` (epoch seconds) is due."""

    promise: int
    stage: int
    missed: int
    draft: str


@dataclass(frozen=True, kw_only=True)
class PostUpdate(AboutIncident, key="update:{incident}:{update}", lane=ROOM, after=OPENED):
    """Post a status update in the incident's channel."""

    update: int


@dataclass(frozen=True, kw_only=True)
class PublishUpdate(AboutIncident, key="published-update:{incident}:{update}", lane=ANNOUNCED, after=ENSURED):
    """Post the same status update in the incidents channel."""

    channel_name: str
    update: int


@dataclass(frozen=True, kw_only=True)
class PostResolution(AboutIncident, key="resolution:{incident}", lane=ROOM, after=OPENED):
    """Post the runbook's resolution message in the incident's channel."""


@dataclass(frozen=True, kw_only=True)
class PublishResolution(AboutIncident, key="published-resolution:{incident}", lane=ANNOUNCED, after=ENSURED):
    """Post the same resolution message in the incidents channel."""

    channel_name: str


@dataclass(frozen=True, kw_only=True)
class PostChecklist(AboutIncident, key="checklist:{incident}", lane=ROOM, after=OPENED):
    """Post the post-incident checklist with a button for each item."""


@dataclass(frozen=True, kw_only=True)
class RefreshChecklist(
    AboutIncident,
    key="refresh-checklist:{incident}:{change}",
    lane="refresh-checklist:{incident}",
    after="checklist:{incident}",
    coalesces=True,
):
    """Bring the checklist up to date."""

    change: str


@dataclass(frozen=True, kw_only=True)
class RemindOfChecklist(AboutIncident, key="checklist-reminder:{incident}:{within}", lane=ROOM, after=OPENED):
    """Bring the items still open at the end of a window (`within` seconds) to the commander."""

    within: int


def to_row(effect: Effect) -> tuple[str, str]:
    """The kind and the JSON text of an effect."""
    return type(effect).__name__, json.dumps(asdict(effect), ensure_ascii=False)


def from_row(kind: str, payload: dict[str, object]) -> Effect:
    """The effect that `to_row` wrote; lists become tuples again."""
    return KINDS[kind](**{name: _frozen(value) for name, value in payload.items()})


def _frozen(value: object) -> object:
    return tuple(_frozen(each) for each in value) if isinstance(value, list) else value


def backoff(attempts: int, chance: float | None = None) -> float:
    """Seconds to wait after the given number of failed attempts: doubling from 1 to 30, with up to 20% on top."""
    extra = random.random() if chance is None else chance  # noqa: S311 - spreads retries, guards nothing
    return min(30.0, 2.0 ** max(0, attempts - 1)) * (1 + 0.2 * extra)
