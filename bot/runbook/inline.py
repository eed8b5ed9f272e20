"""Single lines of Markdown: plain words, labels, links, slugs. The parser proper is in `blocks`."""

import re
from itertools import pairwise

COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.S)
TAG = re.compile(r"</?[A-Za-z][^<>]{0,200}>")
LINK = re.compile(r"!?\[(?P<name>[^\[\]]*)\]\((?P<url>[^()\s]*)(?:\s+\"[^\"]*\")?\)")
ADDRESS = re.compile(r"<?(?P<url>https?://[^\s<>|\"]*[^\s<>|\".,;:!?)\]'])>?")
EMPHASIS = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")
ITALIC = re.compile(r"(?<![\w*])([*_])(?=\S)([^*_]+?)(?<=\S)\1(?![\w*])")
CODE = re.compile(r"(`+)(.+?)\1")
ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
MARKED = re.compile(r"[*_`<\[\\]")
NUMBERED = re.compile(r"(?:(?:step\s+)?#?\d+(?:\.\d+)*\s*[.):]|\d+(?:\.\d+)+)\s+(?=\S)", re.I)
CHECKBOX = re.compile(r"\[(?P<tick>[ xX]?)\](?:\s+|$)")

LONGEST = 4000
"""Titles, labels and items end here; nobody means more by one."""

BOLD_LABEL = re.compile(
    r"(\*\*|__)(?P<label>[^*]{1,80}?)(?P<inner>:?)\s*\1\s*(?P<outer>[:\u2013\u2014-]?)\s*(?P<value>.*)", re.S
)
ITALIC_LABEL = re.compile(
    r"([*_])(?P<label>[^*_\n]{1,80}?)(?P<inner>:?)\1\s*(?P<outer>:?)\s*(?P<value>.*)", re.S
)
PLAIN_LABEL = re.compile(r"(?P<label>[A-Z][\w /&'\u2019().=-]{0,60}?):\s+(?P<value>\S.*)", re.S)


def plain(text: str) -> str:
    """The words of a line without their Markdown: emphasis, code marks, link targets, comments, tags."""
    if not MARKED.search(text):
        return " ".join(text[:LONGEST].split())
    text = LINK.sub(r"\g<name>", TAG.sub("", COMMENT.sub("", text[:LONGEST])))
    for pattern in (EMPHASIS, ITALIC, CODE):
        text = pattern.sub(r"\2", text)
    return " ".join(ESCAPE.sub(r"\1", text).split())


def flowing(text: str) -> str:
    """A paragraph with soft breaks as spaces. Hard breaks stay, and so does the break before a bold label."""
    lines = COMMENT.sub("", text).split("\n")
    joined = lines[0].strip()
    for before, line in pairwise(lines):
        words = line.strip()
        if not words:
            continue
        hard = before.endswith(("  ", "\\")) or words.startswith(("**", "__"))
        joined = joined.removesuffix("\\").rstrip() + ("\n" if hard else " ") + words
    return joined.strip()


def label_alone(text: str) -> str | None:
    """The label of a line that is nothing else: `**Symptoms:**`, `**Fix** (slow):`; None for other lines."""
    text = text.strip()
    found = BOLD_LABEL.fullmatch(text) if "\n" not in text else None
    if found and (not found["value"] or re.fullmatch(r"\([^()]*\):?", found["value"])):
        return plain(f"{found['label']} {found['value']}").rstrip(":")
    return None


def plain_label(text: str) -> str | None:
    """The label of a line such as `Within 24 hours:`, without bold; None for other lines."""
    words = plain(text)
    if "\n" in text.strip() or not words.endswith(":") or len(words) > 80 or ". " in words:
        return None
    return words.rstrip(": ")


def labelled(text: str) -> tuple[str, str] | None:
    """Label and value of `**Action**: page CTO`, `**Action:** page CTO` or `Action: page CTO`."""
    text = text.strip()
    found = BOLD_LABEL.fullmatch(text) or ITALIC_LABEL.fullmatch(text)
    if found and (found["inner"] or found["outer"]):
        return plain(found["label"]), found["value"].strip()
    found = PLAIN_LABEL.fullmatch(text)
    return (plain(found["label"]), found["value"].strip()) if found else None


def links(text: str) -> list[tuple[str, str]]:
    """Name and address of every link in a line; a bare address has an empty name."""
    named = [(plain(found["name"]), found["url"]) for found in LINK.finditer(text)]
    return named + [("", found["url"]) for found in ADDRESS.finditer(LINK.sub(" ", text))]


def unnumbered(text: str) -> str:
    """The text without the number in front: `1. `, `2) `, `Step 3: `."""
    return NUMBERED.sub("", text, count=1) if NUMBERED.match(text) else text


def slug(text: str, joint: str = "-") -> str:
    """Lower-case words joined, at most 60 characters; empty when there is no word."""
    return joint.join(re.findall(r"[^\W_]+", plain(text).casefold()))[:60].rstrip(joint)
