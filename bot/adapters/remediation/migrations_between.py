"""Whether database migrations lie between two images, asked of GitHub by the commits or tags that their tags name.

https://docs.github.com/rest/commits/commits#compare-two-commits
"""

import re
from dataclasses import dataclass

import httpx

from bot.adapters.remediation.protocol import Task

COMMIT = re.compile(r"(?:sha-)?([0-9a-f]{7,40})")
TAG = re.compile(r"(?!(?:latest|stable|main|master|prod|production)$)[A-Za-z0-9][\w.-]{0,99}")
"""What may be a tag of the repository, too; what is moved from release to release is none."""

MOST_FILES = 300
"""So many files GitHub tells at most."""

MIGRATION = re.compile(r"(?:^|/)(?:migrations?|prisma|alembic|db/migrate|flyway|liquibase)/")
TIMEOUT_S = 1.0


@dataclass(frozen=True, slots=True)
class Lookup:
    """The migrations' files, or in a sentence why they are not known."""

    found: tuple[str, ...] = ()
    unknown: str = ""


def find_migrations(task: Task, old_tag: str, new_tag: str) -> Lookup:
    """The files of migrations that were changed from the old image to the new one."""
    old, new = _name_ref(old_tag), _name_ref(new_tag)
    repository, token = task.keys.get("github_repository"), task.keys.get("github_token")
    if not old or not new or not repository or not token:
        return Lookup(
            unknown="Whether migrations lie between the two images: their tags name no commits that I can read."
        )
    address = f"{task.keys['github_api_url']}/repos/{repository}/compare/{old}...{new}"
    try:
        answer = httpx.get(
            address,
            headers={"Authorization": f"Bearer {token}", "Accept": "application/vnd.github+json"},
            timeout=TIMEOUT_S,
        )
        if answer.status_code == 404:
            return Lookup(
                unknown=f"Whether migrations lie between the two images: GitHub knows no {old} or {new}."
            )
        answer.raise_for_status()
        files = [str(file["filename"]) for file in answer.json().get("files", ())]
    except (httpx.HTTPError, ValueError, KeyError):
        return Lookup(unknown="Whether migrations lie between the two images: GitHub did not tell.")
    found = tuple(name for name in files if MIGRATION.search(name))
    if not found and len(files) >= MOST_FILES:
        return Lookup(
            unknown="Whether migrations lie between the two images: too many files changed to tell."
        )
    return Lookup(found)


def _name_ref(tag: str) -> str:
    """By what GitHub knows the commit of an image's tag; empty where it cannot be told."""
    if commit := COMMIT.fullmatch(tag):
        return commit[1]
    return tag if TAG.fullmatch(tag) else ""
