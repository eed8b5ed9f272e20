"""Where tests write: in memory where there is room, else in the clone."""

from pathlib import Path

import pytest

from tests import scratch


def test_memory_with_room_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scratch, "MEMORY", tmp_path)
    monkeypatch.setattr(scratch, "ROOM", 0)
    place = scratch.find_place()
    assert place == tmp_path / scratch.OWN and place.is_dir()
    assert scratch.make_server_folder().parent == place


@pytest.mark.parametrize("fault", ["small", "missing"])
def test_else_it_is_the_clones_own_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    monkeypatch.setattr(scratch, "MEMORY", tmp_path / "none" if fault == "missing" else tmp_path)
    monkeypatch.setattr(scratch, "ROOM", 10**18 if fault == "small" else 0)
    assert scratch.find_place() == scratch.SCRATCH
    assert not (tmp_path / scratch.OWN).exists()
