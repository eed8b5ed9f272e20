"""The figures of the code count what they say."""

import ast
from pathlib import Path

import pytest

from sandbox.figures import format_figures, graph, measure, name_rules
from sandbox.figures.complexity import compute_complexity
from sandbox.figures.source import Module, read_source

ROOT = Path(__file__).parents[3]


def module(text: str, name: str = "bot.x") -> Module:
    return Module(name, Path("x.py"), text, ast.parse(text))


@pytest.mark.parametrize(
    ("body", "number"),
    [
        ("return 1", 1),
        ("if a: return 1\n    return 2", 2),
        ("if a and b or c: return 1", 4),
        ("return [x for x in a if x if y]", 4),
        ("for x in a:\n        if x: return x", 3),
        ("try: x()\n    except ValueError: y()\n    except OSError: z()", 3),
        ("return 1 if a else 2", 2),
        ("match a:\n        case 1: x()\n        case _: y()", 3),
        ("def inner():\n        if a: return 1\n    return inner", 2),
    ],
)
def test_each_fork_counts_once(body: str, number: int) -> None:
    function = ast.parse(f"def f(a):\n    {body}").body[0]
    assert isinstance(function, ast.FunctionDef)
    assert compute_complexity(function) == number


@pytest.mark.parametrize("name", ["heard", "_moved_on", "summoned", "told_again", "_bought"])
def test_a_participle_in_front_is_found(name: str) -> None:
    assert name_rules.count_participle_names([module(f"def {name}(): ...")]) == (1, 1)


@pytest.mark.parametrize("name", ["page_contacts", "_seed", "need", "read", "succeed", "is_called", "redact"])
def test_a_verb_in_front_is_none(name: str) -> None:
    assert name_rules.count_participle_names([module(f"def {name}(): ...")]) == (0, 1)


def test_a_property_is_a_value_and_not_counted() -> None:
    text = "class C:\n    @property\n    def known(self): ...\n    def __enter__(self): ..."
    assert name_rules.count_participle_names([module(text)]) == (0, 0)


def test_names_that_stand_twice_and_more_often() -> None:
    found = ["a", "b", "b", "c", "c", "c", "d", "d", "d", "d"]
    assert name_rules.find_repeated_names(found, 2) == ["b"]
    assert name_rules.find_repeated_names(found, 3) == ["c", "d"]


def test_loops_over_each_are_counted_in_comprehensions_too() -> None:
    assert (
        name_rules.count_each_loops([module("for each in a: ...\n[each for each in b]\n[x for x in c]")]) == 2
    )


def test_circles_are_found_and_chains_are_none() -> None:
    imports = {"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": set(), "e": {"a"}}
    assert graph.find_cycles(imports) == [["a", "b", "c"]]


def test_a_long_chain_needs_no_recursion() -> None:
    imports = {f"m{number}": {f"m{number + 1}"} for number in range(5_000)} | {"m5000": {"m0"}}
    assert [len(circle) for circle in graph.find_cycles(imports)] == [5_001]


def test_only_what_puts_the_rooms_together_may_point_up() -> None:
    imports = {"bot.app": {"handlers"}, "bot.cli.run": {"handlers"}, "bot.x": {"templates.a", "bot.y"}}
    assert graph.find_upward_imports(imports) == [("bot.x", "templates.a")]


def test_a_checkout_is_read_whole(tmp_path: Path) -> None:
    for path, text in {
        "bot/__init__.py": "",
        "bot/letterbox.py": "from handlers import page\n\n\n"
        "def lent() -> None:\n    log.warning('the lease is over')\n",
        "handlers/__init__.py": "",
        "handlers/page.py": "class A: ...\n",
        "handlers/page_b.py": "class A: ...\n",
    }.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    source = read_source(tmp_path)
    assert source.imports["bot.letterbox"] == {"handlers.page"}
    told = {figure.what: figure for figure in measure(tmp_path)}
    assert told["imports upwards in bot, outside of app and cli"].value == "1 in 1"
    assert told["modules named by a participle or a metaphor"].where == ("bot.letterbox",)
    assert told["names of public classes that stand twice or more"].where == ("A",)
    assert told["words of the field in log lines"].value == "1"
    text = format_figures(list(told.values()), whole=True)
    assert "bot.letterbox -> handlers.page" in text
    assert "bot.letterbox" not in format_figures(list(told.values()), whole=False)


KEPT = (
    "functions over 15",
    "imports upwards in bot, outside of app and cli",
    "circles of imports",
    "modules named by a participle or a metaphor",
    "names of modules that stand 2 times",
    "names of modules that stand 3 times or more",
    "names of public classes that stand twice or more",
    "loops over `each`",
    "`except Exception`",
    "`type: ignore`",
)
"""What counts how often something is there that ought to be rare, and has to be at most its bar."""


def test_this_checkout_keeps_its_figures() -> None:
    told = {figure.what: figure for figure in measure(ROOT)}
    over = [
        (what, told[what].value, told[what].where)
        for what in KEPT
        if int(told[what].value.split()[0]) > int(told[what].must)
    ]
    assert over == []
