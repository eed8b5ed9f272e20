"""The repositories to which reviews and improvements of the runbook are proposed. Their clients are imported when one
is set."""

from bot.domain.proposal import ProposalRules
from bot.ports.code_host import CodeHost, CodeRepositories, ReviewPlace, RunbookPlace
from bot.settings.review_settings import (
    FOLDER,
    GITHUB,
    GITLAB,
    RepositoryAddress,
    ReviewSettings,
    parse_repository,
)


def open_repositories(settings: ReviewSettings) -> CodeRepositories:
    """Those that the settings name. Nothing is asked; without a token there are none."""
    review = runbook = None
    if settings.review_repository and settings.review_token is not None:
        address = parse_repository(settings.review_repository)
        path = address.path or FOLDER
        is_pattern = path.endswith(".md")
        folder = path.rpartition("/")[0] if is_pattern else path
        folder = folder.partition("{")[0].rstrip("/")
        pattern = path if is_pattern else f"{path}/INC-{{number}}.md"
        review = ReviewPlace(_open(settings, address), pattern, folder, settings.review_private)
    if settings.runbook_repository and settings.review_token is not None:
        address = parse_repository(settings.runbook_repository)
        runbook = RunbookPlace(_open(settings, address), address.path)
    return CodeRepositories(review, runbook)


def build_rules(settings: ReviewSettings) -> ProposalRules:
    """What goes there."""
    if settings.review_token is None:
        return ProposalRules()
    titles = {GITHUB: "GitHub", GITLAB: "GitLab"}
    named = [
        titles[parse_repository(place).host] if place else ""
        for place in (settings.review_repository, settings.runbook_repository)
    ]
    return ProposalRules(named[0], named[1], settings.review_private)


def _open(settings: ReviewSettings, address: RepositoryAddress) -> CodeHost:
    assert settings.review_token is not None
    token = settings.review_token.get_secret_value()
    if address.host == GITHUB:
        from bot.adapters.repositories.github_repository import GitHubRepository

        return GitHubRepository(token, address.name, settings.github_api_url)
    from bot.adapters.repositories.gitlab_project import GitLabRepository

    base = settings.gitlab_host
    return GitLabRepository(token, address.name, base if "://" in base else f"https://{base}")
