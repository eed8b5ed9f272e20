"""The project's modules, parsed once."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

ROOMS = ("bot", "handlers", "diagnostics", "templates", "sandbox")
PRODUCT = ROOMS[:-1]
"""What runs in production; the stand-in is for tests, the demo and the bench."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Module:
    """One file: `name` with dots, a package's own name for its `__init__`; `lines` is their number."""

    name: str
    path: Path
    text: str
    tree: ast.Module

    @property
    def lines(self) -> int:
        return self.text.count("\n")

    @property
    def is_package(self) -> bool:
        return self.path.name == "__init__.py"

    @property
    def room(self) -> str:
        return self.name.partition(".")[0]

    @property
    def short(self) -> str:
        return self.name.rpartition(".")[2]

    def functions(self) -> Iterator[Function]:
        return (
            node for node in ast.walk(self.tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        )

    def public_definitions(self) -> Iterator[Function | ast.ClassDef]:
        """Functions and classes of the module itself, and the methods of its public classes."""
        for node in self.tree.body:
            if not isinstance(node, Function | ast.ClassDef) or node.name.startswith("_"):
                continue
            yield node
            if isinstance(node, ast.ClassDef):
                yield from (
                    inner
                    for inner in node.body
                    if isinstance(inner, Function) and not inner.name.startswith("_")
                )


@dataclass(frozen=True)
class SourceTree:
    """Every module under `root`, product and stand-in."""

    root: Path
    modules: tuple[Module, ...] = field(default=())

    @property
    def product(self) -> tuple[Module, ...]:
        return tuple(module for module in self.modules if module.room in PRODUCT)

    @cached_property
    def imports(self) -> dict[str, set[str]]:
        """By module, the modules of the project that it imports anywhere, for types too."""
        names = {module.name for module in self.modules}
        return {module.name: _list_imports(module, names) for module in self.modules}


def read_source(root: Path) -> SourceTree:
    """Parse everything. Raises SyntaxError where a file is no Python."""
    found = []
    for room in ROOMS:
        for path in sorted((root / room).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            text = path.read_text()
            found.append(Module(name, path, text, ast.parse(text)))
    return SourceTree(root, tuple(found))


def _list_imports(module: Module, names: set[str]) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names} & names
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                found.add(inner if inner in names else node.module)
    return (found & names) - {module.name}
