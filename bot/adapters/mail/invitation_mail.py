"""An invitation as a mail: plain text, and the same as iCalendar (RFC 5545, 5546, 6047) that every calendar takes."""

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any

from bot.ports.mail import Invitation

PRODUCT = "-//Tocsin//Post-mortem meetings//EN"
POLICY = SMTP.clone(cte_type="7bit", max_line_length=78)
"""Mail servers on the way may take no 8-bit lines."""


def build_mail(invitation: Invitation, sender: tuple[str, str]) -> bytes:
    """The mail as it goes over the wire; the same bytes for the same invitation. `sender` are the name, which may be
    empty, and the address."""
    name, address = sender
    mail = EmailMessage(POLICY)
    mail["From"] = Address(_flatten(name), addr_spec=address)
    mail["To"] = Address(_flatten(invitation.name), addr_spec=invitation.address)
    mail["Subject"] = _flatten(invitation.subject)
    mail["Date"] = format_datetime(invitation.changed_at)
    mail["Message-ID"] = f"<{invitation.message}@{get_host(sender)}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(invitation.text, cte="quoted-printable")
    mail.make_alternative()
    mail.attach(_build_calendar_part(invitation, sender))
    mail.set_boundary(f"=_{invitation.message}")
    return mail.as_bytes()


def _build_calendar_part(invitation: Invitation, sender: tuple[str, str]) -> EmailMessage:
    part = EmailMessage(POLICY)
    part.set_content(build_calendar(invitation, sender), subtype="calendar", cte="base64")
    part.set_param("method", _name_method(invitation))
    part.set_param("name", "invite.ics")
    del part["MIME-Version"]  # the mail has it
    return part


def build_calendar(invitation: Invitation, sender: tuple[str, str]) -> str:
    """The calendar with its one event. Everybody has a mail of their own, and stands in it alone: addresses of others
    are nobody's business."""
    import icalendar

    calendar, event = icalendar.Calendar(), icalendar.Event()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", _name_method(invitation))
    event.add("uid", f"{invitation.uid}@{get_host(sender)}")
    event.add("sequence", invitation.sequence)
    event.add("dtstamp", invitation.changed_at)
    event.add("dtstart", invitation.starts_at)
    event.add("dtend", invitation.ends_at)
    event.add("summary", _flatten(invitation.title))
    event.add("description", invitation.text)
    event.add("status", "CANCELLED" if invitation.is_cancelled else "CONFIRMED")
    if invitation.place:
        event.add("location", invitation.place)
        event.add("url", invitation.place)
    event.add("organizer", _build_person(icalendar, *sender))
    guest = _build_person(icalendar, invitation.name, invitation.address)
    guest.params.update({"ROLE": "REQ-PARTICIPANT", "PARTSTAT": "NEEDS-ACTION", "RSVP": "TRUE"})
    event.add("attendee", guest)
    calendar.add_component(event)
    return bytes(calendar.to_ical()).decode()


def _build_person(icalendar: Any, name: str, address: str) -> Any:
    person = icalendar.vCalAddress(f"mailto:{address}")
    if name:
        person.params["CN"] = _flatten(name).replace('"', "'")
    return person


def get_host(sender: tuple[str, str]) -> str:
    """The host of the address that it comes from: behind the @ of everything that is to be unlike elsewhere."""
    return sender[1].rpartition("@")[2].lower()


def _name_method(invitation: Invitation) -> str:
    return "CANCEL" if invitation.is_cancelled else "REQUEST"


def _flatten(text: str) -> str:
    """One line without anything that ends a header."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
