"""The house keeps its walls, its words and its size."""

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bot.settings import list_setting_names
from sandbox.bench import MEASURES

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("bot", "handlers", "diagnostics", "templates", "sandbox")
TOP = {
    "pyproject.toml", "bot", "handlers", "diagnostics", "templates", "tests", "manifest.yml", "sandbox", "docs",
    "manifest.socket.yml", "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "tocsin", "requirements.lock",
    "Containerfile", "compose.yml", "deploy",
}  # fmt: skip
FORBIDDEN_NAMES = re.compile(r"^(manager|helpers?|utils?|core|common|process|data)(_|\.|$)")
ELSEWHERE = re.compile(r"sys_platform == '(?:win32|emscripten)'|python_full_version < '3\.11\.")
CHOICE = {"docutils": "in the public domain but for an Emacs mode under the GPL, which its wheel leaves out"}
"""Packages that name the GPL beside another licence of theirs, and why that other one holds here."""
GPL = re.compile(r"(?<!L)GPL|Affero|(?<!Lesser )General Public", re.IGNORECASE)


def tracked() -> list[Path]:
    """The files of the project: what git tracks, or in an exported tree what is there."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert listed.returncode == 0, listed.stderr
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).exists()]


def test_the_top_level_is_as_the_user_drew_it() -> None:
    names = {path.relative_to(ROOT).parts[0] for path in tracked()}
    assert {name for name in names if not name.startswith(".")} == TOP


def test_no_module_outgrows_its_room() -> None:
    long = {
        str(path.relative_to(ROOT)): count
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        if (count := len(path.read_text().splitlines())) > 300
    }
    assert long == {}


def test_no_file_has_a_name_that_says_nothing() -> None:
    assert [str(path) for path in tracked() if FORBIDDEN_NAMES.match(path.name)] == []


def test_no_pattern_repeats_a_group_possessively() -> None:
    """Before Python 3.11.5 the place stays where the last, failed try of the group left it: letters are lost."""
    possessive = re.compile(r"\)(?:[*+?]|\{[0-9,]*\})\+(?!\))")
    found = {
        f"{path.relative_to(ROOT)}:{number}"
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if possessive.search(line) and "SPECIAL = " not in line
    }
    assert found == set()


def test_tests_are_no_packages() -> None:
    assert list((ROOT / "tests").rglob("__init__.py")) == []


def test_a_stray_module_fails_the_walls(tmp_path: Path) -> None:
    for room in ROOMS:
        shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    kept = _look_at_walls(tmp_path)
    assert kept.returncode == 0, kept.stdout
    (tmp_path / "bot" / "utils.py").write_text("")
    broken = _look_at_walls(tmp_path)
    assert broken.returncode != 0
    assert "utils" in broken.stdout


BREACHES = [
    ("templates.alert", "slack_sdk"),
    ("bot.domain.policy", "bot.adapters.slack"),
    ("bot.services.declare", "psycopg"),
    ("handlers.slack.actions", "handlers.outbox.worker"),
    ("sandbox.slack.slack", "bot.domain.incident"),
    ("bot.app", "apscheduler"),
    ("bot.app", "sandbox"),
    ("bot.runbook.parser", "boto3"),
]
"""A module, and what it must not import."""


def test_each_wall_stands(tmp_path: Path) -> None:
    """All breaches in one copy. Each is read back before the walls look, so that one that they do not name is one that
    they let through, and nothing that the copy lacks."""
    for room in ROOMS:
        shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for module, imported in BREACHES:
        file = tmp_path.joinpath(*module.split(".")).with_suffix(".py")
        file.write_text(f"{file.read_text()}\nimport {imported}\n")
        assert file.read_text().endswith(f"\nimport {imported}\n")
    broken = _look_at_walls(tmp_path)
    assert broken.returncode == 1, broken.stdout
    named = set(re.findall(r"([\w.]+) -> ([\w.]+) \(l\.", broken.stdout))
    assert set(BREACHES) - named == set(), broken.stdout


def _look_at_walls(copy: Path) -> subprocess.CompletedProcess[str]:
    """The linter's answer about a copy, and nothing of the clone: `./tocsin` names it in PYTHONPATH, where a room
    without an `__init__.py` would be found as well."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    linter = Path(sys.executable).parent / "lint-imports"
    return subprocess.run(
        [linter, "--no-cache"], cwd=copy, env=environment, capture_output=True, text=True, check=False
    )


