"""What people are told while the database is away: the truth, and whom to call without the bot."""

import re
from collections.abc import Iterator, Sequence

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
    *,
    numbers: bool = False,
) -> SlackPayload:
    """The database does not answer or takes no changes (`why`, said after "my database"). Telephone numbers and e-mail
    addresses only with `numbers`: where nobody of another company reads."""
    first: Line = (
        Bold(f"Nothing was recorded: my database {why}."),
        " Start by hand, and try again soon.",
    )
    if in_doubt:
        first = (
            Bold("I lost my database while saving."),
            " Check whether it was saved before trying again.",
        )
    texts = {contact.name: contact.text.strip() for contact in runbook.contacts}
    body: list[Line] = [first]
    for name, own in list(book.merge_handles(runbook.contacts).items())[:MAX_CONTACTS]:
        handles = [parsed for text in own if isinstance(parsed := parse_handle(text), Handle)]
        body.append(("• ", Bold(name), ": ", *_describe_contact(texts.get(name, ""), handles, numbers)))
    body += [("• ", link.name, f": {link.url}") for link in runbook.links[:MAX_LINKS]]
    return build_message(body, build_lines("answer", *body))


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
