"""An incident as one Markdown page, for the review and for the archive."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from typing import Any

from bot.domain.diagnostic_run import UNKNOWN
from bot.domain.incident import Situation, TimelineEntry
from bot.domain.review import ReviewChart
from bot.domain.timeline_proof import TimelineProof
from bot.text.redaction import redact
from templates.diagnostic_run import WORDS
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
ESCAPED_MENTION = re.compile(r"\\<@([UW][A-Z0-9]+)(?:\\\|(?:[^\\\n]|\\.)*?)?\\>")
LIST = re.compile(r"^(\s*)([-+]|\d+\.)(\s)", re.MULTILINE)


def escape_markdown(text: str) -> str:
    """The text as a paragraph of Markdown that shows it as it is."""
    return LIST.sub(r"\1\\\2\3", MARKUP.sub(r"\\\1", text))


def name_mentioned(document: str, people: Mapping[str, str]) -> str:
    """The document with names in place of Slack's mentions in people's words, where they are known."""

    def find_name(found: re.Match[str]) -> str:
        name = people.get(found[1])
        return f"@{escape_markdown(name)}" if name else found[0]

    return ESCAPED_MENTION.sub(find_name, document)


def format_instant(at: datetime, zone: tzinfo | None = None) -> str:
    """`2026-03-01 14:05:09 UTC`, and in the team's own time where that is another."""
    utc = f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    local = at.astimezone(zone) if zone else None
    if local is None or local.utcoffset() == at.astimezone(UTC).utcoffset():
        return utc
    day = f"{local:%Y-%m-%d} " if local.date() != at.astimezone(UTC).date() else ""
    return f"{utc} ({day}{local:%H:%M:%S %Z})"


@dataclass(frozen=True, slots=True)
class ExportStyle:
    """How a page is written: what people are called by their Slack ids, the team's zone, and the folder of the charts'
    pictures as seen from the page, None where there are none beside it."""

    people: Mapping[str, str]
    zone: tzinfo | None = None
    pictures: str | None = None

    def tell(self, at: datetime) -> str:
        """An instant."""
        return format_instant(at, self.zone)

    def name(self, person: str) -> str:
        """What somebody is called."""
        return escape_markdown(self.people.get(person, person))


def name_people(situation: Situation) -> Mapping[str, str]:
    """By Slack's ids as what people were called, for those whose own names are not known."""
    return {page.person: f"{page.contact} ({page.person})" for page in situation.pages}


def format_markdown(
    situation: Situation,
    evidence: Sequence[Mapping[str, Any]],
    proof: TimelineProof,
    charts: Sequence[ReviewChart] = (),
    style: ExportStyle | None = None,
) -> str:
    """The page: facts, timeline, updates, evidence, checklist, and the head of the timeline's chain.

    `evidence` are the rows of what each step found last, with `detail` as it is kept; `charts` what checks saw when it
    was worst.
    """
    known = name_people(situation)
    told = replace(style, people={**known, **style.people}) if style else ExportStyle(known)
    parts = (
        _render_facts(situation, told),
        _render_timeline(situation, told),
        _render_updates(situation, told),
        _render_evidence(evidence, charts, told),
        _render_checklist(situation, told),
        _render_proof(proof),
    )
    return name_mentioned("\n".join(line for part in parts for line in part) + "\n", told.people)


def _render_facts(situation: Situation, style: ExportStyle) -> Iterator[str]:
    incident, took = situation.incident, situation.measured
    yield f"# {incident.reference}: {escape_markdown(' '.join(incident.title.split()))}"
    yield ""
    drill = "A drill. " if incident.drill else ""
    yield f"{drill}Severity {escape_markdown(incident.severity)}, {situation.standing}."
    yield ""
    facts = {
        "Declared": f"{style.tell(incident.declared_at)} by {style.name(incident.declared_by)}",
        "Commander": style.name(incident.commander),
        **{role.capitalize(): style.name(person) for role, person in situation.roles.items()},
        "Acknowledged after": str(took.to_acknowledge).split(".")[0] if took.to_acknowledge else "",
        "Resolved after": str(took.to_resolve).split(".")[0] if took.to_resolve else "",
        "Impact": escape_markdown(incident.impact),
        "Affected": escape_markdown(incident.affected_users),
        "Root cause": escape_markdown(incident.root_cause),
        "Resolution": escape_markdown(incident.resolution),
    }
    yield from (f"- {name}: {_indent(said)}" for name, said in facts.items() if said)


def _indent(text: str) -> str:
    """Further lines of an item as lines of that item."""
    return "\n  ".join(text.splitlines())


def _render_timeline(situation: Situation, style: ExportStyle) -> Iterator[str]:
    yield from ("", "## Timeline", "")
    yield from (f"- {_indent(_render_line(situation, entry, style))}" for entry in situation.entries)


def _render_line(situation: Situation, entry: TimelineEntry, style: ExportStyle) -> str:
    return "".join(
        format_markdown_span(span, style.people, style.zone) for span in render_entry(situation, entry)
    )


def format_markdown_span(span: Span, people: Mapping[str, str], zone: tzinfo | None = None) -> str:
    """One span of a message as Markdown."""
    match span:
        case str(text):
            return escape_markdown(text)
        case Bold(text):
            return f"**{escape_markdown(text)}**"
        case Code(text):
            return f"`{text.replace('`', chr(39))}`"
        case UserMention(id):
            return escape_markdown(people.get(id, id))
        case ChannelMention(id):
            return f"channel {escape_markdown(id)}"
        case EveryoneMention():
            return "everybody in the channel"
        case WebLink(url, text):
            return f"[{escape_markdown(text)}](<{url.replace('>', '%3E').replace('<', '%3C')}>)"
        case Timestamp(at):
            return format_instant(at, zone)


def _render_updates(situation: Situation, style: ExportStyle) -> Iterator[str]:
    if situation.updates:
        yield from ("", "## Updates", "")
    for update in situation.updates:
        yield f"- {style.tell(update.at)}, {style.name(update.author)}, {update.status}:"
        yield f"  {_indent(escape_markdown(update.text))}"


def _render_evidence(
    evidence: Sequence[Mapping[str, Any]], charts: Sequence[ReviewChart], style: ExportStyle
) -> Iterator[str]:
    if evidence:
        yield from ("", "## Evidence", "")
    for row in evidence:
        when = f", {style.tell(row['collected_at'])}" if row["collected_at"] else ""
        word = WORDS[row["verdict"] or UNKNOWN]
        yield f"- {word}: {escape_markdown(row['title'])}: {_indent(escape_markdown(row['headline']))}"
        yield f"  (line {row['line']}{when}, sha256 {row['digest'] or 'none'})"
    for chart in charts:
        yield f"- {style.tell(chart.seen_at)}, {WORDS[chart.verdict]}: {_indent(escape_markdown(chart.headline))}"
        yield from ("", draw_chart(chart, style.pictures), "")


def draw_chart(chart: ReviewChart, pictures: str | None) -> str:
    """A chart as a picture in this folder; its words where no pictures stand beside the document."""
    words = escape_markdown(redact(" ".join(f"{chart.title}: {chart.words}".split())))
    return f"  Chart of {words}" if pictures is None else f"  ![{words}](<{pictures}/{chart.name}>)"


def _render_checklist(situation: Situation, style: ExportStyle) -> Iterator[str]:
    if situation.items:
        yield from ("", "## Checklist", "")
    for item in situation.items:
        done = f", done by {style.name(item.done_by or '')}" if item.is_done else ""
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
