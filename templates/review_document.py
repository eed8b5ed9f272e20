"""The post-incident review as a Markdown document: in the sections of the runbook's own template, or in the usual ones.

Its last line says by a hash that Tocsin wrote it: what people changed since is never overwritten.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping

from bot.domain.incident import Situation
from bot.domain.review import ReviewRecords
from templates.incident_export import name_mentioned, name_people
from templates.review_content import ReviewContent, ReviewLayout, escape_markdown
from templates.review_sections import NOT_SAID, SECTIONS, render_head

SEAL = re.compile(r"<!-- Written by Tocsin, ([0-9a-f]{16}): .*-->\n\Z")
SEAL_LINE = "<!-- Written by Tocsin, {}: once somebody changes this file, Tocsin leaves it to people. -->\n"

MEANT = (
    ("What went well", re.compile(r"went (?:well|right)|worked well|positives?\b", re.I)),
    ("What went badly", re.compile(r"went (?:wrong|badly|poorly)|didn.t go|could.* better|to improve", re.I)),
    ("Where we were lucky", re.compile(r"luck", re.I)),
    (
        "Action items",
        re.compile(r"action|follow[- ]?ups?|preventi|corrective|next steps|remediation items", re.I),
    ),
    ("Root cause", re.compile(r"cause|trigger|five whys|5 whys|\brca\b", re.I)),
    ("Status updates", re.compile(r"communicat|status updates", re.I)),
    ("Timeline", re.compile(r"time ?line|chronolog|sequence of events", re.I)),
    ("Detection", re.compile(r"detect|how .*noticed|discover", re.I)),
    ("Evidence", re.compile(r"evidence|supporting|metrics|graphs|data", re.I)),
    ("Impact", re.compile(r"impact|affected|customers?\b|users?\b", re.I)),
    ("Remediations", re.compile(r"remediations?\b(?! items)|changes? (?:made|to production)", re.I)),
    ("Earlier incidents", re.compile(r"(?:earlier|previous|similar|related) incidents?|recurr", re.I)),
    ("Resolution", re.compile(r"resol|recover|mitigat|fix", re.I)),
    ("Response", re.compile(r"respon|escalat|who|people|participants|authors?", re.I)),
    ("Times", re.compile(r"duration|dates?\b|times?\b|metrics", re.I)),
    ("Summary", re.compile(r"summary|overview|what happened|description|background", re.I)),
)
"""What a heading of a team's template asks for: the first that fits, each once."""


PLAIN = ReviewLayout()


def format_review(
    situation: Situation, records: ReviewRecords, names: Mapping[str, str], layout: ReviewLayout = PLAIN
) -> str:
    """The whole document; `names` are what people are called, by their Slack ids."""
    content = ReviewContent(situation, records, {**name_people(situation), **names}, layout)
    lines = [*render_head(content), *_render_sections(content)]
    return name_mentioned("\n".join(lines) + "\n", content.names)


def _render_sections(content: ReviewContent) -> Iterator[str]:
    """Those of the template in its order; what it has no place for comes behind them."""
    left, headings = dict(SECTIONS), content.layout.headings
    for heading in headings:
        name = next((name for name, words in MEANT if name in left and words.search(heading)), "")
        render = left.pop(name, None)
        body = list(render(content)) if render else []
        yield from ("", f"## {escape_markdown(heading)}", "", *(body or [NOT_SAID]))
    for name, render in left.items():
        if (body := list(render(content))) and (not headings or body != [NOT_SAID]):
            yield from ("", f"## {name}", "", *body)


def seal(document: str) -> str:
    """The document with the line that says that Tocsin wrote it."""
    return document + SEAL_LINE.format(_compute_digest(document))


def is_sealed(document: str) -> bool:
    """Whether it is as Tocsin wrote it."""
    found = SEAL.search(document)
    return found is not None and found[1] == _compute_digest(document[: found.start()])


def _compute_digest(document: str) -> str:
    return hashlib.sha256(document.encode()).hexdigest()[:16]
