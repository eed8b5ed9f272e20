"""Results of what responders do: they acknowledge, join, follow, and take roles."""

from bot.domain.results.request_result import RequestResult
from bot.domain.text_fields import text_record


@text_record
class AcknowledgedResult(RequestResult):
    """`actor` acknowledged `seconds` after the declaration; `target_seconds` is the runbook's. `uncalled` when nobody
    had paged them, `in_room` when the room is told."""

    did = "acknowledged"
    actor: str
    seconds: int
    target_seconds: int | None
    channel: str
    uncalled: bool
    in_room: bool


class AcknowledgedAlreadyResult(RequestResult):
    """They had acknowledged before."""

    did = "acknowledged_already"


@text_record
class JoinedResult(RequestResult):
    """They are invited to the channel, which may not be open yet."""

    did = "joined"
    channel: str


@text_record
class JoinedAlreadyResult(RequestResult):
    """They had joined before."""

    did = "joined_already"
    channel: str


class StillOnItResult(RequestResult):
    """They said that they are still on it."""

    did = "still_on_it"


ResponderResult = (
    AcknowledgedResult | AcknowledgedAlreadyResult | JoinedResult | JoinedAlreadyResult | StillOnItResult
)


@text_record
class FollowedResult(RequestResult):
    """They follow the incident; `inside` when they are in its channel, where they read the updates. A `guest` gets none
    outside of it."""

    did = "followed"
    title: str
    inside: bool
    guest: bool = False


@text_record
class FollowedAlreadyResult(RequestResult):
    """They followed it before."""

    did = "followed_already"
    title: str
    inside: bool


class UnfollowedResult(RequestResult):
    """They follow it no longer."""

    did = "unfollowed"


class NotFollowedResult(RequestResult):
    """They did not follow it."""

    did = "not_followed"


FollowerResult = FollowedResult | FollowedAlreadyResult | UnfollowedResult | NotFollowedResult


@text_record
class CommanderChangedResult(RequestResult):
    """`person` is the incident commander now."""

    did = "commander_changed"
    person: str


@text_record
class CommanderAlreadyResult(RequestResult):
    """`person` was the incident commander before."""

    did = "commander_already"
    person: str


@text_record
class CommandOfferedResult(RequestResult):
    """`person` was asked to take command."""

    did = "command_offered"
    person: str


@text_record
class CommandOfferedAlreadyResult(RequestResult):
    """`person` was asked to take command before, with the same words or none, and has not answered."""

    did = "command_offered_already"
    person: str


@text_record
class RoleAssignedResult(RequestResult):
    """`person` has a role beside the commander."""

    did = "role_assigned"
    role: str
    person: str


@text_record
class RoleAssignedAlreadyResult(RequestResult):
    """`person` had that role before."""

    did = "role_assigned_already"
    role: str
    person: str


RoleResult = (
    CommanderChangedResult
    | CommanderAlreadyResult
    | CommandOfferedResult
    | CommandOfferedAlreadyResult
    | RoleAssignedResult
    | RoleAssignedAlreadyResult
)
