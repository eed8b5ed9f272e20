"""`tocsin export`: an incident as a page or for programs."""

import asyncio
import getpass
import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from zoneinfo import ZoneInfo

import click

from bot.cli.exit_codes import run_or_exit
from bot.cli.operator_database import INCIDENT, describe_missing, open_operator_database
from bot.errors import SettingsProblem, TocsinError

if TYPE_CHECKING:
    from bot.adapters.database.operator_session import OperatorSession
    from bot.domain.incident import Situation
    from templates.review_content import ReviewLayout

PRIVATE = (
    "INC-{} is private: only its members see it. With --private it is exported, and its timeline says so:"
    " whoever may read the database could read it anyway."
)


@click.command(short_help="Print an incident: timeline, updates, evidence, checklist.")
@click.argument("incident", type=INCIDENT)
@click.option(
    "--markdown", "form", flag_value="markdown", default="markdown", help="A page to read (the default)."
)
@click.option("--review", "form", flag_value="review", help="The post-incident review, a page to read.")
@click.option("--json", "form", flag_value="json", help="For programs.")
@click.option(
    "--private", "may_be_private", is_flag=True, help="A private incident too; its timeline says so."
)
@click.option(
    "--charts",
    type=click.Path(path_type=Path, file_okay=False, exists=True, writable=True),
    help="Write the charts of --markdown or --review into this folder, and show them in it.",
)
def export(incident: int, form: str, may_be_private: bool, charts: Path | None) -> None:
    """Print INCIDENT (INC-42): timeline, updates, evidence, checklist, and the head of the timeline's chain."""

    async def work() -> None:
        async with open_operator_database() as session:
            found = await session.situation(incident)
            if found is None:
                raise describe_missing(incident)
            if found.incident.private:
                await _record_private_export(session, incident, may_be_private)
            texts = await build_export(session, incident, charts)
        click.echo(texts[form], nl=False)

    run_or_exit(work)


async def _record_private_export(session: "OperatorSession", number: int, may_be_private: bool) -> None:
    if not may_be_private:
        raise TocsinError(PRIVATE.format(number))
    await session.add_note(number, f"exported by the operator ({getpass.getuser()})")


async def build_export(
    session: "OperatorSession", number: int, charts: Path | None = None
) -> Mapping[str, str]:
    """The incident as `markdown`, as `json` and as `review`, whose charts are written into a folder. Raises TocsinError
    when there is none."""
    from templates.incident_export import ExportStyle, format_markdown
    from templates.review_document import format_review

    situation = await session.situation(number)
    if situation is None:
        raise describe_missing(number)
    evidence, proof = await session.list_evidence(number), await session.prove(number)
    records = await session.find_review_records(number)
    known = await session.all("names_of", people=sorted(records.list_people(situation)))
    names = {row["id"]: row["name"] for row in known}
    values = {
        **_build_values(situation),
        "review": [asdict(answer) for answer in records.answers],
        "actions": [asdict(item) for item in records.actions],
        "evidence": evidence,
        "proof": {**asdict(proof), "head": proof.head.text if proof.head else None},
    }
    written = json.dumps(values, indent=1, ensure_ascii=False, default=_convert)
    layout = await _read_layout(session, situation, charts)
    style = ExportStyle(names, layout.zone, layout.pictures)
    shown = {chart.name: chart for chart in records.charts} if charts else {}
    for name, chart in shown.items():
        picture = await session.chart(chart.look, chart.place)
        await asyncio.to_thread((cast(Path, charts) / name).write_bytes, picture or b"")
    return {
        "markdown": format_markdown(situation, evidence, proof, records.charts, style),
        "json": f"{written}\n",
        "review": format_review(situation, records, names, layout),
    }


async def _read_layout(
    session: "OperatorSession", situation: "Situation", charts: Path | None
) -> "ReviewLayout":
    """The runbook's own headings, and links to the messages in Slack."""
    from bot.runbook import find_review_headings
    from templates.review_content import ReviewLayout

    edition = await session.one("edition", sha=situation.incident.edition)
    workspace = await session.one("workspace")
    headings = find_review_headings(edition["text"]) if edition else ()
    folder = charts.as_posix() if charts else None
    return ReviewLayout(headings, _read_zone(), workspace["url"] if workspace else "", folder)


def _read_zone() -> ZoneInfo | None:
    """The team's, from the contacts file. One that cannot be read is told, and times are in UTC alone."""
    from bot.contacts import read_contacts_file
    from bot.settings.setting_lookup import find_monitored_value

    where = find_monitored_value("TOCSIN_CONTACTS")
    try:
        hours = read_contacts_file(Path(where) if where else None).hours
    except SettingsProblem as problem:
        click.echo(f"tocsin: {problem} Times are in UTC alone.", err=True)
        return None
    return ZoneInfo(hours.zone) if hours else None


def _build_values(situation: "Situation") -> dict[str, Any]:
    """What programs get of an incident; without what only Tocsin's own deliveries need."""
    return {
        "reference": situation.incident.reference,
        "incident": asdict(situation.incident),
        "timeline": [{"kind": entry.kind, **asdict(entry)} for entry in situation.entries],
        "updates": [asdict(update) for update in situation.updates],
        "checklist": [asdict(item) for item in situation.items],
        "roles": dict(situation.roles),
        "pages": [*map(asdict, situation.pages), *map(asdict, situation.ways)],
    }


def _convert(value: object) -> object:
    """What JSON has no form for: instants by ISO 8601, durations in seconds."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    return str(value)
