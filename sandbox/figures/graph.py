"""What the imports say: loops, and arrows that point up."""

from collections.abc import Mapping, Set

ABOVE = ("handlers", "templates", "diagnostics", "sandbox")
ROOTS = ("bot.__main__", "bot.app", "bot.cli")
"""What puts the rooms together, and so may know all of them."""


def find_cycles(imports: Mapping[str, Set[str]]) -> list[list[str]]:
    """Groups of modules that import each other, directly or around; each sorted, the largest first."""
    order: list[str] = []
    seen: set[str] = set()
    for name in imports:
        _visit(name, imports, seen, order)
    backwards: dict[str, set[str]] = {name: set() for name in imports}
    for name, others in imports.items():
        for other in others:
            backwards[other].add(name)
    seen.clear()
    groups = []
    for name in reversed(order):
        group: list[str] = []
        _visit(name, backwards, seen, group)
        if len(group) > 1:
            groups.append(sorted(group))
    return sorted(groups, key=len, reverse=True)


def _visit(start: str, arrows: Mapping[str, Set[str]], seen: set[str], left: list[str]) -> None:
    """Go along the arrows; `left` gets each name when all behind it is known. No recursion: chains are long."""
    if start in seen:
        return
    seen.add(start)
    path = [(start, iter(sorted(arrows[start])))]
    while path:
        name, further = path[-1]
        following = next((other for other in further if other not in seen), None)
        if following is None:
            left.append(name)
            path.pop()
        else:
            seen.add(following)
            path.append((following, iter(sorted(arrows[following]))))


def find_upward_imports(imports: Mapping[str, Set[str]]) -> list[tuple[str, str]]:
    """Imports of handlers, templates, diagnostics or the stand-in by a room of bot that is no root."""
    return [
        (name, other)
        for name, others in imports.items()
        if name.startswith("bot.") and not any(name == root or name.startswith(f"{root}.") for root in ROOTS)
        for other in sorted(others)
        if other.partition(".")[0] in ABOVE
    ]
