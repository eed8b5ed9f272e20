"""A page's files in a folder: each replaced as a whole, what is linked to first."""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from bot.ports.publication_repository import PageBusy


class Folder:
    """Where a web server takes them from. Raises PageBusy when the folder cannot be written."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self, name: str) -> bytes | None:
        """A file as it stands; None when there is none."""
        try:
            return (self.path / name).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise PageBusy(f"The folder of the status page cannot be read: {error.strerror}.") from error

    def write(self, files: Mapping[str, bytes]) -> None:
        """Replace what changed. A reader sees the old file or the new one, and no link to what is not there yet."""
        try:
            for name, content in files.items():
                target = self.path / name
                if target.is_file() and target.read_bytes() == content:
                    continue
                target.parent.mkdir(parents=True, exist_ok=True)
                _replace(target, content)
        except OSError as error:
            raise PageBusy(f"The folder of the status page cannot be written: {error.strerror}.") from error

    def examine(self) -> str:
        """Why nothing can be written there, in a sentence; empty when something can. Leaves nothing behind: a folder
        that is not there yet is made with the first text, so what is asked is the nearest one that is there."""
        there = next(place for place in (self.path, *self.path.parents) if place.exists())
        try:
            with tempfile.TemporaryFile(dir=there):
                return ""
        except OSError as error:
            return f"TOCSIN_STATUS_PAGE: {self.path} cannot be written ({error.strerror})."


def _replace(target: Path, content: bytes) -> None:
    """Written whole and kept on the disk before it takes the name."""
    handle, draft = tempfile.mkstemp(dir=target.parent, prefix=".", suffix=".new")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(draft, 0o644)
        os.replace(draft, target)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
