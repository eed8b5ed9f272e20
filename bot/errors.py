"""Every error that Tocsin raises on purpose, in one tree.

    TocsinError
    ├── SettingsProblem              the environment cannot be used: all reasons at once
    ├── RuleViolation                a rule of the incident's life says no, nothing was changed
    │   └── NowhereNamed             nothing says which incident is meant
    ├── UnsupportedCommand           a command of the runbook is left to a person
    ├── FilterFailed                 a filter behind a command could not go through its answer
    ├── DuplicateRequest             a request came again: it has its answer already
    ├── RequestExpired               whoever asked was told meanwhile that it failed: nothing was changed
    ├── DatabaseUnavailable          the database did not answer in time, or takes no changes
    └── SlackCallError               Slack did not do what was asked
        ├── SlackRejected            surely not done, a retry will not help
        ├── SlackRateLimited         surely not done, retry after `retry_after`
        ├── SlackUnreachable         surely not done, Slack could not be reached
        └── SlackOutcomeUnknown      perhaps done: reconcile before a retry

Each carries a sentence that can be shown to a person as it is.
"""

from collections.abc import Iterable, Sequence

from bot.text.slack_errors import describe_slack_code


class TocsinError(Exception):
    """Base of all errors that have a sentence for a person."""


class SettingsProblem(TocsinError):
    """The environment cannot be used; `problems` has one sentence for each reason."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class RuleViolation(TocsinError):
    """A rule says no. The text says what was wrong, what to do, and nothing was changed; `words` are what was typed and
    would be lost."""

    def __init__(self, sentence: str, words: str = "") -> None:
        self.words = words
        super().__init__(sentence)


class NowhereNamed(RuleViolation):
    """Nothing says which incident is meant; `own` are the numbers of those that the person is in, where it may be one
    of them. The text leaves what to do to who knows what was asked for."""

    def __init__(self, sentence: str, own: Iterable[int] = ()) -> None:
        self.own = tuple(own)
        super().__init__(sentence)


class UnsupportedCommand(TocsinError):
    """A command, or a part of one, that is not evaluated. The text is the reason, said after “it is yours: ”."""


class FilterFailed(TocsinError):
    """A filter gave up on the text that it was handed. The text says why, as a sentence without its end."""


class DuplicateRequest(TocsinError):
    """A request whose key was taken came again. Nothing was changed, and its answer stands beside the key."""

    def __init__(self) -> None:
        super().__init__("I already did this. Nothing was changed again.")


class RequestExpired(TocsinError):
    """Nobody waits for the answer any more: Slack told the person that it failed. Nothing was changed."""

    def __init__(self) -> None:
        super().__init__("It took too long, and Slack reported a failure. Nothing was changed.")


class DatabaseUnavailable(TocsinError):
    """The database did not answer in time, or takes no changes: `why` is what is wrong, said after "the database".

    Nothing was recorded, unless `in_doubt`: then it may have been.
    """

    def __init__(self, sentence: str, in_doubt: bool = False, why: str = "does not answer") -> None:
        self.in_doubt = in_doubt
        self.why = why
        super().__init__(sentence)


class SlackCallError(TocsinError):
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


class SlackRejected(SlackCallError):
    """Slack refused for good; `code` is Slack's own word, such as `channel_not_found`, and `told` says it to people."""

    def __init__(self, code: str, method: str = "", needed: str = "") -> None:
        self.code = code
        self.method = method
        self.needed = needed
        scope = f" ({HOW_TO_GRANT.format(needed=needed)})" if needed else ""
        super().__init__(f"Slack refused {method or 'the call'}: {code}{scope}")
        self.told = f"Slack refused it: {describe_slack_code(code)}{scope}"


class SlackRateLimited(SlackCallError):
    """Slack asks to wait `retry_after` seconds. Nothing was done."""

    def __init__(self, retry_after: float, method: str = "") -> None:
        self.retry_after = retry_after
        super().__init__(f"Slack limits {method or 'the call'}: again in {retry_after:g} s")


class SlackUnreachable(SlackCallError):
    """Slack could not be reached. Nothing was sent."""


class SlackOutcomeUnknown(SlackCallError):
    """The call was sent and no usable answer came: it may have been done."""
