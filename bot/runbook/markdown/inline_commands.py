"""Commands that stand in a sentence: inline code that begins with a program which can be read."""

import re

from bot.runbook.markdown.inline import MAX_TEXT_LENGTH

CODE = re.compile(r"(?<!`)(`+)(?!`)(?P<code>.+?)(?<!`)\1(?!`)", re.S)
PROGRAM = re.compile(
    r"(?:\$ )?(?:aws\s+[a-z][\w-]*\s+[a-z]|kubectl\s+(?:-\S+\s+\S+\s+)*[a-z][\w-]*\s+\S|gh\s+[a-z]+\s+\S"
    r"|git\s+(?:log|show|diff|status|revert|tag|reset)\b"
    r"|redis-cli\s+\S|psql\s+\S|curl(?:ie)?\s+\S|wget\s+\S|https?\s+[A-Z:/\w]"
    r"|SELECT\s+\S.*(?:\sFROM\s|\)))",
    re.S,
)
"""A program that can be read, with as much behind it as makes a command of it."""

NEAR = 40
"""Letters before a command that say whether it is meant."""

REFUSED = re.compile(r"(?:\bnot|n't|\bnever|\binstead of|\bavoid|\brather than)\W*(?:\w+\W+){0,2}$", re.I)
"""Words before a command that nobody is meant to run."""


def find_language(command: str) -> str:
    """What a command among words is written in, as its fence would say: `bash`, or `sql` for a question."""
    return "sql" if command.startswith("SELECT ") else "bash"


def find_inline_commands(text: str) -> list[str]:
    """The commands among the inline code of a text, in its order, each once and without line breaks."""
    if "`" not in text:
        return []
    text = text[:MAX_TEXT_LENGTH]
    found = (
        " ".join(code["code"].split()).removeprefix("$ ")
        for code in CODE.finditer(text)
        if PROGRAM.match(code["code"].strip())
        and not REFUSED.search(text[max(0, code.start() - NEAR) : code.start()])
    )
    return list(dict.fromkeys(found))
