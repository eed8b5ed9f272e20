"""Problems for people: the grave ones first, dead links last, those of one cause together."""

import re
from collections.abc import Sequence

from bot.runbook.model import Problem

CAUSES = tuple(
    re.compile(pattern)
    for pattern in (
        r"does not say whom to page",
        r"No severities were found",
        r"No playbooks were found",
        r"No interval for status updates",
        r"There is no template",
        r"nobody can (?:fill|run)",
        r"stands? in no playbook",
        r"no contact goes by that name",
        r"is no Slack id, e-mail address or phone number|there is no handle",
        r"names nobody",
        r"has no response time|without a figure|is not understood",
        r"is no severity of this runbook|is named .* too",
        r"(?:is|are) not set",
    )
)
"""What problems are about, the gravest first."""

DEAD_LINK = re.compile(r"is a broken link")


def sort_by_gravity(problems: Sequence[Problem]) -> list[Problem]:
    """The errors first, then the warnings by cause; dead links last. Of one cause in the order of the file."""
    return sorted(problems, key=lambda problem: (problem.level != "error", _rank(problem)))


def _rank(problem: Problem) -> int:
    if DEAD_LINK.search(problem.message):
        return len(CAUSES) + 1
    found = (rank for rank, cause in enumerate(CAUSES) if cause.search(problem.message))
    return next(found, len(CAUSES))
