"""GitHub and GitLab as far as pull requests go, each with a real git repository behind it."""

from sandbox.repositories.bare_repository import BareRepository
from sandbox.repositories.github_api import GitHubStandIn
from sandbox.repositories.gitlab_api import GitLabStandIn
from sandbox.repositories.host_stand_in import HostStandIn

__all__ = ["BareRepository", "GitHubStandIn", "GitLabStandIn", "HostStandIn"]
