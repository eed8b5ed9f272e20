"""The trackers to which action items go, by the settings."""

from bot.ports.tracker import Tracker
from bot.settings.tracker_settings import TrackerSettings, parse_tracker


def open_tracker(settings: TrackerSettings) -> Tracker | None:
    """The one that the settings name; None without one. What each needs is imported when it is set."""
    if not settings.tracker or settings.tracker_token is None:
        return None
    named, token = parse_tracker(settings.tracker), settings.tracker_token.get_secret_value()
    if named.kind == "github":
        from bot.adapters.trackers.github_issues import GitHubTracker

        return GitHubTracker(named.place, token, settings.tracker_url or "https://api.github.com")
    if named.kind == "gitlab":
        from bot.adapters.trackers.gitlab_issues import GitLabTracker

        return GitLabTracker(named.place, token, settings.tracker_url or "https://gitlab.com/api/v4")
    from bot.adapters.trackers.jira import JiraTracker

    return JiraTracker(named.site, named.place, token)
