"""The named SQL statements of `bot/adapters/database/sql`, read once, and its migrations."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().with_name("sql")
MARK = "-- name: "


def _read() -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for path in sorted(FOLDER.glob("*.sql")):
        if path.name[0].isdigit():
            continue
        for part in path.read_text(encoding="utf-8").split(MARK)[1:]:
            name, _, text = part.partition("\n")
            lines = [line for line in text.splitlines() if not line.startswith("--")]
            if name.strip() in found:
                raise ValueError(f"two statements are named {name.strip()}")
            found[name.strip()] = "\n".join(lines).strip().encode()
    return found


SQL = _read()
"""Statement texts by name. Bytes, since psycopg takes only literals and bytes as trusted SQL."""


FIRST = 12
"""The last migration without a header: the version before these headers knows the steps up to this one."""

HEADER = re.compile(r"-- runs from: (\d{3})\n")


@dataclass(frozen=True, slots=True)
class Migration:
    """A step of the schema. A version that knows the step `runs_from` may run on a database that has this one."""

    number: int
    name: str
    text: str
    runs_from: int

    @property
    def checksum(self) -> str:
        """SHA-256 of its text, in hexadecimal."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def parse_migration(name: str, text: str) -> Migration:
    """A migration from its file. Raises ValueError when its first line does not say which versions may run on it."""
    number = int(name.split("_")[0])
    if number <= FIRST:
        return Migration(number, name, text, number)
    said = HEADER.match(text)
    if said is None:
        raise ValueError(
            f"{name} must begin with `-- runs from: {FIRST:03}` (additive: every version that knows step {FIRST:03} "
            f"may run on it), or with a later step. See docs/decisions/0010-two-versions-on-one-database.md"
        )
    return Migration(number, name, text, int(said[1]))


def load_migrations() -> list[Migration]:
    """Every migration, in order."""
    paths = sorted(path for path in FOLDER.glob("*.sql") if path.name[0].isdigit())
    return [parse_migration(path.name, path.read_text(encoding="utf-8")) for path in paths]
