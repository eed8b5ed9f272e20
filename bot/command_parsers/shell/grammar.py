"""Shell text to pipelines of evaluated words, by bash's grammar. Everything beyond a safe part is refused."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

import tree_sitter_bash
from tree_sitter import Language, Node, Parser

from bot.command_parsers.parse_context import ParseContext, Pipeline, ShellCommand, ShellWord
from bot.command_parsers.placeholders import PlaceholderMap
from bot.command_parsers.shell.word_evaluator import WordEvaluator
from bot.errors import UnsupportedCommand

MAX_TEXT_LENGTH = 12_000
MAX_COMMANDS = 50
HARMLESS = re.compile(r"2>\s*/dev/null|2>\s*&\s*1|&?>\s*/dev/null|1>\s*/dev/null|<\s*/dev/null|1?>\s*&\s*2")
STEERS = re.compile(
    r"(?:AWS|PG|PSQL|REDISCLI|CURL|SSL|GIT|GH|GITHUB|GPG|KUBE|JQ|GREP|LD|DYLD|XDG|BASH|LESS|WATCH)\w*|PATH|HOME|IFS|ENV|SHELL"
    r"|NETRC|TMPDIR|\w*_proxy|\w*_PROXY|\w*PAGER"
)
"""Variables that make a program do something else than its words say."""

UNDERSTOOD = re.compile(
    r"AWS_(?:PROFILE|REGION|DEFAULT_REGION|DEFAULT_OUTPUT|MAX_ATTEMPTS|RETRY_MODE)|REDISCLI_AUTH"
    r"|PG(?:HOST|PORT|USER|DATABASE|PASSWORD|SSLMODE|CONNECT_TIMEOUT|APPNAME)"
)
FORMS = {
    "for_statement": "a loop",
    "c_style_for_statement": "a loop",
    "while_statement": "a loop",
    "if_statement": "a condition",
    "case_statement": "a choice by case",
    "test_command": "a test",
    "subshell": "a subshell",
    "compound_statement": "a group in braces",
    "function_definition": "a function of its own",
    "negated_command": "a negation",
    "unset_command": "unset",
}


NEUTRAL = frozenset({"echo", "printf", "sleep", "set", "true", ":", "clear"})
"""Programs that only talk or wait: beside others they change nothing of what a text does."""

GIVES_UP = NEUTRAL | {"exit", "false", "return"}
"""What may stand behind `||`: nothing is done when the command before it fails."""

COMPARISONS = frozenset({"==", "=~"})
"""Plain words of a command that the grammar takes for signs of a test."""


@lru_cache(maxsize=1)
def _parser() -> Parser:
    return Parser(Language(tree_sitter_bash.language()))


def parse_shell(text: str, given: ParseContext) -> tuple[Pipeline, ...]:
    """The pipelines that a text holds, in order. Raises `Unclear` with the reason when it is more than that."""
    if len(text) > MAX_TEXT_LENGTH:
        raise UnsupportedCommand(f"it is longer than {MAX_TEXT_LENGTH} letters")
    if "\0" in text or "\N{REPLACEMENT CHARACTER}" in text:
        raise UnsupportedCommand("it has a letter that cannot be typed")
    gaps = PlaceholderMap(given.inputs)
    code = gaps.hide(text.replace("\r\n", "\n"), brackets=True).strip().encode()
    root = _parser().parse(code).root_node
    if root.has_error:
        raise UnsupportedCommand(_what_is_wrong(text))
    reader = _ShellTreeReader(WordEvaluator(code, given, gaps, {}))
    pipelines = tuple(reader.statements(root))
    if not pipelines:
        raise UnsupportedCommand(
            "it only sets variables" if reader.words.local else "there is no command in it"
        )
    return pipelines


def _what_is_wrong(text: str) -> str:
    for quote, name in (("'", "single"), ('"', "double")):
        if text.count(quote) % 2:
            return f"a {name} quote is opened and not closed"
    if text.rstrip().endswith("\\"):
        return "it ends in a backslash, as if a line were missing"
    return "no shell would understand it as it stands"


class _ShellTreeReader:
    """Walks the tree; the call stack does not grow with the length of a command."""

    def __init__(self, words: WordEvaluator) -> None:
        self.words = words
        self._exported: dict[str, ShellWord] = {}

    def _text(self, node: Node) -> str:
        return self.words.code[node.start_byte : node.end_byte].decode()

    def statements(self, root: Node) -> Iterator[Pipeline]:
        waiting = list(reversed(root.children))
        count = 0
        while waiting:
            node = waiting.pop()
            if node.type == "list":
                waiting.extend(reversed(self._without_fallback(node)))
            elif node.type in {"variable_assignment", "variable_assignments", "declaration_command"}:
                self._set(node)
            elif node.type in {"comment", "\n", ";", "&&"}:
                continue
            elif not node.is_named:
                raise UnsupportedCommand(_operator(node.type))
            elif not self._is_neutral(node, NEUTRAL):
                count += 1
                if count > MAX_COMMANDS:
                    raise UnsupportedCommand(f"it has more than {MAX_COMMANDS} commands")
                yield self._pipeline(node)

    def _without_fallback(self, node: Node) -> Sequence[Node]:
        """The parts of a list without `|| echo failed`, which does nothing more when a command fails."""
        parts = node.children
        if len(parts) == 3 and parts[1].type == "||" and self._is_neutral(parts[2], GIVES_UP):
            return parts[:1]
        return parts

    def _is_neutral(self, node: Node, programs: frozenset[str]) -> bool:
        """Whether a command only talks or waits, and runs no other one inside."""
        while node.type == "redirected_statement":
            body = node.child_by_field_name("body")
            redirects = [child for child in node.named_children if child != body]
            if body is None or not all(HARMLESS.fullmatch(self._text(child)) for child in redirects):
                return False
            node = body
        name = node.child_by_field_name("name") if node.type == "command" else None
        return name is not None and self._text(name) in programs and not _runs_inside(node)

    def _set(self, node: Node) -> None:
        """`CLUSTER=prod`, `export AWS_PROFILE=prod`."""
        exported = node.type == "declaration_command"
        if exported and self._text(node.children[0]) != "export":
            raise UnsupportedCommand(f"{self._text(node.children[0])} is not evaluated")
        for child in [node] if node.type == "variable_assignment" else node.named_children:
            if child.type != "variable_assignment":
                raise UnsupportedCommand("export without a value is not evaluated")
            name, value, source = self._assignment(child)
            self.words.local[name] = ShellWord(source, value.needs)
            if exported:
                self._exported[name] = value

    def _assignment(self, node: Node) -> tuple[str, ShellWord, str]:
        """The variable, its value, and the value with its placeholders still hidden."""
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        if name is None or name.type != "variable_name" or "+=" in [child.type for child in node.children]:
            raise UnsupportedCommand("it sets a variable in a way that is not evaluated")
        told, source = self.words.word(value) if value else (ShellWord(""), "")
        _check_set(self._text(name), told.text)
        return self._text(name), told, source

    def _pipeline(self, node: Node) -> Pipeline:
        document, after = None, list[Node]()
        while node.type == "redirected_statement":
            body = node.child_by_field_name("body")
            if body is None:
                raise UnsupportedCommand("it redirects without a command")
            for child in node.named_children:
                if child == body:
                    continue
                if child.type == "heredoc_redirect":
                    if document:
                        raise UnsupportedCommand("it has two here-documents")
                    document, more = self._document(child)
                    after += more
                else:
                    self._check_redirect(child)
            node = body
        stages = list(self._stages(node, document))
        for sibling in after:
            stages += self._stages(sibling, None)
        return tuple(stages)

    def _stages(self, node: Node, document: ShellWord | None) -> Iterator[ShellCommand]:
        commands = self._commands_of(node)
        for number, child in enumerate(commands):
            last = number == len(commands) - 1
            if child.type == "redirected_statement":
                yield from self._pipeline(child)
                if last and document:
                    raise UnsupportedCommand("it has two here-documents")
            else:
                yield self._command(child, document if last else None)

    def _commands_of(self, node: Node) -> Sequence[Node]:
        """The commands of a pipeline, or the one that is none. Raises `Unclear` for other signs, and for too many."""
        children = node.children if node.type == "pipeline" else [node]
        for child in children:
            if not child.is_named and child.type != "|":
                raise UnsupportedCommand(_operator(child.type))
        commands = [child for child in children if child.is_named]
        if len(commands) > MAX_COMMANDS:
            raise UnsupportedCommand(f"it has more than {MAX_COMMANDS} commands")
        return commands

    def _command(self, node: Node, document: ShellWord | None) -> ShellCommand:
        if node.type != "command":
            form = FORMS.get(node.type, node.type.replace("_", " "))
            raise UnsupportedCommand(f"it has {form}, which is not evaluated")
        words, source, settings = list[ShellWord](), list[str](), dict(self._exported)
        for child in node.children:
            if not child.is_named:
                if child.type not in COMPARISONS:
                    raise UnsupportedCommand(_operator(child.type))
                words.append(ShellWord(child.type))
                source.append(child.type)
            elif child.type == "variable_assignment":
                name, value, _ = self._assignment(child)
                settings[name] = value
            elif child.type in {"file_redirect", "herestring_redirect", "heredoc_redirect"}:
                self._check_redirect(child)
            else:
                word, raw = self.words.word(
                    child.named_children[0] if child.type == "command_name" else child
                )
                words.append(word)
                source.append(self.words.gaps.unhide(raw))
        if not words or not words[0].text:
            raise UnsupportedCommand("it names no command")
        return ShellCommand(tuple(words), settings, document, tuple(source))

    def _document(self, node: Node) -> tuple[ShellWord, Sequence[Node]]:
        start = self._text(next(child for child in node.children if child.type == "heredoc_start"))
        body = next((child for child in node.children if child.type == "heredoc_body"), None)
        strip = any(child.type == "<<-" for child in node.children)
        further = []
        for child in node.named_children:
            if child.type in {"pipeline", "command"}:
                further.append(child)
            elif child.type not in {"heredoc_start", "heredoc_body", "heredoc_end"}:
                self._check_redirect(child)
        quoted = start[:1] in {"'", '"', "\\"}
        return self.words.document(body, quoted, strip) if body else ShellWord(""), further

    def _check_redirect(self, node: Node) -> None:
        text = self._text(node)
        if node.type == "herestring_redirect":
            raise UnsupportedCommand("it has a here-string (<<<), which is not evaluated")
        if node.type != "file_redirect" or not HARMLESS.fullmatch(text):
            raise UnsupportedCommand(
                f"it writes to or reads from a file, “{self.words.gaps.unhide(text)[:40]}”"
            )


def _runs_inside(node: Node) -> bool:
    """Whether a command runs another one among its words."""
    waiting = [node]
    while waiting:
        part = waiting.pop()
        if part.type in {"command_substitution", "process_substitution"}:
            return True
        waiting.extend(part.children)
    return False


def _check_set(name: str, value: str) -> None:
    """Nothing is ever shown by a pager here, so switching it off is understood."""
    if name.endswith("PAGER") and value in {"", "cat"}:
        return
    if STEERS.fullmatch(name) and not UNDERSTOOD.fullmatch(name):
        raise UnsupportedCommand(
            f"it sets {name[:40]}, which makes a program do something else than its words say"
        )


def _operator(sign: str) -> str:
    if sign == "||":
        return "what it does depends on a failure (||)"
    if sign == "&":
        return "it goes on in the background (&)"
    return f"“{sign}” is not evaluated"
