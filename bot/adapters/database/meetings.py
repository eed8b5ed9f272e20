"""The post-mortem meeting: part of the `Transaction` port."""

from collections.abc import Mapping
from typing import Any

from bot.adapters.database.row_mappers import Row, build_meeting
from bot.domain.meeting import InvitationWay, Meeting, MeetingState, NewMeeting


class MeetingQueries:
    """See `bot.ports.meeting_repository`. The statements are run by the class that inherits this one."""

    async def _run(self, name: str, /, **values: object) -> None:
        raise NotImplementedError

    async def one(self, name: str, /, **values: object) -> Row | None:
        raise NotImplementedError

    async def find_meeting(self, number: int) -> Meeting | None:
        row: Mapping[str, Any] | None = await self.one("meeting", incident=number)
        return build_meeting(row) if row else None

    async def set_meeting(self, number: int, new: NewMeeting, state: MeetingState, actor: str) -> Meeting:
        values = {"starts_at": new.starts_at, "minutes": new.minutes, "place": new.place, "by": actor}
        await self._run("set_meeting", incident=number, state=state.value, **values)
        await self._run("set_meeting_guests", incident=number, people=list(new.people))
        meeting = await self.find_meeting(number)
        assert meeting is not None
        return meeting

    async def record_invitation(
        self, number: int, person: str, sequence: int, way: InvitationWay, problem: str = ""
    ) -> None:
        told = {"sequence": sequence, "way": way.value, "problem": problem}
        await self._run("record_meeting_told", incident=number, person=person, **told)

    async def set_invitation_problem(self, number: int, person: str, why: str) -> bool:
        row = await self.one("set_meeting_problem", incident=number, person=person, problem=why)
        return row is not None
