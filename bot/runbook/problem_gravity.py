"""Problems for people: the grave ones first, dead links last, those of one cause together."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from bot.runbook.model import Problem

CAUSES = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("nobody is paged", r"does not say whom to page"),
        ("no severities", r"No severities were found"),
        ("no playbooks", r"No playbooks were found"),
        ("no rhythm of updates", r"No interval for status updates"),
        ("no template", r"There is no template"),
        ("gaps that nobody can fill", r"nobody can (?:fill|run)"),
        ("commands in no playbook", r"stands? in no playbook"),
        ("people without a contact", r"no contact goes by that name"),
        ("contacts without a handle", r"is no Slack id, e-mail address or phone number|there is no handle"),
        ("steps of the escalation that name nobody", r"names nobody"),
        ("response times", r"has no response time|without a figure|is not understood"),
        ("playbooks' severities and names", r"is no severity of this runbook|is named .* too"),
        ("messages that are not used", r"it is not used"),
        ("variables that are not set", r"(?:is|are) not set"),
    )
)
"""What problems are about, the gravest first, each with its name."""

OTHERS = "others"
DEAD_LINKS = ("broken links", re.compile(r"is a broken link"))


@dataclass(frozen=True, slots=True)
class ProblemGroup:
    """Problems of one level and cause, in the order of the file."""

    cause: str
    problems: tuple[Problem, ...]


def group_by_gravity(problems: Sequence[Problem]) -> list[ProblemGroup]:
    """The errors first, then the warnings by cause; dead links last."""
    ordered = sorted(problems, key=_rank)
    groups = ((rank, tuple(problems_of_rank)) for rank, problems_of_rank in groupby(ordered, key=_rank))
    return [ProblemGroup(_name(rank[1]), problems_of_rank) for rank, problems_of_rank in groups]


def list_causes(problems: Sequence[Problem]) -> list[str]:
    """A line for each cause, as a log has it: its place and message; of several alike how many, and the first."""
    lines = []
    for group in group_by_gravity(problems):
        first, *others = group.problems
        if group.cause == OTHERS or not others:
            lines += [f"{problem.place}: {problem.message}" for problem in group.problems]
        else:
            places = ", ".join(problem.place for problem in others)
            told = f"{len(group.problems)} × {group.cause}, the others at {places}"
            lines.append(f"{first.place}: {first.message} ({told})")
    return lines


def _rank(problem: Problem) -> tuple[bool, int]:
    if DEAD_LINKS[1].search(problem.message):
        return problem.level != "error", len(CAUSES) + 1
    found = (rank for rank, (_, cause) in enumerate(CAUSES) if cause.search(problem.message))
    return problem.level != "error", next(found, len(CAUSES))


def _name(rank: int) -> str:
    return [*(name for name, _ in CAUSES), OTHERS, DEAD_LINKS[0]][rank]
