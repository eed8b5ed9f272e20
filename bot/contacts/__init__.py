"""Whom to page and how: the contacts file as frozen values. Pure but for `read_contacts_file`."""

from bot.contacts.approvers import Approvers
from bot.contacts.business_hours import MAX_BREAK_DAYS, WEEKDAYS, BusinessHours, find_next_business_day
from bot.contacts.contact_book import ContactBook, OnCallSource, OnCallSourceKind
from bot.contacts.contact_methods import Handle, HandleKind, list_missing_settings, parse_handle
from bot.contacts.name_matching import build_name_key
from bot.contacts.toml_parser import parse_contacts, read_contacts_file

__all__ = [
    "MAX_BREAK_DAYS",
    "WEEKDAYS",
    "Approvers",
    "BusinessHours",
    "ContactBook",
    "Handle",
    "HandleKind",
    "OnCallSource",
    "OnCallSourceKind",
    "build_name_key",
    "find_next_business_day",
    "list_missing_settings",
    "parse_contacts",
    "parse_handle",
    "read_contacts_file",
]
