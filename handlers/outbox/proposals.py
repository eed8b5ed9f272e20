"""Brings files to a code host as a pull request: one for each branch for ever, whatever becomes of an answer.

Nothing is done from memory: each attempt reads how branch and pull request stand, and does what is missing.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bot.ports.code_host import (
    CodeHost,
    HostRefused,
    NewCommit,
    PullRequest,
    PullRequestState,
    RepositoryFacts,
    StoredFile,
)

Rewrite = Callable[[str | None], str]
"""The new text of a file from the one that stands there (None: there is none). The same text leaves it."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a pull request is to have. `mark` is hidden in its text and tells it from those of others. `pictures` are
    written once, beside a file that changed: another picture has another path."""

    branch: str
    mark: str
    title: str
    body: str
    message: str
    files: Mapping[str, Rewrite]
    must_be_private: bool = False
    pictures: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def marked_body(self) -> str:
        """Its text with the mark."""
        return f"{self.body}\n\n<!-- {self.mark} -->\n"


async def propose(host: CodeHost, wanted: Proposal) -> PullRequest | None:
    """The pull request, brought up to date; None when there is nothing to propose. One that people ended is given as it
    is, and nothing is committed any more.

    Raises HostRefused, HostBusy, BranchMoved or HostAnswerLost.
    """
    pulls, facts, head = await asyncio.gather(
        host.find_pull_requests(wanted.branch), host.describe(), host.find_branch(wanted.branch)
    )
    _ensure_allowed(host, facts, wanted.must_be_private)
    ours = [pull for pull in pulls if wanted.mark in pull.body]
    if pulls and not ours:
        raise HostRefused(f"{host.title} has a pull request from {wanted.branch} that is not mine.")
    if ours and ours[0].state is not PullRequestState.OPEN:
        return ours[0]
    parent = head or await host.find_branch(facts.default_branch)
    if parent is None:
        raise HostRefused(f"{host.repository} is empty: make a first commit on {facts.default_branch}.")
    before = await _read_files(host, wanted, parent)
    files = {
        path: text for path, rewrite in wanted.files.items() if (text := _rewrite(rewrite, before.get(path)))
    }
    if not files and head is None:
        return None
    if files:
        pictures = await _select_new_pictures(host, wanted, parent)
        new = NewCommit(wanted.branch, parent, head is None, wanted.message, {**pictures, **files}, before)
        await host.commit(new)
    if ours:
        return ours[0]
    return await host.open_pull_request(wanted.branch, facts.default_branch, wanted.title, wanted.marked_body)


async def read_default(host: CodeHost, path: str, branch: str) -> str:
    """A file as the branch has it, else as the default branch has it. Raises as `propose` does."""
    facts, head = await asyncio.gather(host.describe(), host.find_branch(branch))
    _ensure_allowed(host, facts, must_be_private=True)
    commit = head or await host.find_branch(facts.default_branch)
    found = await host.read_file(path, commit) if commit else None
    if found is None:
        raise HostRefused(f"{host.repository} has no {path}: set TOCSIN_RUNBOOK_REPOSITORY right.")
    return found.text


def _ensure_allowed(host: CodeHost, facts: RepositoryFacts, must_be_private: bool) -> None:
    if must_be_private and facts.is_public:
        raise HostRefused(f"{host.repository} is public: anybody would read it there. Nothing was proposed.")
    if not facts.may_write:
        raise HostRefused(
            f"TOCSIN_REVIEW_TOKEN may not write to {host.repository}, or it is archived. Nothing was proposed."
        )


async def _read_files(host: CodeHost, wanted: Proposal, commit: str) -> Mapping[str, StoredFile]:
    found = await asyncio.gather(*(host.read_file(path, commit) for path in wanted.files))
    return {path: file for path, file in zip(wanted.files, found, strict=True) if file is not None}


async def _select_new_pictures(host: CodeHost, wanted: Proposal, commit: str) -> Mapping[str, bytes]:
    found = await asyncio.gather(*(host.has_file(path, commit) for path in wanted.pictures))
    pairs = zip(wanted.pictures.items(), found, strict=True)
    return {path: picture for (path, picture), is_there in pairs if not is_there}


def _rewrite(rewrite: Rewrite, before: StoredFile | None) -> str:
    """The new text; empty where it is the one that stands there."""
    text = rewrite(before.text if before else None)
    return "" if before is not None and text == before.text else text
