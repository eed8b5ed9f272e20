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
AROUND_WORDS = ((EMPHASIS, ("**", "__")), (ITALIC, "*_"), (CODE, "`"))
"""What stands around words, each with the signs of which it has one: looking for those is cheap."""

MARKED = re.compile(r"[*_`<\[\\]")
NUMBERED = re.compile(r"(?:(?:step\s+)?#?\d+(?:\.\d+)*\s*[.):]|\d+(?:\.\d+)+)\s+(?=\S)", re.I)
CHECKBOX = re.compile(r"\[(?P<tick>[ xX]?)\](?:\s+|$)")

MAX_TEXT_LENGTH = 4000
"""Titles, labels and items end here; nobody means more by one."""

BOLD_LABEL = re.compile(
    r"(\*\*|__)(?P<label>[^*]{1,80}?)(?P<inner>:?)\s*\1\s*(?P<outer>[:\u2013\u2014-]?)\s*(?P<value>.*)", re.S
)
ITALIC_LABEL = re.compile(
    r"([*_])(?P<label>[^*_\n]{1,80}?)(?P<inner>:?)\1\s*(?P<outer>:?)\s*(?P<value>.*)", re.S
)
PLAIN_LABEL = re.compile(r"(?P<label>[A-Z][\w /&'\u2019().=-]{0,60}?):\s+(?P<value>\S.*)", re.S)


HIDDEN = "\ue000"
"""Stands for a `<` inside code while tags are taken away."""


def _hide_angles(code: re.Match[str]) -> str:
    return code[0].replace("<", HIDDEN)


def strip_markdown(text: str) -> str:
    """The words of a line without their Markdown: emphasis, code marks, link targets, comments, tags."""
    if not MARKED.search(text):
        return " ".join(text[:MAX_TEXT_LENGTH].split())
    text = text[:MAX_TEXT_LENGTH]
    if "<" in text:
        text = TAG.sub("", CODE.sub(_hide_angles, COMMENT.sub("", text)))
    if "[" in text:
        text = LINK.sub(r"\g<name>", text)
    text = text.replace(HIDDEN, "<")
    for pattern, signs in AROUND_WORDS:
        if any(sign in text for sign in signs):
            text = pattern.sub(r"\2", text)
    return " ".join((ESCAPE.sub(r"\1", text) if "\\" in text else text).split())


def join_soft_breaks(text: str) -> str:
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


def parse_lone_label(text: str) -> str | None:
    """The label of a line that is nothing else: `**Symptoms:**`, `**Fix** (slow):`; None for other lines."""
    text = text.strip()
    found = BOLD_LABEL.fullmatch(text) if "\n" not in text else None
    if found and (not found["value"] or re.fullmatch(r"\([^()]*\):?", found["value"])):
        return strip_markdown(f"{found['label']} {found['value']}").rstrip(":")
    return None


def parse_plain_label(text: str) -> str | None:
    """The label of a line such as `Within 24 hours:`, without bold; None for other lines."""
    words = strip_markdown(text)
    if "\n" in text.strip() or not words.endswith(":") or len(words) > 80 or ". " in words:
        return None
    return words.rstrip(": ")


def split_label(text: str) -> tuple[str, str] | None:
    """Label and value of `**Action**: page CTO`, `**Action:** page CTO` or `Action: page CTO`."""
    text = text.strip()
    found = BOLD_LABEL.fullmatch(text) or ITALIC_LABEL.fullmatch(text)
    if found and (found["inner"] or found["outer"]):
        return strip_markdown(found["label"]), found["value"].strip()
    found = PLAIN_LABEL.fullmatch(text)
    return (strip_markdown(found["label"]), found["value"].strip()) if found else None


def find_links(text: str) -> list[tuple[str, str]]:
    """Name and address of every link in a line; a bare address has an empty name."""
    if "](" not in text and "://" not in text:
        return []
    named = [(strip_markdown(found["name"]), found["url"]) for found in LINK.finditer(text)]
    return named + [("", found["url"]) for found in ADDRESS.finditer(LINK.sub(" ", text))]


def strip_number(text: str) -> str:
    """The text without the number in front: `1. `, `2) `, `Step 3: `."""
    return NUMBERED.sub("", text, count=1) if NUMBERED.match(text) else text


def build_slug(text: str, joint: str = "-") -> str:
    """Lower-case words joined, at most 60 characters; empty when there is no word."""
    return joint.join(re.findall(r"[^\W_]+", strip_markdown(text).casefold()))[:60].rstrip(joint)


def parse_leading_number(text: str) -> int | None:
    """The number that a comment or a line begins with."""
    found = NUMBERED.match(text.lstrip("#-/ \t"))
    digits = re.search(r"\d{1,3}", found[0]) if found else None
    return int(digits[0]) if digits else None
