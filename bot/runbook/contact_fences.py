"""People in a fence: names at its margin with how to reach them below, or behind a colon."""

import re
from collections.abc import Iterator

from bot.runbook.contacts import means_people
from bot.runbook.handles import find_handles
from bot.runbook.markdown.block_tree import Fence
from bot.runbook.model import Contact

NAME = re.compile(r"(?:- )?(?P<name>[^\W\d_][^:|]{1,59}):\s*(?P<value>.*)")
"""`Engineering lead:` at the margin."""

PLACE = re.compile(
    r"(?:(?:primary|secondary|backup|tertiary|manager)(?:[ -]on-?call)?|on-?call(?: \w+)?)\s*(?:\([^()]*\))?",
    re.I,
)
PERSON = re.compile(r"[^\W\d_][\w.'-]+(?: [^\W\d_][\w.'-]*){1,3}")
"""A place in a rota, and the name of who has it."""

INSIDE = re.compile(r"\s+\S")
REACHED = re.compile(
    r"\s*(?:- )?(?:e-?mail|phone|mobile|slack|teams|pager\w*|contact|backup|handle|primary)\s*:", re.I
)
"""Properties by which somebody is reached."""


def parse_fence_contacts(fence: Fence) -> Iterator[Contact]:
    """Everybody whose name stands at the margin of a fence, where a property below says how to reach somebody."""
    rows = fence.text.split("\n")
    for at, row in enumerate(rows):
        found = NAME.fullmatch(row.rstrip())
        below = []
        for further in rows[at + 1 :] if found else ():
            if not INSIDE.match(further):
                break
            below.append(further.strip())
        if found is None or not (
            any(map(REACHED.match, below)) or _is_reached(found["name"], found["value"])
        ):
            continue
        text = "; ".join(filter(None, (found["value"], *below)))
        yield Contact(found["name"].strip(), fence.line + at, text, find_handles(text))


def _is_reached(name: str, value: str) -> bool:
    """Whether what stands behind a name says how to reach who has it."""
    if PLACE.fullmatch(name) and PERSON.fullmatch(value):
        return True
    return means_people(name) and bool(find_handles(value))
