"""Effects: what must be done in the outside world, as frozen values that an outbox row can keep.

An effect is imperative and says only which incident and which thing; what it looks like is decided when it is
performed, from the incident as it stands then. Each class says, as patterns over its own fields:

- `key`: makes it unique for ever, so that a repeated cause cannot have a second effect;
- `lane`: effects of one lane are performed one after the other (default: its key, that is, alone);
- `after`: the key of the effect that must be settled first;
- `urgency`: what goes first when much is due at once (0 first);
- `paging`: asks a provider and not Slack, so that it never waits for Slack;
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
    paging: ClassVar[bool] = False

    def __init_subclass__(
        cls,
        *,
        key: str = "",
        lane: str = "",
        after: str = "",
        urgency: int = 5,
        coalesces: bool = False,
        paging: bool = False,
    ) -> None:
        if key:
            cls.key_pattern, cls.lane_pattern, cls.after_pattern = key, lane or key, after
            cls.urgency, cls.coalesces, cls.paging = urgency, coalesces, paging
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
class AboutIncident(Effect):
    """Base of the effects of one incident, named by its number."""

    incident: int


def to_row(effect: Effect) -> tuple[str, str]:
    """The kind and the JSON text of an effect."""
    return type(effect).__name__, json.dumps(asdict(effect), ensure_ascii=False)


def from_row(kind: str, payload: dict[str, object]) -> Effect:
    """The effect that `to_row` wrote; lists become tuples again."""
    return KINDS[kind](**{name: _frozen(value) for name, value in payload.items()})


def _frozen(value: object) -> object:
    return tuple(_frozen(each) for each in value) if isinstance(value, list) else value


def backoff(attempts: int, chance: float | None = None) -> float:
    """Seconds to wait after the given number of failed attempts: doubling from 1 to 10, with up to 20% on top.

    People wait for what is tried again here; what Slack itself asks to wait for is kept apart from it.
    """
    extra = random.random() if chance is None else chance  # noqa: S311 - spreads retries, guards nothing
    return min(10.0, 2.0 ** max(0, attempts - 1)) * (1 + 0.2 * extra)
