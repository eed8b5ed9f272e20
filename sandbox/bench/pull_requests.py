"""A repository in which every pull request was merged a while ago: what it tells, and what reverting one does.

https://docs.github.com/rest/pulls/pulls, https://docs.github.com/graphql/reference/mutations#revertpullrequest
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
FIRST_NEW = 1_000_000


@dataclass(slots=True)
class PullRequests:
    """`new` are those that revert another one, in their order."""

    new: list[Json] = field(default_factory=list)

    def read(self, path: str, head: str) -> Any:
        """The answer to a question; `head` is the branch of the list that is asked for."""
        if path.endswith("/files"):
            return []
        if path == "pulls":
            return [pull for pull in self.new if head.endswith(f":{pull['head']['ref']}")]
        number = int(path.rpartition("/")[2])
        return self.new[number - FIRST_NEW] if number >= FIRST_NEW else _build_merged(number)

    def revert(self, asked: Mapping[str, str]) -> Json:
        """A new pull request; the answer is that of the mutation."""
        number = FIRST_NEW + len(self.new)
        old, link = asked["id"].removeprefix("PR_"), f"https://github.com/bench/app/pull/{number}"
        self.new.append(
            {
                "number": number,
                "state": "open",
                "head": {"ref": f"revert-{old}-change"},
                "body": asked["body"],
                "html_url": link,
            }
        )
        return {"data": {"revertPullRequest": {"revertPullRequest": {"number": number, "url": link}}}}


def _build_merged(number: int) -> Json:
    return {
        "number": number,
        "node_id": f"PR_{number}",
        "title": "A change",
        "state": "closed",
        "head": {"ref": "change"},
        "merged_at": "2026-11-30T05:00:00Z",
        "merge_commit_sha": f"{number:040x}",
    }
