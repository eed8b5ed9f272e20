"""On which versions of PostgreSQL Tocsin runs."""

OLDEST, NEWEST = 15, 18
"""Major versions of PostgreSQL on which it was tried; on an older one nothing is started."""


def explain_old_version(number: int) -> str:
    """Why nothing is started on a server of this version (`server_version_num`); empty where it may be."""
    if number // 10_000 >= OLDEST:
        return ""
    return (
        f"The database is PostgreSQL {number // 10_000}, and Tocsin needs {OLDEST} or newer: upgrade the server, or"
        " name another one in TOCSIN_DATABASE_URL. Nothing was changed."
    )


def explain_untested_version(number: int) -> str:
    """What to do about a server that is newer than any that was tried; empty for the others."""
    if number // 10_000 <= NEWEST:
        return ""
    return f"Tocsin was tried with {OLDEST} to {NEWEST}: look for a newer Tocsin, and try a drill first."