def test_the_licence_is_apache_and_no_dependency_is_gpl() -> None:
    assert "Apache License" in (ROOT / "LICENSE").read_text()[:200]
    locked = re.findall(r"^([a-z0-9-]+)==(.*)", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
    assert len(locked) > 40
    environment = Path(sys.prefix) / "installed.lock"
    if environment.exists() and environment.read_bytes() != (ROOT / "requirements.lock").read_bytes():
        pytest.skip("the packages here are of another lock: ./tocsin brings them up to date")
    offenders = {}
    for name, condition in locked:
        licence = _licence(name, elsewhere=bool(ELSEWHERE.search(condition)))
        if GPL.search(licence) and name not in CHOICE:
            offenders[name] = licence
    assert offenders == {}


def _licence(name: str, elsewhere: bool) -> str:
    """What a locked package says of its licence, without the LGPL: that one lets a program use a library as it is,
    as this one uses psycopg. Empty for a package of another system."""
    from importlib.metadata import PackageNotFoundError, metadata

    try:
        about = metadata(name)
    except PackageNotFoundError:
        assert elsewhere, f"{name} is locked but not installed"
        return ""
    said = [*(about.get_all("License-Expression") or [])]
    said += [each for each in about.get_all("Classifier") or [] if each.startswith("License")]
    said += [text.partition("\n")[0] for text in about.get_all("License") or []]
    text = " ".join(said)
    return re.sub(r"LGPL[\w.+-]*|Lesser General Public License[^)]*\)?|\(LGPL[^)]*\)", "", text)


def test_the_users_packages_are_all_declared_and_every_declared_one_is_locked() -> None:
    declared = (ROOT / "pyproject.toml").read_text()
    for name in (
        "slack-bolt",
        "boto3",
        "psycopg",
        "httpx",
        "apscheduler",
        "pydantic-settings",
        "pytest",
        "moto",
    ):
        assert re.search(rf'^    "{name}[\[><=]', declared, re.MULTILINE), name
    locked = (ROOT / "requirements.lock").read_text().lower()
    ours = declared_packages()
    assert len(ours) > 15
    for name in ours:
        assert re.search(rf"^{re.escape(name)}==", locked, re.MULTILINE), (
            f"{name} is not in requirements.lock"
        )


def declared_packages() -> list[str]:
    """What pyproject.toml asks for, by the names that the lock uses."""
    declared = (ROOT / "pyproject.toml").read_text().replace(".yaml", "-yaml")
    return re.findall(r'^    "([a-z0-9-]+)[\[><=]', declared, re.MULTILINE)


def test_everything_that_is_imported_is_declared() -> None:
    from importlib.metadata import packages_distributions

    brought_by = packages_distributions()
    declared = {*declared_packages(), "psycopg-pool"}
    undeclared = {
        f"{path.relative_to(ROOT)}: {module}"
        for room in (*ROOMS, "tests")
        for path in (ROOT / room).rglob("*.py")
        for module in imported(path)
        if module not in sys.stdlib_module_names and module not in (*ROOMS, "tests")
        if not declared & {re.sub(r"[._]", "-", each).lower() for each in brought_by.get(module, [])}
    }
    assert undeclared == set()


def imported(path: Path) -> set[str]:
    """The packages that a module imports, by the first part of their names."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


def test_the_readme_is_read_in_a_minute() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) < 120


def test_what_the_pages_say_to_measure_can_be_measured() -> None:
    known = {*MEASURES, "evidence", "commands", "runbooks"}
    for page in (ROOT / "README.md", ROOT / "docs" / "BENCHMARKS.md"):
        named = re.findall(r"`\./tocsin bench ([a-z ]+)", page.read_text())
        assert named and {name for words in named for name in words.split()} <= known, page


def test_the_page_of_settings_has_every_setting_and_no_other() -> None:
    chapter = (ROOT / "docs" / "SETTINGS.md").read_text()
    rows = re.findall(r"^\| `([A-Z_]+)` \|", chapter, re.MULTILINE)
    assert sorted(rows) == sorted(list_setting_names())


def test_no_file_speaks_of_the_machine_that_it_was_written_on() -> None:
    elsewhere = re.compile(r"/w[o]rk/|/o[p]t/|/r[o]ot/|/h[o]me/\\w|python[h]osted")
    spoken = {
        f"{path.relative_to(ROOT)}: {found[0]}"
        for path in tracked()
        if path.name != "runbook.md" and (found := elsewhere.search(path.read_text(errors="replace")))
    }
    assert spoken == set()


def test_the_installer_needs_nothing_but_the_standard_library() -> None:
    assert imported(ROOT / ".install.py") <= set(sys.stdlib_module_names)


def test_the_lock_names_no_index_and_no_folder_of_one_machine() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    assert "://" not in lock
    assert "--index" not in lock
    assert " /" not in lock


def test_the_shipped_runbook_is_the_users_byte_for_byte() -> None:
    import hashlib

    digest = hashlib.sha256((ROOT / "templates" / "runbook.md").read_bytes()).hexdigest()
    assert digest == "421ef6d7f00e74b35f99f26ed47366dd354374a3941c0523314c33dce7266073"
