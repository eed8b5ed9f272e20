"""An incident as one Markdown page, for the review and for the archive."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from bot.domain.incident import Situation, TimelineEntry
from bot.domain.timeline_proof import TimelineProof
from templates.spans import (
    Bold,
    ChannelMention,
    Code,
    EveryoneMention,
    Span,
    Timestamp,
    UserMention,
    WebLink,
)
from templates.timeline_entries import render_entry

MARKUP = re.compile(r"([\\`*_\[\]<>#|~])")
LIST = re.compile(r"^(\s*)([-+]|\d+\.)(\s)", re.MULTILINE)


def escape_markdown(text: str) -> str:
    """The text as a paragraph of Markdown that shows it as it is."""
    return LIST.sub(r"\1\\\2\3", MARKUP.sub(r"\\\1", text))


def format_instant(at: datetime) -> str:
    """`2026-03-01 14:05:09 UTC`."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def name_people(situation: Situation) -> Mapping[str, str]:
    """By Slack's ids as what people were called: their contact's name and the id."""
    return {page.person: f"{page.contact} ({page.person})" for page in situation.pages}


def format_markdown(situation: Situation, evidence: Sequence[Mapping[str, Any]], proof: TimelineProof) -> str:
    """The page: facts, timeline, updates, evidence, checklist, and the head of the timeline's chain.

    `evidence` are the rows of what each step found last, with `detail` as it is kept.
    """
    people = name_people(situation)
    parts = (
        _render_facts(situation, people),
        _render_timeline(situation, people),
        _render_updates(situation, people),
        _render_evidence(evidence),
        _render_checklist(situation, people),
        _render_proof(proof),
    )
    return "\n".join(line for part in parts for line in part) + "\n"


def _render_facts(situation: Situation, people: Mapping[str, str]) -> Iterator[str]:
    incident, took = situation.incident, situation.measured
    yield f"# {incident.reference}: {escape_markdown(' '.join(incident.title.split()))}"
    yield ""
    drill = "A drill. " if incident.drill else ""
    yield f"{drill}Severity {escape_markdown(incident.severity)}, {situation.standing}."
    yield ""
    facts = {
        "Declared": f"{format_instant(incident.declared_at)} by {_name(incident.declared_by, people)}",
        "Commander": _name(incident.commander, people),
        **{role.capitalize(): _name(person, people) for role, person in situation.roles.items()},
        "Acknowledged after": str(took.to_acknowledge).split(".")[0] if took.to_acknowledge else "",
        "Resolved after": str(took.to_resolve).split(".")[0] if took.to_resolve else "",
        "Impact": escape_markdown(incident.impact),
        "Affected": escape_markdown(incident.affected_users),
        "Root cause": escape_markdown(incident.root_cause),
        "Resolution": escape_markdown(incident.resolution),
    }
    yield from (f"- {name}: {_indent(said)}" for name, said in facts.items() if said)


def _name(person: str, people: Mapping[str, str]) -> str:
    return escape_markdown(people.get(person, person))


def _indent(text: str) -> str:
    """Further lines of an item as lines of that item."""
    return "\n  ".join(text.splitlines())


def _render_timeline(situation: Situation, people: Mapping[str, str]) -> Iterator[str]:
    yield from ("", "## Timeline", "")
    yield from (f"- {_indent(_render_line(situation, entry, people))}" for entry in situation.entries)


def _render_line(situation: Situation, entry: TimelineEntry, people: Mapping[str, str]) -> str:
    return "".join(format_markdown_span(span, people) for span in render_entry(situation, entry))


def format_markdown_span(span: Span, people: Mapping[str, str]) -> str:
    """One span of a message as Markdown."""
    match span:
        case str(text):
            return escape_markdown(text)
        case Bold(text):
            return f"**{escape_markdown(text)}**"
        case Code(text):
            return f"`{text.replace('`', chr(39))}`"
        case UserMention(id):
            return _name(id, people)
        case ChannelMention(id):
            return f"channel {escape_markdown(id)}"
        case EveryoneMention():
            return "everybody in the channel"
        case WebLink(url, text):
            return f"[{escape_markdown(text)}](<{url.replace('>', '%3E').replace('<', '%3C')}>)"
        case Timestamp(at):
            return format_instant(at)


def _render_updates(situation: Situation, people: Mapping[str, str]) -> Iterator[str]:
    if situation.updates:
        yield from ("", "## Updates", "")
    for update in situation.updates:
        yield f"- {format_instant(update.at)}, {_name(update.author, people)}, {update.status}:"
        yield f"  {_indent(escape_markdown(update.text))}"


def _render_evidence(evidence: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if evidence:
        yield from ("", "## Evidence", "")
    for row in evidence:
        when = f", {format_instant(row['collected_at'])}" if row["collected_at"] else ""
        yield f"- {row['verdict']}: {escape_markdown(row['title'])}: {_indent(escape_markdown(row['headline']))}"
        yield f"  (line {row['line']}{when}, sha256 {row['digest'] or 'none'})"


def _render_checklist(situation: Situation, people: Mapping[str, str]) -> Iterator[str]:
    if situation.items:
        yield from ("", "## Checklist", "")
    for item in situation.items:
        done = f", done by {_name(item.done_by or '', people)}" if item.is_done else ""
        yield f"- [{'x' if item.is_done else ' '}] {_indent(escape_markdown(item.text))}{done}"


def _render_proof(proof: TimelineProof) -> Iterator[str]:
    head = proof.head.text if proof.head else "none"
    yield from (
        "",
        "## Proof",
        "",
        f"Head of the timeline's chain: `{head}`",
        "",
        escape_markdown(proof.text),
    )
