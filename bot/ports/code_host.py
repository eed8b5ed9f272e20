"""A team's repository at GitHub or GitLab, as far as pull requests are proposed there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

from bot.errors import TocsinError


class HostRefused(TocsinError):
    """The host says no: trying again changes nothing. The message is a sentence."""


class HostBusy(TocsinError):
    """Nothing was done; again after `delay`. The message is a sentence."""

    def __init__(self, why: str, delay: timedelta = timedelta(0)) -> None:
        self.delay = delay
        super().__init__(why)


class BranchMoved(HostBusy):
    """Somebody else committed meanwhile: read again."""


class HostAnswerLost(TocsinError):
    """A change was sent and no usable answer came: it may have been made."""


class PullRequestState(StrEnum):
    """How a pull request stands."""

    OPEN = "open"
    MERGED = "merged"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A pull request (at GitLab: a merge request), with its text."""

    number: int
    link: str
    state: PullRequestState
    body: str


@dataclass(frozen=True, slots=True)
class RepositoryFacts:
    """What the host tells of the repository: `is_public` is whether anybody may read it."""

    default_branch: str
    is_public: bool
    may_write: bool


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file at a commit: its text, and what the host wants to hear of it when it is replaced."""

    text: str
    version: str


@dataclass(frozen=True, slots=True)
class NewCommit:
    """Files that are written whole on a branch, on top of `parent`; a `new_branch` is made by it. `before` are those
    that stood at the parent."""

    branch: str
    parent: str
    new_branch: bool
    message: str
    files: Mapping[str, str | bytes]
    before: Mapping[str, StoredFile]


class CodeHost(Protocol):
    """One repository. Raises HostRefused, HostBusy, BranchMoved or HostAnswerLost."""

    title: str
    """What people call the host."""

    repository: str
    """What the repository is called there."""

    async def describe(self) -> RepositoryFacts: ...
    async def find_pull_requests(self, branch: str) -> Sequence[PullRequest]:
        """All from this branch, whatever became of them; the newest first."""

    async def find_branch(self, name: str) -> str | None:
        """The commit at its end; None when there is no such branch."""

    async def read_file(self, path: str, commit: str) -> StoredFile | None: ...
    async def has_file(self, path: str, commit: str) -> bool:
        """Whether there is one, of whatever kind."""

    async def commit(self, new: NewCommit) -> None:
        """Only while the branch still ends at the parent, else BranchMoved."""

    async def open_pull_request(self, branch: str, into: str, title: str, body: str) -> PullRequest: ...
    async def aclose(self) -> None: ...


@dataclass(frozen=True, slots=True)
class ReviewPlace:
    """Where reviews go: `pattern` is the path of one, with {number} and {year}; `folder` has the incident log."""

    host: CodeHost
    pattern: str
    folder: str
    may_be_private: bool = False

    def build_path(self, number: int, year: int) -> str:
        """The path of one review."""
        return self.pattern.replace("{number}", str(number)).replace("{year}", str(year))


@dataclass(frozen=True, slots=True)
class RunbookPlace:
    """Where the runbook stands."""

    host: CodeHost
    path: str


@dataclass(frozen=True, slots=True)
class CodeRepositories:
    """The repositories that the settings name."""

    review: ReviewPlace | None = None
    runbook: RunbookPlace | None = None

    async def aclose(self) -> None:
        """Close their connections."""
        for place in (self.review, self.runbook):
            if place is not None:
                await place.host.aclose()
