"""Effects at the end of a commander's shift."""

from dataclasses import dataclass

from bot.domain.effects.base import AboutIncident


@dataclass(frozen=True, kw_only=True)
class FindShift(AboutIncident, key="find-shift:{incident}:{look}", urgency=6):
    """Ask the on-call schedules when the commander's shift ends, and who is next; `look` numbers the question."""

    commander: str
    look: int


@dataclass(frozen=True, kw_only=True)
class TellOfShift(AboutIncident, key="shift-end:{incident}:{ends}:{person}", urgency=2):
    """Tell the commander, or the one who is on call `next`, what is open when a shift ends at `ends` (epoch seconds).
    `next` is empty where nobody can be told; `named` is what the schedule calls them."""

    person: str
    ends: int
    next: str = ""
    named: str = ""
