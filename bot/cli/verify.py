"""`tocsin verify`: whether timelines are as they were written."""

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from bot.cli.exit_codes import run_or_exit
from bot.cli.operator_database import INCIDENT, describe_missing, open_operator_database

if TYPE_CHECKING:
    from bot.adapters.database.operator_session import OperatorSession
    from bot.domain.timeline_proof import TimelineHead, TimelineProof

NO_HEADS = (
    "No head from outside was given: whoever owns the database could have written all of it anew. Heads stand in the"
    " log (`timeline heads:`, daily), in exports and under resolution messages: ./tocsin verify --heads FILE."
)


@click.command(short_help="Prove that timelines are as they were written.")
@click.argument("incident", type=INCIDENT, required=False)
@click.option(
    "--heads",
    type=click.File(),
    multiple=True,
    help="A file in which heads stand (INC-42/14:3f9a…): a log, an export, a copied message; - for standard input.",
)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def verify(incident: int | None, heads: Sequence[Any], as_json: bool) -> None:
    """Reckon the chain of each timeline, or of INCIDENT's, anew, and hold it against heads that have left the database.

    Exit code 1 when something was changed.
    """
    from bot.domain.timeline_proof import parse_heads

    outside = [head for file in heads for head in parse_heads(file.read())]

    async def work() -> None:
        async with open_operator_database() as session:
            proofs, notes, faults = await _prove_all(session, incident, outside)
        if as_json:
            click.echo(
                json.dumps(
                    {"incidents": [asdict(proof) for proof in proofs], "notes": notes, "faults": faults}
                )
            )
        else:
            click.echo("\n".join(_lines(proofs, notes, faults, bool(outside))))
        if faults or any(proof.faults for proof in proofs):
            sys.exit(1)

    run_or_exit(work)


async def _prove_all(
    session: "OperatorSession", incident: int | None, outside: "Sequence[TimelineHead]"
) -> tuple["list[TimelineProof]", list[str], list[str]]:
    """The proofs, what is said of incidents that were removed, and of those that are missing."""
    numbers, removed = await session.list_numbers(), await session.list_removed()
    if incident is not None:
        if incident not in numbers and incident not in removed:
            raise describe_missing(incident)
        numbers, outside = (
            [incident] * (incident in numbers),
            [head for head in outside if head.incident == incident],
        )
        removed = {number: row for number, row in removed.items() if number == incident}
    proofs = [await session.prove(number, outside) for number in numbers]
    notes = [
        f"INC-{number} was exported to {row['file']} (sha256 {row['file_sha']}) and removed on {row['at']:%Y-%m-%d}."
        for number, row in removed.items()
    ]
    return proofs, notes, [*_find_missing(outside, set(numbers), removed)]


def _find_missing(outside: "Iterable[TimelineHead]", there: set[int], removed: Any) -> Iterable[str]:
    """Of which incidents heads left the database that it knows nothing of, or another end."""
    for head in outside:
        row = removed.get(head.incident)
        if head.incident not in there and row is None:
            yield f"INC-{head.incident} is not there, and a head of it left the database ({head.short_text})."
        elif (
            row is not None
            and head.position == row["position"]
            and not str(row["chain"]).startswith(head.chain)
        ):
            yield f"INC-{head.incident} was removed with another end than a head outside says ({head.short_text})."


def _lines(
    proofs: "Sequence[TimelineProof]", notes: Sequence[str], faults: Sequence[str], has_heads: bool
) -> list[str]:
    changed = sum(bool(proof.faults) for proof in proofs) + len(faults)
    entries = sum(proof.chained for proof in proofs)
    total = f"{len(proofs)} incidents, {entries} entries: "
    total += f"{changed} changed." if changed else "all as they were written."
    return [*(proof.text for proof in proofs), *notes, *faults, total, *([] if has_heads else [NO_HEADS])]
