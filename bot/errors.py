"""Everything that Tocsin raises on purpose, in one tree.

    TocsinError
    ├── SettingsProblem      the environment cannot be used: all reasons at once
    ├── Refused              a rule of the incident's life says no, nothing was changed
    ├── Unclear              a command of the runbook is left to a person
    ├── Unfiltered           a filter behind a command could not go through its answer
    ├── TakenBefore          a request came again: it has its answer already
    ├── StoreAway            the database did not answer in time, or takes no changes
    └── ChatError            Slack did not do what was asked
        ├── ChatRefused      surely not done, and asking again will not help
        ├── ChatLimited      surely not done, ask again after `retry_after`
        ├── ChatAway         surely not done, Slack could not be reached
        └── ChatUnknown      perhaps done: look before asking again

Each carries a sentence that can be shown to a person as it is.
"""

from collections.abc import Sequence


class TocsinError(Exception):
    """Base of all errors that have a sentence for a person."""


class SettingsProblem(TocsinError):
    """The environment cannot be used; `problems` has one sentence for each reason."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class Refused(TocsinError):
    """A rule says no. The text says what was wrong, what to do, and nothing was changed."""


class Unclear(TocsinError):
    """A command, or a part of one, that is not evaluated. The text is the reason, said after “it is yours: ”."""


class Unfiltered(TocsinError):
    """A filter gave up on the text that it was handed. The text says why, as a sentence without its end."""


class TakenBefore(TocsinError):
    """A request whose key was taken came again. Nothing was changed, and its answer stands beside the key."""

    def __init__(self) -> None:
        super().__init__("This request came before. Nothing was changed again.")


class StoreAway(TocsinError):
    """The database did not answer in time, or takes no changes: `why` is what is wrong, said after "the database".

    Nothing was recorded, unless `in_doubt`: then it may have been.
    """

    def __init__(self, sentence: str, in_doubt: bool = False, why: str = "does not answer") -> None:
        self.in_doubt = in_doubt
        self.why = why
        super().__init__(sentence)


class ChatError(TocsinError):
    """Slack did not do what was asked."""


TOKEN_CODES = frozenset({"invalid_auth", "account_inactive", "token_revoked", "token_expired", "not_authed"})
"""Slack's words for a token that it does not take (any more): nothing can be done until that is set right."""


HOW_TO_GRANT = "add the scope {needed} at api.slack.com/apps under OAuth & Permissions, and reinstall the app"

ROOM_LOST = {
    "is_archived": "archived",
    "is_inactive": "archived",
    "not_in_channel": "removed",
    "channel_not_found": "gone",
}
"""Slack's words for a channel that cannot be used, and how it came to that: what was to be said is said elsewhere."""


class ChatRefused(ChatError):
    """Slack refused for good; `code` is Slack's own word, such as `channel_not_found`."""

    def __init__(self, code: str, method: str = "", needed: str = "") -> None:
        self.code = code
        self.method = method
        self.needed = needed
        scope = f" ({HOW_TO_GRANT.format(needed=needed)})" if needed else ""
        super().__init__(f"Slack refused {method or 'the call'}: {code}{scope}")


class ChatLimited(ChatError):
    """Slack asks to wait `retry_after` seconds. Nothing was done."""

    def __init__(self, retry_after: float, method: str = "") -> None:
        self.retry_after = retry_after
        super().__init__(f"Slack limits {method or 'the call'}: again in {retry_after:g} s")


class ChatAway(ChatError):
    """Slack could not be reached. Nothing was sent."""


class ChatUnknown(ChatError):
    """The call was sent and no usable answer came: it may have been done."""
