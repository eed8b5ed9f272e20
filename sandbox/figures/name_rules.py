"""What the names say: rules a program can hold."""

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator

from sandbox.figures.source import Module

IRREGULAR = frozenset(
    {
        "begun", "bought", "brought", "built", "caught", "done", "driven", "drawn", "found", "forgotten",
        "given", "gone", "grown", "heard", "held", "hidden", "kept", "known", "left", "lost", "made", "meant",
        "met", "paid", "said", "seen", "sent", "shown", "sold", "spoken", "stood", "struck", "taken", "taught",
        "thought", "told", "understood", "undone", "won", "worn", "written",
    }
)  # fmt: skip
"""Past participles that do not end in -ed."""

NO_PARTICIPLE = frozenset(
    {
        "bed", "embed", "exceed", "feed", "heed", "indeed", "need", "proceed", "red", "seed", "shed", "speed",
        "succeed",
    }
)  # fmt: skip
"""Words that end in -ed all the same."""

METAPHORS = frozenset(
    {
        "apart", "chatter", "desk", "duty", "errands", "front", "hands", "haste", "hearing", "house", "ladder",
        "letterbox", "look", "looking", "looks", "marks", "mouth", "pace", "plane", "precedence", "shelf",
        "story", "telling", "torment", "twins",
    }
)  # fmt: skip
"""Words of this house's own for what the field has a name for."""

FIELD_TERMS = frozenset({"front_matter"})
"""Names that contain one and are what the field says: Markdown's front matter."""


def is_participle(word: str) -> bool:
    """Whether a word of a name is a past participle, such as `summoned` or `heard`."""
    return word in IRREGULAR or (word.endswith("ed") and word not in NO_PARTICIPLE and len(word) > 3)


def split_name(name: str) -> list[str]:
    """The words of a name, in small letters: `_moved_on` and `MovedOn` are `moved`, `on`."""
    return [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)]


def count_participle_names(modules: Iterable[Module]) -> tuple[int, int]:
    """How many functions begin with a participle, of how many; properties and tests of a value are values."""
    functions = [function for module in modules for function in module.functions() if not _is_value(function)]
    wrong = [
        function for function in functions if (words := split_name(function.name)) and is_participle(words[0])
    ]
    return len(wrong), len(functions)


def _is_value(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    names = {node.id for node in function.decorator_list if isinstance(node, ast.Name)}
    return function.name.startswith("__") or bool(names & {"property", "cached_property"})


def find_strange_modules(modules: Iterable[Module]) -> list[str]:
    """Modules named by a participle or by a metaphor."""
    return [
        module.name
        for module in modules
        if module.short not in FIELD_TERMS
        and (is_participle(module.short) or set(split_name(module.short)) & METAPHORS)
    ]


def find_repeated_names(names: Iterable[str], times: int) -> list[str]:
    """Names that stand exactly so many times, or more where `times` is 3."""
    counts = Counter(names)
    return sorted(name for name, count in counts.items() if count == times or (times == 3 and count > 3))


def list_public_classes(modules: Iterable[Module]) -> Iterator[str]:
    for module in modules:
        for node in module.tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                yield node.name


def count_each_loops(modules: Iterable[Module]) -> int:
    """Loops and comprehensions whose variable does not say what it holds."""
    targets = (
        node.target
        for module in modules
        for node in ast.walk(module.tree)
        if isinstance(node, ast.For | ast.AsyncFor | ast.comprehension)
    )
    return sum(isinstance(target, ast.Name) and target.id == "each" for target in targets)
