"""Whether database migrations lie between two images, asked of GitHub by the commits that their tags name."""

import re
from dataclasses import dataclass

import httpx

from bot.adapters.remediation.protocol import Task

COMMIT = re.compile(r"(?:sha-)?([0-9a-f]{7,40})")
MIGRATION = re.compile(r"(?:^|/)(?:migrations?|prisma|alembic|db/migrate|flyway|liquibase)/")
TIMEOUT_S = 1.0


@dataclass(frozen=True, slots=True)
class Lookup:
    """The migrations' files, or in a sentence why they are not known."""

    found: tuple[str, ...] = ()
    unknown: str = ""


def find_migrations(task: Task, old_tag: str, new_tag: str) -> Lookup:
    """The files of migrations that were changed from the old image to the new one."""
    old, new = COMMIT.fullmatch(old_tag), COMMIT.fullmatch(new_tag)
    repository, token = task.keys.get("github_repository"), task.keys.get("github_token")
    if not old or not new or not repository or not token:
        return Lookup(
            unknown="Whether migrations lie between the two images: their tags name no commits that I can read."
        )
    address = f"{task.keys['github_api_url']}/repos/{repository}/compare/{old[1]}...{new[1]}"
    try:
        answer = httpx.get(
            address,
            headers={"Authorization": f"Bearer {token}", "Accept": "application/vnd.github+json"},
            timeout=TIMEOUT_S,
        )
        answer.raise_for_status()
        files = [str(each["filename"]) for each in answer.json().get("files", ())]
    except (httpx.HTTPError, ValueError, KeyError):
        return Lookup(unknown="Whether migrations lie between the two images: GitHub did not tell.")
    return Lookup(tuple(name for name in files if MIGRATION.search(name)))
