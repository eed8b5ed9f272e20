"""Who can be called and how: the contacts file as frozen values. Pure but for `read_file`."""

from bot.contacts.book import ContactBook, Source, SourceKind
from bot.contacts.handles import Handle, Kind, missing_settings, parse_handle
from bot.contacts.hours import Hours, next_business_day
from bot.contacts.reading import read_book, read_file

__all__ = [
    "ContactBook",
    "Handle",
    "Hours",
    "Kind",
    "Source",
    "SourceKind",
    "missing_settings",
    "next_business_day",
    "parse_handle",
    "read_book",
    "read_file",
]
