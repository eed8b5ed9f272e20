"""Notes in the timeline: words that people type, and messages that they keep. What is written there stays."""

from bot.domain.effects import KeepMessage
from bot.domain.results import (
    CommandResult,
    NotedAlreadyResult,
    NotedResult,
    NothingNewResult,
    NoticedResult,
    PinnedResult,
)
from bot.domain.timeline_details import NoteAddedDetail, SourceDeletedDetail, SourceEditedDetail
from bot.errors import RuleViolation
from bot.ports import SlackMessage, Transaction
from bot.services.context import ServiceContext, UserRequest
from bot.services.declare import TEXT_LENGTH
from bot.services.unit_of_work import get_for_update, run_idempotent
from bot.text.truncation import cut, is_blank

NO_WORDS = "(no words, perhaps a picture or a file)"


async def add_note(desk: ServiceContext, request: UserRequest, number: int, text: str) -> CommandResult:
    """Keep words in the timeline. The outcome is `noted` or `refused`."""

    async def change(tx: Transaction) -> CommandResult:
        incident = await get_for_update(tx, request, number)
        if is_blank(text):
            raise RuleViolation(
                "Type what to note: `/incident note Rolled back at 03:10`. Nothing was changed."
            )
        words = cut(text.strip(), TEXT_LENGTH)
        await tx.add_entry(incident.number, request.actor, NoteAddedDetail(text=words))
        return NotedResult(number, text=words)

    return await run_idempotent(desk, request, change)


async def keep_message(
    desk: ServiceContext, request: UserRequest, number: int, said: SlackMessage, source: str
) -> CommandResult:
    """Keep a message in the timeline; `source` is its `channel:ts`. `noted` or `noted_already`."""

    async def change(tx: Transaction) -> CommandResult:
        await get_for_update(tx, request, number)
        if number in await tx.list_notes_of_message(source):
            return NotedAlreadyResult(number)
        return NotedResult(number, text=await _note(tx, number, request.actor, said, source))

    return await run_idempotent(desk, request, change)


async def pin_message(
    desk: ServiceContext, request: UserRequest, number: int | None, channel: str, ts: str
) -> CommandResult:
    """Somebody pinned a message: it is read and kept. `pinned` or `noted_already`; without a `number` nothing is said,
    since only the message tells whether it is about an incident.
    """

    async def change(tx: Transaction) -> CommandResult:
        if number is not None:
            await get_for_update(tx, request, number)
            if number in await tx.list_notes_of_message(f"{channel}:{ts}"):
                return NotedAlreadyResult(number)
        await tx.enqueue([KeepMessage(channel=channel, ts=ts, person=request.actor, incident=number)])
        return PinnedResult(number) if number is not None else NothingNewResult()

    return await run_idempotent(desk, request, change)


async def record_pinned_message(
    tx: Transaction, effect: KeepMessage, number: int, said: SlackMessage
) -> None:
    """Slack said what the pinned message says."""
    source = f"{effect.channel}:{effect.ts}"
    await tx.lock(number)
    if number not in await tx.list_notes_of_message(source):
        await _note(tx, number, effect.person, said, source)


async def update_source_message(
    desk: ServiceContext, request: UserRequest, source: str, text: str | None
) -> CommandResult:
    """A message was edited (`text` is what it says now) or deleted (None). `noticed`, or `nothing_new` where no
    timeline keeps it or its words are the same.
    """

    if not await desk.store.is_noted(source):
        return NothingNewResult()

    async def change(tx: Transaction) -> CommandResult:
        found = await tx.list_notes_of_message(source)
        noticed: int | None = None
        for number, last in found.items():
            if not isinstance(last.detail, NoteAddedDetail | SourceEditedDetail):
                continue
            before = last.detail.text
            words = before if text is None else _words(text)
            if text is not None and words == before:
                continue
            kind = SourceDeletedDetail if text is None else SourceEditedDetail
            await tx.lock(number)
            await tx.add_entry(number, request.actor, kind(text=words, source=source))
            noticed = number
        return NothingNewResult() if noticed is None else NoticedResult(noticed)

    return await run_idempotent(desk, request, change)


async def _note(tx: Transaction, number: int, actor: str, said: SlackMessage, source: str) -> str:
    words = _words(said.text)
    detail = NoteAddedDetail(text=words, link=said.link, author=said.author, source=source)
    await tx.add_entry(number, actor, detail)
    return words


def _words(text: str) -> str:
    return cut(text.strip(), TEXT_LENGTH) or NO_WORDS
