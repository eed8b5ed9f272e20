"""Response times that stand in a sentence: `Acknowledge within 15 minutes for Sev1.`"""

import re
from collections.abc import Iterator

from bot.runbook.markdown.inline import MAX_TEXT_LENGTH, strip_markdown
from bot.runbook.markdown.outline import Node, list_lines
from bot.runbook.severity_names import find_level

SENTENCE = re.compile(
    r"\b(?:acknowledg\w*|ack|respon[ds]\w*)\b[^.;\n]{0,40}?\b(?:within|in)\s+(?P<span>\d{1,3}\s*[^\W\d]{1,8})\b"
    r"[^.;\n]{0,20}?\b(?:for|on)\s+(?P<levels>[^.;\n]{2,60})",
    re.I,
)
BETWEEN = re.compile(r"[,/&]|\band\b|\bor\b", re.I)


def find_response_sentences(root: Node) -> dict[str, str]:
    """By the id of a severity its response time in the runbook's words; the first sentence of each counts."""
    found: dict[str, str] = {}
    for id, span in _list_sentences(root):
        found.setdefault(id, span)
    return found


def _list_sentences(root: Node) -> Iterator[tuple[str, str]]:
    for node in root.walk():
        for _, text in list_lines(node.blocks):
            for sentence in SENTENCE.finditer(strip_markdown(text[:MAX_TEXT_LENGTH])):
                for words in BETWEEN.split(sentence["levels"]):
                    if level := find_level(words):
                        yield level.id, sentence["span"]
