"""`doctor --page NAME`: a test page to each way of one contact, so that the person sees what would reach them."""

import getpass
import os
import socket
import uuid
from contextlib import AsyncExitStack

from bot.adapters.paging import PagingGateway, build_account
from bot.adapters.paging.paging_gateway import BY_PAGERDUTY
from bot.adapters.slack import SlackGateway
from bot.cli.doctor.lines import CheckLine, Level
from bot.cli.start_check import load_settings
from bot.contacts import Handle, HandleKind, read_contacts_file
from bot.domain.page_provider import PageOutcome, PageRequest
from bot.errors import SettingsProblem, SlackCallError
from bot.ports import SlackPayload

SECTION = "Test page"
SUMMARY = "TEST PAGE of Tocsin: nothing is wrong"
AT_PAGERDUTY = "Acknowledge and resolve it there when it has rung."


async def send_trial_pages(name: str) -> list[CheckLine]:
    """One line for each way of the contact. Raises SettingsProblem for wrong settings or a name that nobody has."""
    settings = load_settings()
    book = read_contacts_file(settings.contacts)
    handles = book.ways(name)
    if not handles:
        known = ", ".join(book.handles) or "nobody"
        raise SettingsProblem([f"The contacts file has no ways for “{name}”. It has {known}."])
    details = (
        f"{_name_caller()} tries whether pages reach {name}. There is no incident, nobody else is called, and nothing"
        " follows if you do not answer."
    )
    request = PageRequest(f"test:{uuid.uuid4().hex}", name, SUMMARY, details, severity="info")
    async with AsyncExitStack() as stack:
        token = settings.slack_bot_token.get_secret_value()
        chat = await stack.enter_async_context(SlackGateway(token, settings.slack_api_url))
        pagers = await stack.enter_async_context(PagingGateway(build_account(settings)))
        return [await _send(handle, request, chat, pagers) for handle in handles]


def _name_caller() -> str:
    """Who runs this, for who is rung."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container's user has a number only
        user = f"User {os.getuid()}"
    return f"{user} on {socket.gethostname()}"


async def _send(handle: Handle, request: PageRequest, chat: SlackGateway, pagers: PagingGateway) -> CheckLine:
    match handle.kind:
        case HandleKind.PHONE:
            return CheckLine(SECTION, Level.UNTRIED, f"{handle.shown} is dialled by people", "Dial it.")
        case HandleKind.SLACK_GROUP:
            text = f"{handle.shown} is a user group: everybody in it would be called"
            return CheckLine(SECTION, Level.UNTRIED, text, "Give its people names of their own to try them.")
        case HandleKind.SLACK_USER | HandleKind.SLACK_EMAIL:
            return await _send_message(handle, request, chat)
    answer = await pagers.page(handle, request)
    sent = answer.outcome in (PageOutcome.ACCEPTED, PageOutcome.DELIVERED)
    text = f"{handle.shown}: {answer.sentence}"
    if not sent:
        return CheckLine(SECTION, Level.RED, text, "Mend what it says, then send it again.")
    return CheckLine(
        SECTION, Level.GREEN, f"{text} {AT_PAGERDUTY if handle.kind in BY_PAGERDUTY else ''}".rstrip()
    )


async def _send_message(handle: Handle, request: PageRequest, chat: SlackGateway) -> CheckLine:
    try:
        by_mail = handle.kind is HandleKind.SLACK_EMAIL
        person = (await chat.find_person_by_email(handle.value)).id if by_mail else handle.value
        await chat.post(person, SlackPayload(f"{request.summary}\n{request.details}"), request.key)
    except SlackCallError as error:
        mend = "Set the handle right in the contacts file."
        return CheckLine(SECTION, Level.RED, f"{handle.shown}: {error}", mend)
    return CheckLine(SECTION, Level.GREEN, f"{handle.shown}: Slack has the direct message")
