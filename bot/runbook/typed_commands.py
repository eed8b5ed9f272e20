"""Commands that people typed among their words, made fit for a runbook: what belongs to one incident is left out."""

import re
from collections.abc import Collection, Iterator

from bot.command_parsers.classifier import PROGRAMS
from bot.text.redaction import redact

BLOCK = re.compile(r"```[a-z]*\n?(.*?)```", re.S)
INLINE = re.compile(r"`([^`\n]+)`")
PROMPT = re.compile(r"^\s*(?:\$|#|>)\s+")
TOKEN = re.compile(r"\"[^\"]*\"|'[^']*'|\S+")
OPERATOR = re.compile(r"[|&;<>()]+|\\")
OPTION = re.compile(r"(?P<option>--?[A-Za-z][\w-]*)(?:=(?P<value>.+))?")
WORD = re.compile(r"[A-Za-z][A-Za-z-]*")
SUBCOMMANDS = {"aws": 2, "kubectl": 2, "gh": 2, "git": 1, "redis-cli": 1, "docker": 1}
"""How many words behind a program say what it does."""

SECRET_OPTION = re.compile(
    r"(?<!\S)(?:-a|--?pass\w*|--?pw|--?token|--?secret[\w-]*|--?api-?key|--?auth\w*)(?:\s|=)|(?<!\S)(?:-u|--user)[\s=]\S+:\S"
    r"|\bredis-cli\b.*\bAUTH\b|\bPGPASSWORD=|\bREDISCLI_AUTH=",
    re.I,
)
"""Options behind which a secret stands, whatever it looks like."""

LEFT_OUT = "[secret]"
"""What is kept of a command with a secret."""

MAX_LENGTH, MAX_COMMANDS = 500, 20
HARMLESS = frozenset({"grep", "jq", "head", "tail", "wc", "sort", "uniq"})


def extract_commands(message: str) -> list[str]:
    """The lines in code format that begin with a program that is known."""
    blocks = [line for block in BLOCK.findall(message) for line in block.splitlines()]
    found = [*blocks, *INLINE.findall(BLOCK.sub("", message))]
    commands = (PROMPT.sub("", line).strip() for line in found)
    known = [line for line in commands if len(line) <= MAX_LENGTH and _find_program(line) in PROGRAMS]
    return list(dict.fromkeys(known))[:MAX_COMMANDS]


def _find_program(line: str) -> str:
    words = line.split(maxsplit=1)
    return words[0] if len(words) > 1 else ""


def has_secret(command: str) -> bool:
    """Whether anything in it is a secret or leads to a person."""
    return redact(command) != command or SECRET_OPTION.search(command) is not None


def generalise(command: str, runbook_words: Collection[str]) -> str:
    """The command with a placeholder for each argument that the runbook does not have."""
    return " ".join(_replace_arguments(TOKEN.findall(command), runbook_words))


def list_words(text: str) -> frozenset[str]:
    """The words of a runbook, as arguments are looked up among them."""
    return frozenset(TOKEN.findall(text)) | frozenset(re.findall(r"[\w./:@-]+", text))


def _replace_arguments(tokens: list[str], known: Collection[str]) -> Iterator[str]:
    left, option, is_program = 0, "", True
    for token in tokens:
        found = OPTION.fullmatch(token)
        if OPERATOR.fullmatch(token):
            is_program, option = token not in (">", ">>", "<", "\\"), ""
            yield token
        elif is_program:
            name = token if token in PROGRAMS or token in HARMLESS else "<program>"
            left, is_program = SUBCOMMANDS.get(token, 0), False
            yield name
        elif found:
            option, value = found["option"], found["value"]
            yield f"{option}={_replace(value, option, known)}" if value else option
        elif left and WORD.fullmatch(token):
            left -= 1
            yield token
        else:
            left = 0
            yield _replace(token, option, known)
            option = ""


def _replace(value: str, option: str, known: Collection[str]) -> str:
    if value in known or value.strip("\"'") in known:
        return value
    return f"<{option.lstrip('-').lower() or 'value'}>"
