"""The post-mortem meeting, as the database keeps it."""

from typing import Protocol

from bot.domain.meeting import InvitationWay, Meeting, MeetingState, NewMeeting


class MeetingRepository(Protocol):
    """What a transaction knows of the meeting. Its incident is locked by it."""

    async def find_meeting(self, number: int) -> Meeting | None: ...
    async def set_meeting(self, number: int, new: NewMeeting, state: MeetingState, actor: str) -> Meeting:
        """As it stands from now on, with a sequence of its own. Whom `new` does not name is invited no more."""

    async def record_invitation(
        self, number: int, person: str, sequence: int, way: InvitationWay, problem: str = ""
    ) -> None:
        """What went out to somebody about this sequence."""

    async def set_invitation_problem(self, number: int, person: str, why: str) -> bool:
        """Why nothing went out to somebody yet. Whether it was something else before."""
