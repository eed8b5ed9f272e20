"""Each figure beside what it has to be."""

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median

from sandbox.figures import graph, name_rules
from sandbox.figures.complexity import measure_functions
from sandbox.figures.source import Module, SourceTree, read_source

LOG_WORDS = ("retry", "lease", "dead letter", "rate limit", "timeout", "worker", "reconcile")
LEVELS = frozenset({"debug", "info", "warning", "error", "exception", "critical"})


@dataclass(frozen=True, slots=True)
class CodeFigure:
    """One line: what is counted, how much it is, what it has to be (empty where it only tells), and where to look."""

    what: str
    value: str
    must: str = ""
    where: tuple[str, ...] = ()


def measure(root: Path) -> list[CodeFigure]:
    """All figures of the checkout under `root`; takes some seconds."""
    source = read_source(root)
    return [*_sizes(source), *_complexities(source), *_imports(source), *_names(source), *_habits(source)]


def format_figures(figures: Sequence[CodeFigure], whole: bool) -> str:
    """A line for each; with `whole` the places below it."""
    lines = []
    for figure in figures:
        lines.append(f"{figure.value:>14}  {figure.must:<12}  {figure.what}")
        lines += [f"{'':30}{place}" for place in (figure.where if whole else ())]
    return "\n".join([f"{'now':>14}  {'must be':<12}  ", *lines])


def _sizes(source: SourceTree) -> Iterator[CodeFigure]:
    for what, modules in (("product", source.product), ("all, with the stand-in", source.modules)):
        lines = [module.lines for module in modules]
        yield CodeFigure(f"modules, {what}", str(len(modules)))
        yield CodeFigure(
            f"lines of a module, median and longest, {what}", f"{median(lines):.0f}, {max(lines)}", "150, 300"
        )
    loose = [
        sum(
            module.name.count(".") == 1 and not module.is_package and module.short != "__main__"
            for module in rooms
        )
        for rooms in (_room(source, room) for room in ("bot", "diagnostics", "sandbox"))
    ]
    yield CodeFigure("loose modules in bot, diagnostics, sandbox", ", ".join(map(str, loose)), "6, 2, 3")


def _complexities(source: SourceTree) -> Iterator[CodeFigure]:
    found = sorted(measure_functions(source.product), reverse=True)
    values = [value for value, _ in found] or [0]
    for most, must in ((15, "0"), (10, "")):
        over = tuple(f"{value} {place}" for value, place in found if value > most)
        yield CodeFigure(f"functions over {most}", str(len(over)), must, over)
    yield CodeFigure("cyclomatic complexity of a function, mean", f"{mean(values):.2f}", "under 3")


def _imports(source: SourceTree) -> Iterator[CodeFigure]:
    up = graph.find_upward_imports(source.imports)
    circles = graph.find_cycles(source.imports)
    yield CodeFigure(
        "imports upwards in bot, outside of app and cli",
        f"{len(up)} in {len({name for name, _ in up})}",
        "0",
        tuple(f"{name} -> {other}" for name, other in up),
    )
    yield CodeFigure(
        "circles of imports", str(len(circles)), "0", tuple(" ".join(circle) for circle in circles)
    )


def _names(source: SourceTree) -> Iterator[CodeFigure]:
    strange = name_rules.find_strange_modules(source.modules)
    yield CodeFigure("modules named by a participle or a metaphor", str(len(strange)), "0", tuple(strange))
    short = [module.short for module in source.modules if not module.is_package]
    for times, must in ((2, "40"), (3, "3")):
        found = name_rules.find_repeated_names(short, times)
        yield CodeFigure(
            f"names of modules that stand {times} times{' or more' * (times == 3)}",
            str(len(found)),
            must,
            tuple(found),
        )
    classes = list(name_rules.list_public_classes(source.product))
    twice = sorted({*name_rules.find_repeated_names(classes, 2), *name_rules.find_repeated_names(classes, 3)})
    yield CodeFigure("names of public classes that stand twice or more", str(len(twice)), "0", tuple(twice))
    wrong, among = name_rules.count_participle_names(source.product)
    yield CodeFigure("functions named by a participle", f"{wrong} ({wrong / among:.0%})", "1%")
    yield CodeFigure("loops over `each`", str(name_rules.count_each_loops(source.product)), "50")


def _habits(source: SourceTree) -> Iterator[CodeFigure]:
    logged = "\n".join(_list_log_messages(source.product)).lower()
    missing = tuple(word for word in LOG_WORDS if word not in logged)
    yield CodeFigure(
        "words of the field in log lines", f"{len(LOG_WORDS) - len(missing)}", f"{len(LOG_WORDS)}", missing
    )
    public = [node for module in source.product for node in module.public_definitions()]
    told = sum(ast.get_docstring(node) is not None for node in public)
    yield CodeFigure("public definitions with a docstring", f"{told / len(public):.0%}", "80%")
    text = "\n".join(module.text for module in source.product)
    yield CodeFigure("`except Exception`", str(len(re.findall(r"except Exception\b", text))), "21")
    yield CodeFigure("`type: ignore`", str(text.count("# type: ignore")), "6")


def _list_log_messages(modules: Iterable[Module]) -> Iterator[str]:
    """The words of each line that is logged."""
    for module in modules:
        for node in ast.walk(module.tree):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in LEVELS
            ):
                yield from (
                    inner.value
                    for argument in node.args
                    for inner in ast.walk(argument)
                    if isinstance(inner, ast.Constant) and isinstance(inner.value, str)
                )


def _room(source: SourceTree, room: str) -> list[Module]:
    return [module for module in source.modules if module.room == room]
