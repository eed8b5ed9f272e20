"""How many ways lead through a function: McCabe's number; parts of conditions and comprehensions count too."""

import ast
from collections.abc import Iterable, Iterator

from sandbox.figures.source import Function, Module

FORKS = (ast.If, ast.IfExp, ast.For, ast.AsyncFor, ast.While, ast.ExceptHandler, ast.Assert, ast.match_case)


def measure_functions(modules: Iterable[Module]) -> Iterator[tuple[int, str]]:
    """The number and the place of each function; what is defined inside one counts with it."""
    for module in modules:
        for function in _outermost(module.tree):
            yield compute_complexity(function), f"{module.name}.{function.name}:{function.lineno}"


def compute_complexity(function: Function) -> int:
    """1 for a function without a fork."""
    return 1 + sum(_forks(node) for node in ast.walk(function))


def _outermost(node: ast.AST) -> Iterator[Function]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Function):
            yield child
        else:
            yield from _outermost(child)


def _forks(node: ast.AST) -> int:
    if isinstance(node, ast.BoolOp):
        return len(node.values) - 1
    if isinstance(node, ast.comprehension):
        return 1 + len(node.ifs)
    return isinstance(node, FORKS)
