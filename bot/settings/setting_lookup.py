"""Settings by their names, one at a time, from the environment or the secrets folder."""

import logging
import os
import re
import stat
from pathlib import Path

from pydantic import SecretStr

log = logging.getLogger(__name__)

MONITORED_POSTGRES: dict[str, str] = {}
"""libpq's names as they were in the environment: a runbook's commands mean the monitored database by them."""


def set_libpq_names_aside() -> None:
    """Take every `PG…` name out of the environment and keep it in MONITORED_POSTGRES.

    libpq would read them for the bot's own database too, and some of them no parameter overrides.
    """
    for name in [variable for variable in os.environ if variable.startswith("PG")]:
        MONITORED_POSTGRES[name] = os.environ.pop(name)


def find_setting(name: str) -> SecretStr | None:
    """Any setting by its name, from the environment or the secrets folder; None when it is missing or empty.

    A contact's handle names such a setting where what it needs is a secret.
    """
    value = os.environ.get(name, "")
    path = find_secrets_folder() / name
    if not value and re.fullmatch(r"[A-Z][A-Z0-9_]*", name) and path.is_file():
        value = path.read_text(encoding="utf-8").strip()
    return SecretStr(value) if value else None


def read_secret(secret: SecretStr | None) -> str | None:
    """The value of a setting that is a secret; None where it is not set."""
    return None if secret is None else secret.get_secret_value()


def find_monitored_value(name: str) -> str | None:
    """The value of a variable that names a monitored system; None when it is not set."""
    if name in MONITORED_POSTGRES:
        return MONITORED_POSTGRES[name] or None
    found = find_setting(name)
    return found.get_secret_value() if found else None


def warn_of_open_secrets() -> None:
    """Name them in the log."""
    if names := list_open_secrets():
        log.warning(
            "%s in %s can be read by every user of this machine: restrict them to Tocsin's user (chmod 600)",
            ", ".join(names),
            find_secrets_folder(),
        )


def list_open_secrets() -> list[str]:
    """The files of the secrets folder that everybody on this machine may read, by their names in order."""
    folder = find_secrets_folder()
    try:
        if not folder.stat().st_mode & stat.S_IXOTH:
            return []  # nobody else comes as far as to its files
        files = (file for file in folder.iterdir() if file.is_file())
        return sorted(file.name for file in files if file.stat().st_mode & stat.S_IROTH)
    except OSError:  # there is no such folder, or it is none of ours to look into
        return []


def find_secrets_folder() -> Path:
    """Where each secret may be a file of its own."""
    return Path(os.environ.get("TOCSIN_SECRETS_DIR", "/run/secrets"))
