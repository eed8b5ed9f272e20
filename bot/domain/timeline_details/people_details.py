"""Details about who works on an incident."""

from bot.domain.text_fields import text_record
from bot.domain.timeline_details.entry_detail import EntryDetail
from bot.domain.timeline_details.entry_kinds import EntryKind


class JoinedDetail(EntryDetail):
    """The actor came into the channel."""

    kind = EntryKind.JOINED


class LeftDetail(EntryDetail):
    """The actor left it."""

    kind = EntryKind.LEFT


@text_record
class CommanderChangedDetail(EntryDetail):
    """`to` commands, `before` did until then; `by` offered it, empty where it was taken."""

    kind = EntryKind.COMMANDER_CHANGED
    before: str
    to: str
    by: str


@text_record
class CommandOfferedDetail(EntryDetail):
    """`to` was asked to take command, with the words `text`. `offer` is the key of the message with the button,
    `ends` the end of the shift (epoch seconds) that made the offer."""

    kind = EntryKind.COMMAND_OFFERED
    to: str
    text: str
    offer: str = ""
    ends: int | None = None


@text_record
class RoleAssignedDetail(EntryDetail):
    """`to` has a role beside the commander."""

    kind = EntryKind.ROLE_ASSIGNED
    role: str
    to: str


class StillOnItDetail(EntryDetail):
    """The actor is still on it."""

    kind = EntryKind.STILL_ON_IT


class AskedIfStillDetail(EntryDetail):
    """Those who acknowledged were asked whether they still are."""

    kind = EntryKind.ASKED_IF_STILL


PeopleDetail = (
    JoinedDetail
    | LeftDetail
    | CommanderChangedDetail
    | CommandOfferedDetail
    | RoleAssignedDetail
    | StillOnItDetail
    | AskedIfStillDetail
)
