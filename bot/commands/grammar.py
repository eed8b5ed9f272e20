"""Shell text to pipelines of evaluated words, by bash's grammar. Everything beyond a safe part is refused."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

import tree_sitter_bash
from tree_sitter import Language, Node, Parser

from bot.commands.gaps import Gaps
from bot.commands.given import Command, Given, Pipeline, Word
from bot.commands.words import Evaluator
from bot.errors import Unclear

LONGEST = 12_000
MOST_COMMANDS = 50
HARMLESS = re.compile(r"2>\s*/dev/null|2>\s*&\s*1|&?>\s*/dev/null|1>\s*/dev/null|<\s*/dev/null")
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


COMPARISONS = frozenset({"==", "=~"})
"""Plain words of a command that the grammar takes for signs of a test."""


@lru_cache(maxsize=1)
def _parser() -> Parser:
    return Parser(Language(tree_sitter_bash.language()))


def read_shell(text: str, given: Given) -> tuple[Pipeline, ...]:
    """The pipelines that a text holds, in order. Raises `Unclear` with the reason when it is more than that."""
    if len(text) > LONGEST:
        raise Unclear(f"it is longer than {LONGEST} letters")
    if "\0" in text or "\N{REPLACEMENT CHARACTER}" in text:
        raise Unclear("it has a letter that cannot be typed")
    gaps = Gaps(given.inputs)
    code = gaps.hide(text.replace("\r\n", "\n"), brackets=True).strip().encode()
    root = _parser().parse(code).root_node
    if root.has_error:
        raise Unclear(_what_is_wrong(text))
    reader = _Reader(Evaluator(code, given, gaps, {}))
    pipelines = tuple(reader.statements(root))
    if not pipelines:
        raise Unclear("it only sets variables" if reader.words.local else "there is no command in it")
    return pipelines


def _what_is_wrong(text: str) -> str:
    for quote, name in (("'", "single"), ('"', "double")):
        if text.count(quote) % 2:
            return f"a {name} quote is opened and not closed"
    if text.rstrip().endswith("\\"):
        return "it ends in a backslash, as if a line were missing"
    return "no shell would understand it as it stands"


class _Reader:
    """Walks the tree; the call stack does not grow with the length of a command."""

    def __init__(self, words: Evaluator) -> None:
        self.words = words
        self._exported: dict[str, Word] = {}

    def _text(self, node: Node) -> str:
        return self.words.code[node.start_byte : node.end_byte].decode()

    def statements(self, root: Node) -> Iterator[Pipeline]:
        waiting = list(reversed(root.children))
        count = 0
        while waiting:
            node = waiting.pop()
            if node.type == "list":
                waiting.extend(reversed(node.children))
            elif node.type in {"variable_assignment", "variable_assignments", "declaration_command"}:
                self._set(node)
            elif node.type in {"comment", "\n", ";", "&&"}:
                continue
            elif not node.is_named:
                raise Unclear(_operator(node.type))
            else:
                count += 1
                if count > MOST_COMMANDS:
                    raise Unclear(f"it has more than {MOST_COMMANDS} commands")
                yield self._pipeline(node)

    def _set(self, node: Node) -> None:
        """`CLUSTER=prod`, `export AWS_PROFILE=prod`."""
        exported = node.type == "declaration_command"
        if exported and self._text(node.children[0]) != "export":
            raise Unclear(f"{self._text(node.children[0])} is not evaluated")
        for each in [node] if node.type == "variable_assignment" else node.named_children:
            if each.type != "variable_assignment":
                raise Unclear("export without a value is not evaluated")
            name, value = self._assignment(each)
            self.words.local[name] = value
            if exported:
                self._exported[name] = value

    def _assignment(self, node: Node) -> tuple[str, Word]:
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        if name is None or name.type != "variable_name" or "+=" in [child.type for child in node.children]:
            raise Unclear("it sets a variable in a way that is not evaluated")
        told = self.words.word(value)[0] if value else Word("")
        _check_set(self._text(name), told.text)
        return self._text(name), told

    def _pipeline(self, node: Node) -> Pipeline:
        document, after = None, list[Node]()
        while node.type == "redirected_statement":
            body = node.child_by_field_name("body")
            if body is None:
                raise Unclear("it redirects without a command")
            for each in node.named_children:
                if each == body:
                    continue
                if each.type == "heredoc_redirect":
                    if document:
                        raise Unclear("it has two here-documents")
                    document, more = self._document(each)
                    after += more
                else:
                    self._check_redirect(each)
            node = body
        stages = list(self._stages(node, document))
        for each in after:
            stages += self._stages(each, None)
        return tuple(stages)

    def _stages(self, node: Node, document: Word | None) -> Iterator[Command]:
        children = node.children if node.type == "pipeline" else [node]
        commands = [child for child in children if child.is_named]
        for child in children:
            if not child.is_named and child.type != "|":
                raise Unclear(_operator(child.type))
        if len(commands) > MOST_COMMANDS:
            raise Unclear(f"it has more than {MOST_COMMANDS} commands")
        for number, child in enumerate(commands):
            last = number == len(commands) - 1
            if child.type == "redirected_statement":
                yield from self._pipeline(child)
                if last and document:
                    raise Unclear("it has two here-documents")
            else:
                yield self._command(child, document if last else None)

    def _command(self, node: Node, document: Word | None) -> Command:
        if node.type != "command":
            form = FORMS.get(node.type, node.type.replace("_", " "))
            raise Unclear(f"it has {form}, which is not evaluated")
        words, source, settings = list[Word](), list[str](), dict(self._exported)
        for child in node.children:
            if not child.is_named:
                if child.type not in COMPARISONS:
                    raise Unclear(_operator(child.type))
                words.append(Word(child.type))
                source.append(child.type)
            elif child.type == "variable_assignment":
                name, value = self._assignment(child)
                settings[name] = value
            elif child.type in {"file_redirect", "herestring_redirect", "heredoc_redirect"}:
                self._check_redirect(child)
            else:
                word, raw = self.words.word(
                    child.named_children[0] if child.type == "command_name" else child
                )
                words.append(word)
                source.append(self.words.gaps.shown(raw))
        if not words or not words[0].text:
            raise Unclear("it names no command")
        return Command(tuple(words), settings, document, tuple(source))

    def _document(self, node: Node) -> tuple[Word, Sequence[Node]]:
        start = self._text(next(child for child in node.children if child.type == "heredoc_start"))
        body = next((child for child in node.children if child.type == "heredoc_body"), None)
        strip = any(child.type == "<<-" for child in node.children)
        others = [
            c for c in node.named_children if c.type not in {"heredoc_start", "heredoc_body", "heredoc_end"}
        ]
        for each in others:
            if each.type not in {"pipeline", "command"}:
                self._check_redirect(each)
        quoted = start[:1] in {"'", '"', "\\"}
        text = self.words.document(body, quoted, strip) if body else Word("")
        return text, [each for each in others if each.type in {"pipeline", "command"}]

    def _check_redirect(self, node: Node) -> None:
        text = self._text(node)
        if node.type == "herestring_redirect":
            raise Unclear("it has a here-string (<<<), which is not evaluated")
        if node.type != "file_redirect" or not HARMLESS.fullmatch(text):
            raise Unclear(f"it writes to or reads from a file, “{self.words.gaps.shown(text)[:40]}”")


def _check_set(name: str, value: str) -> None:
    """Nothing is ever shown by a pager here, so switching it off is understood."""
    if name.endswith("PAGER") and value in {"", "cat"}:
        return
    if STEERS.fullmatch(name) and not UNDERSTOOD.fullmatch(name):
        raise Unclear(f"it sets {name[:40]}, which makes a program do something else than its words say")


def _operator(sign: str) -> str:
    if sign == "||":
        return "what it does depends on a failure (||)"
    if sign == "&":
        return "it goes on in the background (&)"
    return f"“{sign}” is not evaluated"
