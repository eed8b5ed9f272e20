"""`tocsin check`: what the bot understands of a runbook, and whom it would reach."""

import asyncio
import os
import shutil
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.checkout_path import ROOT
from bot.errors import SettingsProblem

if TYPE_CHECKING:
    from bot.contacts import ContactBook
    from bot.runbook import Runbook


@click.command(short_help="Say what the bot understands of a runbook.")
@click.argument("runbook", required=False, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.option("--preview", is_flag=True, help="What declaring at each severity would do.")
def check(runbook: Path | None, as_json: bool, preview: bool) -> None:
    """Say what the bot understands of RUNBOOK."""
    from bot.adapters.runbook_files import find_broken_link, load_runbook_files
    from bot.runbook import (
        UndecodableFile,
        add_contact_book,
        add_problems,
        check_reach,
        json_report,
        override_bridge,
        parse_runbook,
        report,
        wrap,
    )
    from bot.settings.setting_lookup import find_monitored_value

    path = runbook or Path(os.environ.get("TOCSIN_RUNBOOK") or ROOT / "templates" / "runbook.md")
    try:
        shelf = load_runbook_files(path)
    except (OSError, UndecodableFile) as error:
        why = error.strerror if isinstance(error, OSError) else error
        click.echo(f"tocsin: {path} cannot be read: {why}", err=True)
        sys.exit(2)
    plain = parse_runbook(shelf.text, shelf.problems)
    book, unusable = _book()
    found = add_problems(
        add_contact_book(plain, book, _is_set), _is_set, partial(find_broken_link, path.parent)
    )
    found, wrong = override_bridge(found, find_monitored_value("TOCSIN_CALL_URL"))
    unusable += wrong
    if preview:
        from bot.cli.preview import calls_nobody, format_preview

        for line in format_preview(found, plain, book, _is_set):
            click.echo(line)
        sys.exit(1 if any(found.errors()) or calls_nobody(plain, book, _is_set) else 0)
    if as_json:
        import json

        click.echo(json.dumps(json_report.build_json(found), ensure_ascii=False, indent=2))
    else:
        colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        text = report.format_report(found, colour, check_reach(plain, book, _is_set))
        click.echo(path)
        click.echo(wrap(text, shutil.get_terminal_size().columns) if sys.stdout.isatty() else text)
        _show_templates(found)
        _show_status_pages()
        unusable += _show_remediations(found, book)
    for problem in (*unusable, *_unread(plain.war_room)):
        click.echo(f"tocsin: {problem}", err=True)
    sys.exit(2 if unusable else 1 if any(found.errors()) else 0)


def _show_templates(runbook: "Runbook") -> None:
    """Each template as it would be posted, with invented values."""
    from bot.cli.preview import format_filled

    for template in runbook.templates.values():
        click.echo(f"The {template.id} as it would be posted:")
        for line in format_filled(runbook, template, runbook.severities[0]):
            click.echo(f"    {line}".rstrip())
        click.echo()


def _show_status_pages() -> None:
    """Whether customers could be told; nothing where no page is set up, or other settings are wrong."""
    from bot.cli.page_examination import examine_pages
    from bot.settings import read_some
    from bot.settings.remediation_settings import SystemSettings

    try:
        settings = read_some(SystemSettings)
    except SettingsProblem:
        return  # what is wrong is told with the remediations, whose settings these are too
    if found := asyncio.run(examine_pages(settings)):
        click.echo("Status pages:")
        for page in found:
            click.echo(f"  {'warning' if page.why else '':9}{page.why or f'{page.title} can be published'}")
        click.echo()


def _show_remediations(runbook: "Runbook", book: "ContactBook") -> tuple[str, ...]:
    """Which kinds are on, with which rights, who approves, and what lacks. Gives the settings that are wrong."""
    from bot.adapters.remediation.readiness import ask_databases, explain_workflow, read_readiness
    from bot.domain.remediation import RemediationKind
    from bot.services.remediation_lacks import explain_unnamed
    from bot.services.remediation_offers import list_offers
    from bot.settings import read_some
    from bot.settings.remediation_settings import SystemSettings

    try:
        settings = read_some(SystemSettings)
    except SettingsProblem as error:
        return error.problems
    offers = [offer for playbook in runbook.playbooks for offer in list_offers(runbook, playbook, ())]
    workflows = [offer for offer in offers if offer.kind is RemediationKind.WORKFLOW]
    lines = [
        f"{'warning' if line.is_warning else '':9}{line.sentence}"
        for line in (*read_readiness(settings, book.approvers), *ask_databases(settings))
    ]
    for offer in workflows:
        if why := explain_workflow(settings, offer.parameters):
            lines.append(f"{'warning':9}line {offer.line}: {why}")
    lines += [f"{'warning':9}line {offer.line}: {why}" for offer in offers if (why := explain_unnamed(offer))]
    click.echo("Remediations:")
    for line in lines:
        click.echo(f"  {line}")
    return ()


def _unread(war_room: str | None) -> tuple[str, ...]:
    """That nobody would read the incidents channel; nothing where no token says whom to ask."""
    from bot import settings
    from bot.settings import setting_lookup

    if (token := setting_lookup.find_monitored_value("SLACK_BOT_TOKEN")) is None:
        return ()
    from bot.cli.audience_check import find_audience_problem

    channel = setting_lookup.find_monitored_value("TOCSIN_CHANNEL") or war_room or settings.DEFAULT_CHANNEL
    said = asyncio.run(
        find_audience_problem(token, setting_lookup.find_monitored_value("SLACK_API_URL") or "", channel)
    )
    return (said,) if said else ()


def _book() -> tuple["ContactBook", tuple[str, ...]]:
    """The contacts that TOCSIN_CONTACTS names, or none and why not."""
    from bot.contacts import ContactBook, read_contacts_file

    where = os.environ.get("TOCSIN_CONTACTS")
    try:
        return read_contacts_file(Path(where) if where else None), ()
    except SettingsProblem as error:
        return ContactBook(), error.problems


def _is_set(name: str) -> bool:

    from bot.settings import setting_lookup

    return setting_lookup.find_setting(name) is not None
