"""What an expression of jq asks for beyond the answer that it is handed."""

import re
from collections.abc import Iterator

FILES = "reads files"
SETTINGS = "reads the environment"
MORE = "asks for more than the command's answer"
REFUSED = {
    "import": FILES,
    "include": FILES,
    "modulemeta": FILES,
    "get_search_list": FILES,
    "get_jq_origin": FILES,
    "get_prog_origin": FILES,
    "env": SETTINGS,
    "$ENV": SETTINGS,
    "$__prog_args": SETTINGS,
    "input": MORE,
    "inputs": MORE,
    "input_filename": MORE,
    "input_line_number": MORE,
    "halt": "ends jq itself",
    "halt_error": "ends jq itself",
}

CODE = re.compile(r"\s+|#[^\n]*|@\w+|\.[A-Za-z_]\w*|\$?\s*[A-Za-z_]\w*|.", re.ASCII | re.DOTALL)
TEXT = re.compile(r'[^"\\]+|\\.|"|\\', re.DOTALL)
CLOSED_BY = {")": "(", "]": "[", "}": "{"}


def find_forbidden(expression: str) -> tuple[str, str] | None:
    """The first name that does, and what it does; None when there is none.

    It keeps nothing away by itself: the process that runs the expression has no environment and can open no file. It is
    here so that the step is left to a person, instead of giving an answer that is not the one they would get.
    """
    for name in _list_calls(expression):
        if name in REFUSED:
            return name, REFUSED[name]
    return None


def _list_calls(expression: str) -> Iterator[str]:
    """The names of functions and variables (with their `$`), without those of fields, keys and texts."""
    opened: list[str] = []
    before, at = "", 0
    while at < len(expression):
        in_text = opened[-1:] == ['"']
        token = (TEXT if in_text else CODE).match(expression, at)
        assert token is not None, "every letter is a token"
        at, word = token.end(), token[0]
        if in_text:
            _follow_text(word, opened)
            continue
        if word.isspace() or word.startswith("#"):
            continue
        is_key = opened[-1:] == ["{"] and before in {"{", ","}
        if word[-1:].isalnum() or word.endswith("_"):
            if word[0] not in "@." and not is_key:
                yield "".join(word.split())
        else:
            _follow(word, opened)
        before = word


def _follow_text(word: str, opened: list[str]) -> None:
    if word == '"':
        opened.pop()
    elif word == "\\(":
        opened.append("(")


def _follow(sign: str, opened: list[str]) -> None:
    if sign in {'"', "(", "[", "{"}:
        opened.append(sign)
    elif sign in CLOSED_BY and opened[-1:] == [CLOSED_BY[sign]]:
        opened.pop()
