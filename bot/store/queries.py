"""The named SQL statements of `bot/sql`, read once."""

from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "sql"
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


def migrations() -> list[tuple[int, str, str]]:
    """(number, file name, text) of every migration, in order."""
    paths = sorted(path for path in FOLDER.glob("*.sql") if path.name[0].isdigit())
    return [(int(path.name.split("_")[0]), path.name, path.read_text(encoding="utf-8")) for path in paths]
