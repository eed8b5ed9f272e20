"""How the console writes what it shows into its own addresses."""

import re


def starred(text: str) -> str:
    """A text inside `~'…` of the console's addresses: what is no letter, digit, dot, dash or underscore as `*` and two
    hexadecimal digits for each byte."""
    return re.sub(rb"[^A-Za-z0-9._-]", lambda found: b"*%02x" % found[0][0], text.encode()).decode()
