"""The trackers as tests know them, each with the stand-in behind it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from bot.adapters.trackers.github_issues import GitHubTracker
from bot.adapters.trackers.gitlab_issues import GitLabTracker
from bot.adapters.trackers.jira import JiraTracker
from bot.ports.tracker import NewTicket, Tracker
from sandbox.trackers.github_issues import GitHubIssues
from sandbox.trackers.gitlab_issues import GitLabIssues
from sandbox.trackers.jira_issues import JiraIssues
from sandbox.trackers.tracker_stand_in import TrackerStandIn

NEW = NewTicket(
    installation="7f3a9c21b0de44aa",
    incident=42,
    number=3,
    title="Add an index on orders(status)",
    text="Add an index on orders(status)\n\nAction item A3 of INC-42: API is down",
    since=datetime.now(UTC),
    due_on=date(2099, 12, 4),
)


@dataclass
class Place:
    """A tracker and the stand-in behind it; `wrong` is the same tracker with a token that is none."""

    tracker: Tracker
    stand_in: TrackerStandIn
    wrong: Tracker
    elsewhere: Tracker


def build_github(stand_in: TrackerStandIn) -> Place:
    at = stand_in.url
    return Place(
        GitHubTracker("acme/shop", stand_in.token, at),
        stand_in,
        GitHubTracker("acme/shop", "none", at),
        GitHubTracker("acme/other", stand_in.token, at),
    )


def build_gitlab(stand_in: TrackerStandIn) -> Place:
    at = stand_in.url
    return Place(
        GitLabTracker("acme/shop", stand_in.token, at),
        stand_in,
        GitLabTracker("acme/shop", "none", at),
        GitLabTracker("acme/other", stand_in.token, at),
    )


def build_jira(stand_in: TrackerStandIn) -> Place:
    at = stand_in.url
    return Place(
        JiraTracker(at, "OPS", stand_in.token),
        stand_in,
        JiraTracker(at, "OPS", "none:none"),
        JiraTracker(at, "NONE", stand_in.token),
    )


KINDS: dict[str, tuple[Callable[[], TrackerStandIn], Callable[[TrackerStandIn], Place]]] = {
    "github": (GitHubIssues, build_github),
    "gitlab": (GitLabIssues, build_gitlab),
    "jira": (JiraIssues, build_jira),
}
