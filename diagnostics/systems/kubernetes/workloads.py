"""Rules for deployments and their like: progress, available pods, and what the newest revision changed."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.diagnostic_run import Suspect
from bot.domain.finding import Verdict
from diagnostics.analysis.rule_table import Rule, always, judge
from diagnostics.systems.kubernetes.judgement import JudgedKind, Judgement, Moment
from diagnostics.systems.kubernetes.models import Revision, WorkloadState

HEADS = ("NAME", "AVAILABLE", "UPDATED", "REVISION", "ROLLED OUT", "IMAGES")
HISTORY = ("NAME", "REVISION", "MADE", "IMAGES")
FEW = 0.5
"""Of the wanted pods; fewer that are available are bad."""


@dataclass(frozen=True, slots=True)
class SeenWorkload:
    """One workload at a moment."""

    work: WorkloadState
    at: Moment

    @property
    def newest(self) -> Revision | None:
        return self.work.revisions[0] if self.work.revisions else None

    @property
    def is_new(self) -> bool:
        """Whether its newest revision may be the cause. The first revision of all replaced nothing."""
        return (
            len(self.work.revisions) > 1
            and self.newest is not None
            and self.at.is_recent(self.newest.created)
        )

    @property
    def counted(self) -> str:
        return f"{self.work.available} of {self.work.desired} pods available"

    @property
    def change(self) -> str:
        """A half sentence about the newest revision, empty where it is no suspect."""
        if not self.is_new or self.newest is None or self.newest.created is None:
            return ""
        what = describe_difference(self.work.revisions)
        made = f"revision {self.newest.number} came {self.at.relate(self.newest.created)}"
        return f"; {made}{f', {what}' if what else ''}"


def describe_difference(revisions: Sequence[Revision]) -> str:
    """`web: shop/web:1.3 → shop/web:1.4` for each image that differs between the last two; empty where none does."""
    if len(revisions) < 2:
        return ""
    new, old = revisions[0].images, revisions[1].images
    changed = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    return ", ".join(f"{name}: {old.get(name, 'none')} → {new.get(name, 'none')}" for name in changed)


def judge_workloads(noun: str, works: Sequence[WorkloadState], at: Moment) -> JudgedKind:
    """Each one by its counts, its conditions and its newest revision."""
    return JudgedKind(noun, HEADS, tuple(_judge(SeenWorkload(work, at)) for work in works), "are available")


def judge_history(noun: str, works: Sequence[WorkloadState], at: Moment) -> JudgedKind:
    """The same, with a row for each revision."""
    judged = [_judge(SeenWorkload(work, at)) for work in works]
    rows = [
        Judgement(
            judgement.verdict if not place else Verdict.OK,
            judgement.name,
            judgement.said,
            row,
            judgement.suspect,
        )
        for judgement, work in zip(judged, works, strict=True)
        for place, row in enumerate(_rows(work, at))
    ]
    return JudgedKind(noun, HISTORY, tuple(rows), "are available")


def _rows(work: WorkloadState, at: Moment) -> list[tuple[str, ...]]:
    made: list[tuple[str, ...]] = [
        (work.name, str(revision.number), f"{at.age(revision.created)} ago", _images(revision))
        for revision in work.revisions
    ]
    return made or [(work.name, "-", "-", "-")]


def _images(revision: Revision | None) -> str:
    return ", ".join(revision.images.values()) if revision and revision.images else "-"


def _judge(seen: SeenWorkload) -> Judgement:
    verdict, said = judge(RULES, seen)
    newest, work = seen.newest, seen.work
    row = (
        work.name,
        f"{work.available}/{work.desired}",
        str(work.updated),
        str(newest.number) if newest else "-",
        f"{seen.at.age(newest.created)} ago" if newest else "-",
        _images(newest),
    )
    why = describe_difference(work.revisions)
    suspect = None
    if seen.is_new and newest and verdict is not Verdict.OK:
        suspect = Suspect("deployment", f"{work.name} revision {newest.number}", why, newest.created)
    return Judgement(verdict, work.name, said, row, suspect)


RULES: tuple[Rule[SeenWorkload], ...] = (
    Rule(
        lambda seen: seen.work.trouble,
        Verdict.BAD,
        lambda seen: f"does not get on ({seen.work.trouble}), {seen.counted}{seen.change}",
    ),
    Rule(lambda seen: not seen.work.desired, Verdict.WARN, lambda _: "is scaled to 0 pods"),
    Rule(
        lambda seen: seen.work.available < seen.work.desired * FEW,
        Verdict.BAD,
        lambda seen: f"has {seen.counted}{seen.change}",
    ),
    Rule(
        lambda seen: seen.work.available < seen.work.desired,
        Verdict.WARN,
        lambda seen: f"has {seen.counted}{seen.change}",
    ),
    Rule(
        lambda seen: not seen.work.observed or (seen.work.updated and seen.work.updated < seen.work.desired),
        Verdict.WARN,
        lambda seen: (
            f"is being rolled out: {seen.work.updated} of {seen.work.desired} pods updated{seen.change}"
        ),
    ),
    Rule(lambda seen: seen.is_new, Verdict.WARN, lambda seen: f"has {seen.counted}{seen.change}"),
    Rule(always, Verdict.OK, lambda seen: f"has {seen.counted}"),
)
