"""Escapes text the way the AWS console writes it into its URLs."""

import re


def escape_console_text(text: str) -> str:
    """A text inside `~'…` of the console's addresses: what is no letter, digit, dot, dash or underscore as `*` and two
    hexadecimal digits for each byte."""
    return re.sub(rb"[^A-Za-z0-9._-]", lambda found: b"*%02x" % found[0][0], text.encode()).decode()
