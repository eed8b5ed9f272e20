"""The README's pictures are those that the page gives, and each is there."""

import re
import shutil
import struct
from pathlib import Path

import pytest

from sandbox.demo.remediation_shots import REMEDIATION_SHOTS
from sandbox.demo.review_shots import REVIEW_SHOTS
from sandbox.demo.screenshots import SHOTS, find_browser
from sandbox.demo.status_page_shots import STATUS_PAGE_SHOT
from sandbox.monitored_systems import Breakage

ROOT = Path(__file__).parents[3]
PICTURES = ROOT / "docs" / "pictures"
ALL = (*SHOTS, *REMEDIATION_SHOTS, *REVIEW_SHOTS, STATUS_PAGE_SHOT)
OTHERS = {"icon.svg", "icon.png"}
"""Pictures that the demo's page does not give."""


def size(path: Path) -> tuple[int, int]:
    """Width and height of a PNG."""
    head = path.read_bytes()[:24]
    assert head.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", head[16:24])
    return width, height


@pytest.mark.parametrize("name", [each.name for each in ALL])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_picture_is_there_in_its_size(name: str, theme: str) -> None:
    (shot,) = [each for each in ALL if each.name == name]
    assert size(PICTURES / f"{name}-{theme}.png") == shot.screen


def test_no_other_picture_lies_about() -> None:
    there = {each.name for each in PICTURES.iterdir()}
    names = [shot.name for shot in ALL]
    names += [f"evidence-{scene.value}" for scene in Breakage]
    shots = {f"{name}-{theme}.png" for name in names for theme in ("light", "dark")}
    assert there == shots | OTHERS


def test_the_readme_shows_what_is_there_in_both_lights() -> None:
    shown = re.findall(r"docs/pictures/([\w.-]+)", (ROOT / "README.md").read_text())
    assert shown
    assert all((PICTURES / each).exists() for each in shown)
    assert {each.removesuffix("-light.png") for each in shown if "light" in each} == {
        each.removesuffix("-dark.png") for each in shown if "dark" in each
    }


def test_a_browser_is_looked_for_by_its_usual_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: "/x" if name == "google-chrome" else None)
    assert find_browser() == "/x"
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert find_browser() is None
