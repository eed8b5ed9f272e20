"""The monitored systems as the settings name them: which module asks what, and with which keys."""

from bot.settings import MONITORED_POSTGRES, Settings, named
from diagnostics.systems import Source, Systems


def value_of(name: str) -> str | None:
    """The value of a variable that names a monitored system; None when it is not set."""
    if name in MONITORED_POSTGRES:
        return MONITORED_POSTGRES[name] or None
    found = named(name)
    return found.get_secret_value() if found else None


def monitored(settings: Settings) -> Systems:
    """Everything that can be asked with these settings."""
    sources: dict[str, Source] = {}
    return Systems(sources)
