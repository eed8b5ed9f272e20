"""What people are told while the database is away: the truth, and whom to call without the bot."""

import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from bot.contacts import ContactBook, Handle, HandleKind, parse_handle
from bot.ports import SlackPayload
from bot.runbook import Runbook
from templates.blocks import build_lines, build_message
from templates.incident_view import has_unfilled_gap
from templates.spans import Bold, Line, Span, UserMention

MAX_LINKS = 6
MAX_CONTACTS = 40
"""More do not fit in one message; the runbook's come first."""

NUMBER = re.compile(r"(?:\d[\s().-]*){6}")
HIDDEN = "more in the contacts file or the runbook, not shown where other companies can read"


def render_database_down(
    runbook: Runbook,
    book: ContactBook,
    in_doubt: bool,
    why: str = "does not answer",
    numbers: bool = False,
    contacts: bool = True,
    people: Mapping[str, str] = MappingProxyType({}),
) -> SlackPayload:
    """The database does not answer or takes no changes (`why`, said after "my database"). Telephone numbers and e-mail
    addresses only with `numbers`: where nobody of another company reads. Guests and strangers are told no `contacts`
    and no links. `people` are ids by e-mail address."""
    if not contacts:
        first = _describe_loss(in_doubt, why, " Try again soon.")
        return build_message([first], build_lines("answer", first))
    first = _describe_loss(in_doubt, why, " Start by hand, and try again soon.")
    texts = {contact.name: contact.text.strip() for contact in runbook.contacts}
    body: list[Line] = [first]
    for name, own in _list_contacts(runbook, book):
        handles = [_name_person(handle, people) for handle in own]
        body.append(("• ", Bold(name), ": ", *_describe_contact(texts.get(name, ""), handles, numbers)))
    body += [("• ", link.name, f": {link.url}") for link in runbook.links[:MAX_LINKS]]
    return build_message(body, build_lines("answer", *body))


def _describe_loss(in_doubt: bool, why: str, what_to_do: str) -> Line:
    if in_doubt:
        return Bold("I lost my database while saving."), " Check whether it was saved before trying again."
    return Bold(f"Nothing was recorded: my database {why}."), what_to_do


def list_addresses(runbook: Runbook, book: ContactBook) -> Sequence[str]:
    """The e-mail addresses by which Slack knows whom to call, each once."""
    handles = [handle for _, own in _list_contacts(runbook, book) for handle in own]
    return list(dict.fromkeys(handle.value for handle in handles if handle.kind is HandleKind.SLACK_EMAIL))


def _list_contacts(runbook: Runbook, book: ContactBook) -> Iterator[tuple[str, Sequence[Handle]]]:
    for name, own in list(book.merge_handles(runbook.contacts).items())[:MAX_CONTACTS]:
        yield name, [parsed for text in own if isinstance(parsed := parse_handle(text), Handle)]


def _name_person(handle: Handle, people: Mapping[str, str]) -> Handle:
    """Somebody by their id in place of an e-mail address, where that is known."""
    known = people.get(handle.value) if handle.kind is HandleKind.SLACK_EMAIL else None
    return Handle(HandleKind.SLACK_USER, known) if known else handle


def _describe_contact(text: str, handles: Sequence[Handle], numbers: bool) -> Line:
    """How to reach somebody without the bot; a gap of the runbook that was never filled in is called one."""
    spans: list[Span] = []
    for span in _ways(text, handles, numbers):
        spans += [", ", span] if spans else [span]
    if not spans:
        return (f"the runbook only says {text}",) if text else ("no contact method that works without me",)
    return tuple(spans)


def _ways(text: str, handles: Sequence[Handle], numbers: bool) -> Iterator[Span]:
    private = [handle for handle in handles if handle.kind in (HandleKind.PHONE, HandleKind.SLACK_EMAIL)]
    said = "" if has_unfilled_gap(text) else text
    yield from (UserMention(handle.value) for handle in handles if handle.kind is HandleKind.SLACK_USER)
    if numbers:
        yield from [said] if said else []
        yield from _list_unsaid(said, private)
        return
    is_public = not (private or NUMBER.search(said))
    if said and is_public and "@" not in said:
        yield said
    if not is_public:
        yield HIDDEN


def _list_unsaid(said: str, private: Sequence[Handle]) -> Iterator[str]:
    """The numbers and addresses that do not stand in the text already."""
    digits = re.sub(r"\D", "", said)
    for handle in private:
        if "@" in handle.value or re.sub(r"\D", "", handle.value) not in digits:
            yield handle.value
