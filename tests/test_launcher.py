"""`./tocsin` in clones of its own, with the real pip and a package that is made here: no network."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = pytest.mark.whole  # clean clones are installed

ROOT = Path(__file__).resolve().parent.parent
TELL = """
import json, os, sys
import onlyhere
print(json.dumps({"words": sys.argv[1:], "folder": os.getcwd(), "version": onlyhere.VERSION, "prefix": sys.prefix}))
"""


@dataclass
class Clone:
    """A clone with a lock of one package, and a machine that has a Python and nothing else."""

    root: Path
    machine: Path

    @property
    def environment(self) -> dict[str, str]:
        return {
            "PATH": f"{self.machine / 'bin'}{os.pathsep}/usr/bin{os.pathsep}/bin",
            "HOME": str(self.machine / "home"),
            "TMPDIR": str(self.machine / "temporary"),
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(self.machine / "index"),
        }

    def lock(self, version: str, sha256: str = "") -> None:
        """The lock names this version; the index has it."""
        wheel = self.machine / "index" / f"onlyhere-{version}-py3-none-any.whl"
        about = f"onlyhere-{version}.dist-info"
        with zipfile.ZipFile(wheel, "w") as archive:
            archive.writestr("onlyhere/__init__.py", f"VERSION = {version!r}\n")
            archive.writestr(
                f"{about}/METADATA", f"Metadata-Version: 2.1\nName: onlyhere\nVersion: {version}\n"
            )
            archive.writestr(
                f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
            )
            archive.writestr(f"{about}/RECORD", "")
        sha256 = sha256 or hashlib.sha256(wheel.read_bytes()).hexdigest()
        text = f"onlyhere=={version} \\\n    --hash=sha256:{sha256}\n"
        (self.root / "requirements.lock").write_text(text)

    def begin(self, *words: str, folder: Path | None = None, **changes: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [self.root / "tocsin", *words],
            cwd=folder or self.root,
            env=self.environment | changes,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def start(self, *words: str, folder: Path | None = None, **changes: str) -> tuple[int, str, str]:
        """Exit code, standard output, standard error."""
        started = self.begin(*words, folder=folder, **changes)
        out, err = started.communicate()
        return started.returncode, out, err

    def told(self, *words: str, folder: Path | None = None, **changes: str) -> dict[str, object]:
        """What the program that was started in the end tells of itself."""
        code, out, err = self.start(*words, folder=folder, **changes)
        assert code == 0, err
        told: dict[str, object] = json.loads(out)
        return told


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    made = Clone(tmp_path / "a clone", tmp_path / "machine")
    for folder in ("bin", "home", "temporary", "index"):
        (made.machine / folder).mkdir(parents=True)
    (made.machine / "bin" / "python3").symlink_to(Path(sys.executable).resolve())
    (made.root / "bot").mkdir(parents=True)
    (made.root / "bot" / "__init__.py").touch()
    (made.root / "bot" / "__main__.py").write_text(TELL)
    for name in ("tocsin", ".install.py"):
        shutil.copy(ROOT / name, made.root)
    made.lock("1.0")
    return made


def without_python(clone: Clone) -> str:
    """A PATH on which nothing can be installed: it has `cmp` and no more."""
    bare = clone.machine / "bare"
    bare.mkdir()
    (bare / "cmp").symlink_to(str(shutil.which("cmp")))
    return str(bare)


def test_the_first_start_installs_and_the_second_needs_neither_pip_nor_an_index(clone: Clone) -> None:
    code, out, err = clone.start("check", "two words")
    assert code == 0, err
    told = json.loads(out)
    assert told["words"] == ["check", "two words"]
    assert told["prefix"] == str(clone.root / ".venv")
    assert "making its environment" in err
    assert "the environment is ready" in err
    shutil.rmtree(clone.machine / "index")
    code, out, err = clone.start("check", "two words", PATH=without_python(clone))
    assert (code, err) == (0, "")
    assert json.loads(out) == told


def test_nothing_is_written_outside_the_clone(clone: Clone) -> None:
    clone.told()
    assert list((clone.machine / "home").rglob("*")) == []
    assert list((clone.machine / "temporary").rglob("*")) == []
    left = {each.name for each in clone.root.iterdir()}
    assert left == {"tocsin", ".install.py", ".install.lock", ".venv", "bot", "requirements.lock"}


def test_from_another_folder_paths_stay_the_callers_and_its_modules_stay_out(
    clone: Clone, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "bot").mkdir(parents=True)
    (elsewhere / "bot" / "__init__.py").touch()
    (elsewhere / "bot" / "__main__.py").write_text("print('the wrong one')")
    (elsewhere / "bell").symlink_to(clone.root / "tocsin")
    garbage = {"PYTHONPATH": str(elsewhere), "PYTHONHOME": str(elsewhere)}
    told = clone.told("check", "my.md", folder=elsewhere)
    assert (told["words"], told["folder"]) == (["check", "my.md"], str(elsewhere))
    assert clone.told(folder=elsewhere, **garbage)["folder"] == str(elsewhere)
    through_link = subprocess.run(
        ["./bell"], cwd=elsewhere, env=clone.environment, capture_output=True, text=True, check=True
    )
    assert json.loads(through_link.stdout)["prefix"] == str(clone.root / ".venv")


def test_a_changed_lock_is_installed(clone: Clone) -> None:
    assert clone.told()["version"] == "1.0"
    clone.lock("2.0")
    assert clone.told()["version"] == "2.0"


def test_a_package_that_differs_from_its_hash_is_refused_with_pips_words(clone: Clone) -> None:
    clone.lock("1.0", sha256="0" * 64)
    code, out, err = clone.start()
    assert (code, out) == (2, "")
    assert "DO NOT MATCH THE HASHES" in err
    assert "the packages could not be installed" in err
    clone.lock("1.0")
    assert clone.told()["version"] == "1.0"


def test_a_package_without_a_hash_is_refused(clone: Clone) -> None:
    (clone.root / "requirements.lock").write_text("onlyhere==1.0\n")
    code, out, err = clone.start()
    assert (code, out) == (2, "")
    assert "Hashes are required" in err


def test_a_failed_update_leaves_the_old_environment_whole(clone: Clone) -> None:
    clone.told()
    old = (clone.root / "requirements.lock").read_text()
    clone.lock("2.0", sha256="0" * 64)
    assert clone.start()[0] == 2
    (clone.root / "requirements.lock").write_text(old)
    assert clone.told(PATH=without_python(clone))["version"] == "1.0"


def test_an_environment_that_was_half_made_is_made_anew(clone: Clone) -> None:
    clone.told()
    home = clone.root / ".venv"
    (home / "installed.lock").unlink()
    (home / "left over").touch()
    assert clone.told()["version"] == "1.0"
    assert not (home / "left over").exists()


def test_an_environment_whose_python_is_gone_is_made_anew(clone: Clone) -> None:
    clone.told()
    for python in (clone.root / ".venv" / "bin").glob("python*"):
        python.unlink()
    assert clone.told()["version"] == "1.0"


def test_of_two_starts_at_once_one_installs_and_both_run(clone: Clone) -> None:
    both = [clone.begin("first"), clone.begin("second")]
    ends = [each.communicate() for each in both]
    assert [each.returncode for each in both] == [0, 0], ends
    assert [json.loads(out)["words"] for out, _ in ends] == [["first"], ["second"]]
    assert sum(err.count("making its environment") for _, err in ends) == 1


def test_a_machine_whose_python_is_too_old_is_told_in_a_sentence(clone: Clone) -> None:
    bare = without_python(clone)
    old = Path(bare) / "python3"
    younger = "import sys; sys.version_info = (3, 10, 14, 'final', 0); exec(sys.argv[1])"
    old.write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "{younger}" "$2"\n')
    old.chmod(0o755)
    code, out, err = clone.start(PATH=bare)
    assert (code, out) == (2, "")
    assert err.startswith("tocsin: needs Python 3.11 or newer, and found none")
    assert err.count("\n") == 1


def test_a_clone_that_cannot_be_written_is_told_in_a_sentence(clone: Clone) -> None:
    (clone.root / ".install.lock").mkdir()
    code, out, err = clone.start()
    assert (code, out) == (2, "")
    assert err == (
        f"tocsin: {clone.root / '.install.lock'} cannot be written: Is a directory. Put the clone elsewhere.\n"
    )
